"""What the settings of an index say of its fields is in force where a field does not say it itself."""

from __future__ import annotations

import re
from typing import Any

import pytest

from isthmus.index.mapping.errors import DocumentParsingError
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.shard.shard import make_mapping

FIELDS = {"n": {"type": "long"}, "own": {"type": "long", "ignore_malformed": False, "coerce": True}}


def mapping(**settings: str) -> Mapping:
    return make_mapping({"properties": FIELDS}, {f"index.mapping.{name}": value for name, value in settings.items()})


def test_an_index_that_ignores_what_is_malformed_keeps_the_rest_of_the_document() -> None:
    parsed = mapping(ignore_malformed="true").parse({"n": "many", "own": 3})
    assert (parsed.ignored, parsed.values) == (["n"], {"own": 3})


@pytest.mark.parametrize(
    ("setting", "document"),
    [
        ({"ignore_malformed": "true"}, {"own": "many"}),
        ({"coerce": "false"}, {"n": "5"}),
        ({"coerce": "false"}, {"n": 5.5}),
        ({}, {"n": "many"}),
    ],
)
def test_what_neither_the_field_nor_the_index_allows_is_refused(
    setting: dict[str, str], document: dict[str, Any]
) -> None:
    with pytest.raises(DocumentParsingError, match="failed to parse field"):
        mapping(**setting).parse(document)


def test_the_rules_of_the_index_hold_for_fields_that_are_added() -> None:
    grown = mapping(ignore_malformed="true", coerce="false").merge({"properties": {"later": {"type": "integer"}}})
    assert grown.parse({"later": "5", "own": "5"}).ignored == ["later"]
    assert "ignore_malformed" not in grown.as_json()["properties"]["later"]


@pytest.mark.parametrize(("value", "shown"), [(True, "true"), ({"a": 1}, '{"a":1}'), ("many", "many")])
def test_a_value_that_does_not_fit_is_shown_as_the_document_has_it(value: object, shown: str) -> None:
    with pytest.raises(DocumentParsingError, match=re.escape(f"Preview of field's value: '{shown}'")):
        mapping().parse({"n": value})


def test_a_flattened_object_is_no_deeper_than_its_field_allows() -> None:
    shallow = make_mapping({"properties": {"f": {"type": "flattened", "depth_limit": 2}}}, {})
    assert shallow.parse({"f": {"a": {"b": 1}}}).values["f.a.b"] == ["1"]
    with pytest.raises(DocumentParsingError, match=r"\[f\] exceeds the maximum depth limit of \[2\]"):
        shallow.parse({"f": {"a": {"b": {"c": 1}}}})
