"""The mapping for somebody who does not see all fields: what he is shown of it, and what has values for him."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.mapping.visible import VisibleMapping, visible_definition
from isthmus.security.authorization.access import UNLIMITED, IndexAccess
from isthmus.security.roles.descriptor import FieldSecurity

KEYWORD = {"type": "keyword"}
MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "team": KEYWORD,
        "text": {"type": "text", "fields": {"raw": KEYWORD, "more": KEYWORD}},
        "obj": {"properties": {"a": KEYWORD, "b": KEYWORD}},
        "flat": {"type": "flattened"},
        "same": {"type": "constant_keyword", "value": "v"},
    },
}


def granting(*grant: str, excluded: tuple[str, ...] = ()) -> IndexAccess:
    return IndexAccess(fields=((FieldSecurity(grant=grant, excluded=excluded),),))


@pytest.mark.parametrize(
    ("access", "left"),
    [
        (granting("team"), {"team": KEYWORD}),
        (granting("obj.a"), {"obj": {"properties": {"a": KEYWORD}}}),
        (granting("obj"), {"obj": {"properties": {}}}),
        (granting("text.raw"), {"text": {"properties": {"raw": KEYWORD}}}),
        (granting("text"), {"text": {"type": "text"}}),
        (granting("text*", excluded=("text.more",)), {"text": {"type": "text", "fields": {"raw": KEYWORD}}}),
    ],
)
def test_a_mapping_is_shown_without_fields_that_are_not_seen(access: IndexAccess, left: Any) -> None:
    assert visible_definition(MAPPING, access) == {"dynamic": "strict", "properties": left}


def test_a_mapping_is_shown_whole_to_who_sees_all() -> None:
    assert visible_definition(MAPPING, UNLIMITED) == MAPPING


def test_fields_that_are_not_seen_stay_mapped_and_have_no_values() -> None:
    mapping = VisibleMapping(Mapping.of(MAPPING, Analyzers()), granting("team", "text.raw", "flat.a"))
    assert [one.path for one in mapping.fields("t*")] == ["team", "text", "text.more", "text.raw"]
    assert [one for one in ("team", "text", "text.raw", "flat", "flat.a", "flat.b") if mapping.shows(one)] == [
        "team",
        "text.raw",
        "flat.a",
    ]
    same = mapping.field("same")
    assert same is not None
    assert same.value is None
    parsed = mapping.parse({"team": "red", "text": "x", "obj": {"a": "y"}, "flat": {"a": "1", "b": "2"}})
    assert parsed.values == {"team": "red", "text.raw": "x", "flat.a": ["1"]}
    assert parsed.names == []


def test_a_flattened_field_is_seen_if_all_below_it_is() -> None:
    mapping = Mapping.of(MAPPING, Analyzers())
    assert VisibleMapping(mapping, granting("flat", "flat.*")).shows("flat")
    assert not VisibleMapping(mapping, granting("*", excluded=("flat.b",))).shows("flat")
