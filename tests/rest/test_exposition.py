"""Metrics as text, judged by Prometheus' own parser."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from isthmus.rest.exposition import Family, Sample, expose, gauge

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def parsed(text: str) -> list[tuple[str, str, str, list[tuple[dict[str, str], float]]]]:
    families: Any = text_string_to_metric_families(text)
    return [(one.name, one.type, one.documentation, [(s.labels, s.value) for s in one.samples]) for one in families]


def test_the_text_is_that_of_the_formats_page() -> None:
    family = Family("a_total", "counter", "Counts\nof \\.", [Sample(1, {"x": 'a"b\\c\nd'}), Sample(2.5, {"x": ""})])
    assert expose([family]) == (
        '# HELP a_total Counts\\nof \\\\.\n# TYPE a_total counter\na_total{x="a\\"b\\\\c\\nd"} 1\na_total{x=""} 2.5\n'
    )


@given(TEXTS, TEXTS, st.floats(allow_nan=False))
def test_whatever_a_label_or_value_is_comes_back_from_prometheus_parser(first: str, second: str, value: float) -> None:
    labels = {"first": first, "second": second}
    assert parsed(expose([Family("m", "gauge", "Help.", [Sample(value, labels)])])) == [
        ("m", "gauge", "Help.", [(labels, value)])
    ]


def test_numbers_that_are_none_have_names() -> None:
    ((_, _, _, samples),) = parsed(
        expose([Family("m", "gauge", "H.", [Sample(math.nan, {"x": "1"}), Sample(-math.inf, {"x": "2"})])])
    )
    assert math.isnan(samples[0][1])
    assert samples[1][1] == -math.inf


def test_what_is_not_known_is_left_out_and_a_series_stands_once() -> None:
    twice = Family("m", "gauge", "H.", [Sample(1, {"x": "1"}), Sample(2, {"x": "1"})])
    assert parsed(expose([gauge("n", "H.", None), twice])) == [("m", "gauge", "H.", [({"x": "1"}, 1.0)])]


def test_half_a_character_does_not_break_the_page() -> None:
    expose([gauge("m", "H.", 1, {"name": "\ud800"})]).encode()
