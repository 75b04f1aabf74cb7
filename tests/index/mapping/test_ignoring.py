"""Whether a document may have ignored values is told without parsing it, and never wrongly denied."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.mapping import Mapping

SHORT = Mapping.of({"dynamic": False, "properties": {"k": {"type": "keyword", "ignore_above": 5}}}, Analyzers())
VALUES = st.text(max_size=12) | st.integers(-(10**12), 10**12) | st.booleans()


@given(st.dictionaries(st.sampled_from(["k", "other"]), VALUES | st.lists(VALUES, max_size=3)))
def test_a_document_of_which_it_is_denied_has_ignored_nothing(document: dict[str, object]) -> None:
    for ascii_ in (True, False):
        source = json.dumps(document, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
        if SHORT.parse(document).ignored:
            assert SHORT.may_ignore(source)


@pytest.mark.parametrize("source", [b'{"k": "12345"}', b'{"k": ["a", "b", "c", "d"]}'])
def test_short_values_are_denied(source: bytes) -> None:
    assert not SHORT.may_ignore(source)


def test_without_a_limit_nothing_is_ever_ignored_and_what_may_be_malformed_is_looked_at() -> None:
    free = Mapping.of({"properties": {"k": {"type": "keyword"}}}, Analyzers())
    assert not free.may_ignore(b'{"k": "a long, long text"}')
    lenient = Mapping.of({"properties": {"n": {"type": "long", "ignore_malformed": True}}}, Analyzers())
    assert lenient.may_ignore(b"{}")
