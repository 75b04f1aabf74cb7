"""A document without the fields that are not seen, as a real Elasticsearch 8.19 shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.index.fetching.visible_source import visible_source
from isthmus.security.authorization.access import UNLIMITED, IndexAccess
from isthmus.security.roles.descriptor import FieldSecurity

DOCUMENT = {
    "team": "red",
    "secret": "s1",
    "obj": {"a": "x", "b": "y"},
    "list": [{"p": 1, "q": 2}, {"q": 3}],
    "nums": [1, 2],
    "empty": {},
    "dotted.name": 1,
}


def granting(*grant: str, excluded: tuple[str, ...] = ()) -> IndexAccess:
    return IndexAccess(fields=((FieldSecurity(grant=grant, excluded=excluded),),))


def shown(access: IndexAccess, document: Any = DOCUMENT) -> Any:
    return json.loads(visible_source(json.dumps(document).encode(), access))


@pytest.mark.parametrize(
    ("access", "left"),
    [
        (granting("team", "obj.a"), {"team": "red", "obj": {"a": "x"}}),
        (granting("obj"), {}),
        (granting("nums.x"), {}),
        (granting("list.p"), {"list": [{"p": 1}, {}]}),
        (granting("dotted.*"), {"dotted.name": 1}),
        (
            granting("*", excluded=("secret", "obj.*", "list.q")),
            {"team": "red", "list": [{"p": 1}, {}], "nums": [1, 2], "dotted.name": 1},
        ),
    ],
)
def test_of_an_object_is_left_what_is_seen_below_it(access: IndexAccess, left: Any) -> None:
    assert shown(access) == left


def test_who_sees_all_gets_the_very_bytes() -> None:
    source = b'{ "a": 1.0, "b": {} }'
    assert visible_source(source, UNLIMITED) is source


def test_values_that_are_seen_keep_their_bytes() -> None:
    assert visible_source(b'{"n": 1.50e3, "s": "\\u0061"}', granting("n", "s")) == b'{"n":1.50e3,"s":"\\u0061"}'


names = st.sampled_from(["a", "b", "c", "a.b"])
documents = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=2),
    lambda inner: (
        st.dictionaries(names, inner, max_size=3) | st.lists(st.dictionaries(names, inner, max_size=2), max_size=2)
    ),
    max_leaves=8,
)


@given(st.dictionaries(names, documents, max_size=3), st.lists(st.sampled_from(["a", "a.*", "*b", "c", "*.c"])))
def test_no_value_is_left_whose_path_is_not_seen_and_none_is_lost_that_is(document: Any, grant: list[str]) -> None:
    access = granting(*grant)
    assert sorted(leaves(shown(access, document))) == sorted(one for one in leaves(document) if access.sees(one[0]))


def leaves(value: Any, path: str = "") -> list[tuple[str, int]]:
    if isinstance(value, dict):
        return [one for name, inner in value.items() for one in leaves(inner, f"{path}.{name}" if path else name)]
    if isinstance(value, list):
        return [one for inner in value for one in leaves(inner, path)]
    return [(path, value)]
