"""Source filtering, as Elasticsearch's documentation tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.index.fetching.source_filtering import filtered
from isthmus.query.source_filter import SourceFilter

SOURCE = b'{"a":{"b":1.50,"c":[{"d":1,"e":2},{"e":3}]},"f.g":12345678901234567890,"h":{},"i":[]}'


@pytest.mark.parametrize(
    ("includes", "excludes", "left"),
    [
        (("a",), (), b'{"a":{"b":1.50,"c":[{"d":1,"e":2},{"e":3}]}}'),
        (("a.*",), ("a.c",), b'{"a":{"b":1.50}}'),
        (("*.d",), (), b'{"a":{"c":[{"d":1}]}}'),
        ((), ("a.c.e",), b'{"a":{"b":1.50,"c":[{"d":1},{}]},"f.g":12345678901234567890,"h":{},"i":[]}'),
        (("f",), (), b'{"f.g":12345678901234567890}'),
        (("h", "i"), (), b'{"h":{},"i":[]}'),
        (("nothing",), (), b"{}"),
        ((), ("*",), b"{}"),
    ],
)
def test_what_is_left_of_a_source(includes: tuple[str, ...], excludes: tuple[str, ...], left: bytes) -> None:
    assert filtered(SOURCE, SourceFilter(includes=includes, excludes=excludes)) == left


def test_a_source_that_is_switched_off_is_not_shown() -> None:
    assert filtered(SOURCE, SourceFilter(enabled=False)) is None


names = st.sampled_from(["a", "b", "a.b", "c"])
trees = st.dictionaries(
    names, st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(names, inner))
)


@given(tree=trees)
def test_including_everything_changes_nothing(tree: dict[str, Any]) -> None:
    source = json.dumps(tree).encode()

    assert json.loads(filtered(source, SourceFilter(includes=("*",))) or b"") == tree


@given(tree=trees)
def test_what_is_included_and_excluded_are_the_whole(tree: dict[str, Any]) -> None:
    source = json.dumps(tree).encode()
    shown = json.loads(filtered(source, SourceFilter(includes=("a",))) or b"")
    hidden = json.loads(filtered(source, SourceFilter(excludes=("a",))) or b"")

    assert {**shown, **hidden} == tree
    assert not shown.keys() & hidden.keys()
