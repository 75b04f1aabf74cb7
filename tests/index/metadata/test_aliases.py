"""The actions on aliases: all or none, and one write index at most."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import UsageError
from isthmus.index.metadata.aliases import apply_actions, parse_aliases, shown
from isthmus.index.metadata.errors import AliasesNotFoundError, IndexNotFoundError, InvalidAliasNameError
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata


def index(name: str, **aliases: Alias) -> IndexMetadata:
    return IndexMetadata(name=name, uuid="u", node="n", creation_date=0, aliases=aliases)


HELD = {one.name: one for one in (index("a", old=Alias(), writer=Alias(is_write_index=True)), index("b"))}


def any_filter(_query: Any) -> None:
    """Every filter is a query."""


def apply(*actions: Any) -> tuple[dict[str, dict[str, Alias]], list[str]]:
    return apply_actions({"actions": list(actions)}, HELD, any_filter)


def test_an_alias_is_told_as_it_was_given() -> None:
    given = {"filter": {"term": {"a": 1}}, "index_routing": "1", "search_routing": "2", "is_write_index": False}
    assert shown(parse_aliases({"x": given}, any_filter)["x"]) == given
    assert shown(parse_aliases({"x": {"routing": "1"}}, any_filter)["x"]) == {
        "index_routing": "1",
        "search_routing": "1",
    }


def test_an_alias_moves_from_one_index_to_another_at_once() -> None:
    changed, removed = apply({"remove": {"index": "a", "alias": "old"}}, {"add": {"index": "b", "alias": "old"}})
    assert (set(changed["a"]), set(changed["b"]), removed) == ({"writer"}, {"old"}, [])


def test_an_alias_takes_the_place_of_an_index_that_goes_with_the_same_request() -> None:
    changed, removed = apply({"remove_index": {"index": "b"}}, {"add": {"index": "a", "alias": "b"}})
    assert "b" in changed["a"]
    assert removed == ["b"]


def test_an_alias_may_not_have_the_name_of_an_index_that_stays() -> None:
    with pytest.raises(InvalidAliasNameError, match="same name"):
        apply({"add": {"index": "a", "alias": "b"}})


def test_two_write_indices_of_one_alias_are_refused() -> None:
    with pytest.raises(UsageError, match=r"more than one write index \[a,b\]"):
        apply({"add": {"index": "b", "alias": "writer", "is_write_index": True}})


def test_what_must_exist_and_does_not_is_told() -> None:
    apply({"remove": {"index": "a", "alias": "gone"}}, {"remove": {"index": "a", "alias": "old"}})
    with pytest.raises(AliasesNotFoundError, match="gone"):
        apply({"remove": {"index": "a", "alias": "gone", "must_exist": True}})
    with pytest.raises(IndexNotFoundError):
        apply({"add": {"index": "gone", "alias": "x"}})


@pytest.mark.parametrize(
    ("action", "named"),
    [
        ({"ad": {}}, "did you mean [add]?"),
        ({"add": {"index": "a", "alias": "x", "filtr": {}}}, "did you mean [filter]?"),
        ({"add": {"alias": "x"}}, "[index]"),
        ({"add": {"index": "a"}}, "[alias]"),
        ({}, "[add]"),
    ],
)
def test_a_wrong_action_is_refused_by_name(action: Any, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        apply(action)
    assert named in caught.value.reason


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ({"remove": {"index": "*", "alias": "a", "must_exist": "False"}}, "x_content_parse_exception"),
        ({"add": {"index": "*", "alias": "a", "routing": ["1"]}}, "x_content_parse_exception"),
        ({"add": {"index": "*", "alias": "a", "filter": 3}}, "x_content_parse_exception"),
        ({"add": {"index": "*", "alias": "a", "filter": {"wrong": 3}}}, "illegal_argument_exception"),
        ({"add": {"index": "*", "alias": "a*"}}, "invalid_alias_name_exception"),
    ],
)
def test_what_is_wrong_with_an_action_has_its_type(action: object, error: str) -> None:
    index = IndexMetadata(name="logs", uuid="u", node="n", creation_date=0)

    def check_filter(query: object) -> None:
        raise UsageError("no such query")

    with pytest.raises(UsageError) as caught:
        apply_actions({"actions": [action]}, {"logs": index}, check_filter)
    assert caught.value.type == error


def test_removals_of_which_none_can_be_made_are_refused() -> None:
    gone = {"remove": {"index": "*", "alias": "gone", "must_exist": False}}
    with pytest.raises(AliasesNotFoundError, match=r"aliases \[gone\] missing"):
        apply_actions({"actions": [gone, gone]}, HELD, any_filter)
    changed, _ = apply_actions({"actions": [gone, {"remove": {"index": "a", "alias": "old"}}]}, HELD, any_filter)
    assert set(changed["a"]) == {"writer"}


def test_a_removal_says_nothing_of_what_an_alias_is() -> None:
    with pytest.raises(UsageError, match=r"\[remove\] unknown field \[filter\]"):
        apply_actions({"actions": [{"remove": {"index": "a", "alias": "old", "filter": {}}}]}, HELD, any_filter)
