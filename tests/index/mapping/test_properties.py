"""What holds of every document."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError
from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.mapping import Mapping
from isthmus.query.date_formats import formats

NAMES = st.sampled_from(["a", "b", "a.b", "a.b.c", "", ".", " ", "_id"]) | st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just("2024-01-02")
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_a_document_teaches_a_mapping_once_or_is_refused(source: dict[str, Any]) -> None:
    mapping = Mapping.of({}, Analyzers())
    try:
        mapping = mapping.merge(mapping.parse(source).added or {})
        again = mapping.parse(source)
    except IsthmusError:
        return
    assert again.added is None
    assert Mapping.of(mapping.as_json(), Analyzers()).as_json() == mapping.as_json()


@given(VALUES)
def test_anything_given_as_a_mapping_makes_one_or_is_refused(given_: Any) -> None:
    for mapping in (given_, {"properties": given_}, {"properties": {"a": given_}}):
        try:
            made = Mapping.of(mapping, Analyzers())
        except IsthmusError:
            continue
        assert Mapping.of(made.as_json(), Analyzers()).as_json() == made.as_json()


MOMENTS = st.datetimes().map(lambda at: f"{at.isoformat(timespec='milliseconds')}Z")
ONE_CHANGED = st.builds(
    lambda text, at, other: f"{text[:at]}{other}{text[at + 1 :]}",
    MOMENTS,
    st.integers(0, 23),
    st.sampled_from("0123456789-:.TZtz,+ ٣W"),
)


@given(MOMENTS | ONE_CHANGED)
def test_a_date_of_a_document_is_what_its_format_says(text: str) -> None:
    (format_,) = formats("strict_date_optional_time")
    expected = format_.parse(text, None, up=False)
    mapping = Mapping.of({"properties": {"at": {"type": "date"}}}, Analyzers())
    try:
        found = mapping.parse({"at": text}).values["at"]
    except IsthmusError:
        assert expected is None
    else:
        # The other format of the default takes digits alone, which no text of this shape is.
        assert found == expected


@given(st.text(max_size=12) | st.integers() | st.booleans())
def test_a_multi_field_has_what_it_would_have_alone(value: Any) -> None:
    inner = {"type": "keyword", "ignore_above": 8}
    both = Mapping.of({"properties": {"a": {"type": "text", "fields": {"raw": inner}}}}, Analyzers()).parse(
        {"a": value}
    )
    alone = Mapping.of({"properties": {"a": inner}}, Analyzers()).parse({"a": value})
    text = Mapping.of({"properties": {"a": {"type": "text"}}}, Analyzers()).parse({"a": value})

    assert both.values.get("a.raw") == alone.values.get("a")
    assert both.values["a"] == text.values["a"]
    assert both.names == text.names
    assert bool(both.ignored) == bool(alone.ignored)
