"""`filter_path` keeps what was asked for and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import UsageError
from isthmus.rest.filter_path import compile_filter
from isthmus.rest.wildcards import matches

BOOKS: dict[str, Any] = {
    "title": "one",
    "pages": 3,
    "store": {"a": {"name": "x", "http": {"name": "y"}}, "b": {"name": "z"}, "empty": {}},
    "list": [{"name": 1, "age": 2}, {"age": 3}, [{"name": 4}]],
}

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "**", "-a", "-*", "-**", "a*", ""]), max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("", BOOKS),
        ("title", {"title": "one"}),
        ("title,pages", {"title": "one", "pages": 3}),
        ("ti*,p*s", {"title": "one", "pages": 3}),
        ("store.a.name", {"store": {"a": {"name": "x"}}}),
        ("store.a", {"store": {"a": BOOKS["store"]["a"]}}),
        ("store.*.name", {"store": {"a": {"name": "x"}, "b": {"name": "z"}}}),
        ("store.**.name", {"store": {"a": {"name": "x", "http": {"name": "y"}}, "b": {"name": "z"}}}),
        ("**.http", {"store": {"a": {"http": {"name": "y"}}}}),
        ("**.**.http", {"store": {"a": {"http": {"name": "y"}}}}),
        ("list.name", {"list": [{"name": 1}, [{"name": 4}]]}),
        ("nothing.here", {}),
        ("title.deeper", {}),
        ("-store,-list", {"title": "one", "pages": 3}),
        ("-store,-list,-pages,-title", {}),
        ("store.*.name,-store.b", {"store": {"a": {"name": "x"}}}),
        ("store,-**.name", {"store": {"empty": {}}}),
        ("-store.a.name,-list,-title,-pages", {"store": BOOKS["store"] | {"a": {"http": {"name": "y"}}}}),
    ],
)
def test_paths_keep_what_they_mean(asked: str, kept: object) -> None:
    assert compile_filter(asked)(BOOKS) == kept


def test_an_array_at_the_root_is_looked_through() -> None:
    rows = [{"ip": "1", "name": "a"}, {"ip": "2"}]
    assert compile_filter("name")(rows) == [{"name": "a"}]
    assert compile_filter("other")(rows) == []


def test_too_many_paths_are_refused() -> None:
    with pytest.raises(UsageError):
        compile_filter(",".join(["a"] * 257))


@given(JSON, PATTERNS, PATTERNS)
def test_what_is_kept_was_there_and_the_value_is_not_changed(value: Any, first: str, second: str) -> None:
    before = repr(value)
    kept = compile_filter(f"{first},{second}")(value)
    assert repr(value) == before
    assert set(leaves(kept)) <= set(leaves(value))


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(value, dict):
        return [leaf for name, member in value.items() for leaf in leaves(member, (*path, name))]
    if isinstance(value, list):
        return [leaf for member in value for leaf in leaves(member, (*path, "[]"))]
    return [(*path, type(value).__name__, value)]


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("*", "", True),
        ("a*", "a", True),
        ("*a*b*", "xaxbx", True),
        ("*a*b*", "xbxax", False),
        ("a*a", "a", False),
        ("a**c", "abc", True),
        ("a?c", "abc", False),
        ("a.c", "abc", False),
    ],
)
def test_a_star_stands_for_any_text_and_nothing_else_is_special(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits


def test_a_hostile_pattern_is_answered_at_once() -> None:
    assert not matches("a*" * 2000 + "b", "a" * 4000)
