"""Changes to dynamic settings: their shapes, and which are allowed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import UsageError
from isthmus.settings import declared
from isthmus.settings.entries import Value
from isthmus.settings.updates import MAX_DEPTH, MAX_NAMES, flatten, judge_change, nest

DENIED = "isthmus.tls.denied_certificates"


@pytest.mark.parametrize(
    "tree",
    [
        {"a": {"b": {"c": "1"}}, "d": "2"},
        {"a.b.c": "1", "d": "2"},
        {"a.b": {"c": 1}, "d": "2"},
        {"a": {"b.c": "1"}, "d": 2},
    ],
    ids=["nested", "dotted", "mixed", "mixed the other way"],
)
def test_names_may_be_nested_dotted_or_both(tree: dict[str, Any]) -> None:
    assert flatten(tree) == {"a.b.c": "1", "d": "2"}


def test_scalars_become_texts_and_null_stays() -> None:
    assert flatten({"a": True, "b": 1.5, "c": ["x", 2], "d": None, "e": {"*": None}}) == {
        "a": "true",
        "b": "1.5",
        "c": ("x", "2"),
        "d": None,
        "e.*": None,
    }


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ({"a.b": "1", "a": {"b": "2"}}, "duplicate settings key [a.b]"),
        ({"a": [{"b": 1}]}, "[a] is neither"),
        ({"a": [None]}, "[a] is neither"),
        ({"": "1"}, "1 to 255 characters"),
        ({"a" * 256: "1"}, "1 to 255 characters"),
        ({str(number): "1" for number in range(MAX_NAMES + 1)}, "more than 1000 settings"),
    ],
)
def test_what_no_setting_can_be_is_refused(tree: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told.replace("[", r"\[")):
        flatten(tree)


def test_depth_is_bounded() -> None:
    tree: dict[str, Any] = {"x": "1"}
    for _ in range(MAX_DEPTH + 1):
        tree = {"x": tree}
    with pytest.raises(UsageError, match="deeper than"):
        flatten(tree)


def test_what_stands_below_a_value_keeps_its_dots() -> None:
    assert nest({"a.b": "1", "a.b.c": "2", "d.e": ("x",)}) == {"a": {"b": "1", "b.c": "2"}, "d": {"e": ["x"]}}


NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join)


@given(st.dictionaries(NAMES, st.one_of(st.text(max_size=3), st.lists(st.text(max_size=3)).map(tuple))))
def test_a_tree_holds_exactly_what_was_put_into_it(flat: dict[str, Value]) -> None:
    assert flatten(nest(flat)) == flat


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "isthmus.tls.denied_certificate",
            "x",
            rf"persistent setting \[.*\], not recognized \(did you mean \[{DENIED}\]",
        ),
        ("xyz", None, r"persistent setting \[xyz\], not recognized"),
        ("cluster.metadata", None, r"not recognized"),
        ("http.port", "9200", r"persistent setting \[http.port\], not dynamically updateable"),
        ("http.port", None, r"not dynamically updateable"),
        ("cluster.remote.berlin.credentials", "secret", r"is a secret.*keystore add cluster.remote.berlin.credentials"),
        (DENIED, "nobody", rf"failed to parse value \[nobody\] for setting \[{DENIED}\]: an entry is"),
    ],
)
def test_what_may_not_be_changed_is_refused_by_name(name: str, value: Value | None, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        judge_change(declared(), "persistent", {name: value}, {})
    assert "secret" not in str(caught.value) or "is a secret" in str(caught.value)
    assert (caught.value.type, caught.value.status) == ("illegal_argument_exception", 400)


def test_null_with_a_star_deletes_all_that_it_matches() -> None:
    stored: dict[str, Value] = {"cluster.metadata.a": "1", "cluster.metadata.b.c": "2", DENIED: ()}
    change = judge_change(declared(), "transient", {"cluster.metadata.*": None}, stored)
    assert change == {"cluster.metadata.a": None, "cluster.metadata.b.c": None}
    assert set(judge_change(declared(), "transient", {"*": None}, stored)) == set(stored)
    assert judge_change(declared(), "transient", {"nothing.*": None}, stored) == {}


def test_what_a_newer_release_stored_can_be_deleted() -> None:
    assert judge_change(declared(), "persistent", {"future": None}, {"future": "1"}) == {"future": None}
