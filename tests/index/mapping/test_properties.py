"""What holds of every document."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError
from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.mapping import Mapping

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
