"""The types of settings' values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.settings import values
from isthmus.settings.values import PortRange, ValueType

TYPES: list[ValueType[object]] = [
    values.text,
    values.boolean,
    values.ports,
    values.integer(0, 10),
    values.choice("a", "b"),
    values.time_value(0.001),
    values.byte_size(1, 1 << 40),
    values.list_of(values.text),
]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30s", 30.0),
        ("500ms", 0.5),
        ("5m", 300.0),
        ("2h", 7200.0),
        ("1d", 86400.0),
        ("1500micros", 0.0015),
        ("1 s", 1.0),
    ],
)
def test_times_have_a_unit(written: str, seconds: float) -> None:
    assert values.time_value(0.001).parse(written) == pytest.approx(seconds)


@pytest.mark.parametrize("written", ["30", "1.5s", "-1", "s", "30 S", "0", "1w", "", "99999999999d", "1s1s", "٣s"])
def test_a_time_without_unit_with_fraction_or_out_of_bounds_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"time with its unit|at least"):
        values.time_value(0.001).parse(written)


@pytest.mark.parametrize(
    ("written", "size"), [("64kb", 65536), ("512b", 512), ("1gb", 1 << 30), ("2MB", 2 << 20), ("1tb", 1 << 40)]
)
def test_sizes_have_a_unit(written: str, size: int) -> None:
    assert values.byte_size(1, 1 << 40).parse(written) == size


@pytest.mark.parametrize("written", ["64", "1.5mb", "2tb", "0", "k", "10%"])
def test_a_size_without_unit_or_out_of_bounds_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"size with its unit|it must be"):
        values.byte_size(1, 1 << 40).parse(written)


@pytest.mark.parametrize("written", ["True", "TRUE", "yes", "no", "on", "1", "0", "", " true"])
def test_only_true_and_false_are_booleans(written: str) -> None:
    with pytest.raises(ValueError, match=r"\[true\] or \[false\]"):
        values.boolean.parse(written)


@pytest.mark.parametrize(
    ("written", "ports"),
    [("9200-9300", PortRange(9200, 9300)), ("0", PortRange(0, 0)), ("443", PortRange(443, 443))],
)
def test_ports_are_one_or_a_range(written: str, ports: PortRange) -> None:
    assert values.ports.parse(written) == ports
    assert str(ports) == written
    assert list(ports) == list(range(ports.first, ports.last + 1))


@pytest.mark.parametrize("written", ["65536", "9300-9200", "0-10", "-1", "1-", "a", "1-2-3", "9200 - 9300", "99999"])
def test_a_port_range_must_go_up_and_end_below_65536(written: str) -> None:
    with pytest.raises(ValueError, match=r"port|range"):
        values.ports.parse(written)


@pytest.mark.parametrize("given_as", [("a", "b"), ["a", "b"], "a,b", "a, b", " a ,b "])
def test_a_list_may_be_one_text_with_commas(given_as: object) -> None:
    assert values.list_of(values.text).parse(given_as) == ("a", "b")


def test_an_empty_list_is_a_list() -> None:
    assert values.list_of(values.text).parse(()) == ()
    assert values.list_of(values.text).parse("") == ()


@pytest.mark.parametrize("given_as", ["a,,b", ("a", ""), "a,"])
def test_a_list_has_no_empty_items(given_as: object) -> None:
    with pytest.raises(ValueError, match="empty"):
        values.list_of(values.text).parse(given_as)


@pytest.mark.parametrize("value_type", TYPES[:-1], ids=lambda value_type: value_type.name)
def test_a_single_value_is_no_list(value_type: ValueType[object]) -> None:
    with pytest.raises(ValueError, match="not a list"):
        value_type.parse(("a", "b"))


def refusal_of(value_type: ValueType[object], value: object) -> str | None:
    try:
        value_type.parse(value)
    except ValueError as rule:
        return str(rule)
    return None


@given(st.sampled_from(TYPES), st.one_of(st.text(), st.lists(st.text()), st.none(), st.integers()))
def test_any_input_is_parsed_or_refused_with_a_rule(value_type: ValueType[object], value: object) -> None:
    assert refusal_of(value_type, value) != ""


@given(st.sampled_from(TYPES), st.text(alphabet="secret-0123456789", min_size=6))
def test_a_refusal_never_repeats_the_value(value_type: ValueType[object], value: str) -> None:
    assert value not in (refusal_of(value_type, value) or "")
