"""`copy_to` a field that is not mapped yet: it is learnt as if the document had brought it."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.errors import StrictDynamicMappingError
from isthmus.index.mapping.mapping import Mapping


def mapping(target: str, **more: Any) -> Mapping:
    return Mapping.of({"properties": {"f": {"type": "long", "copy_to": target}}, **more}, Analyzers())


@pytest.mark.parametrize(("target", "path"), [("all", ["all"]), ("deep.all", ["deep", "properties", "all"])])
def test_a_missing_target_is_mapped_and_gets_the_value(target: str, path: list[str]) -> None:
    first = mapping(target)
    added: Any = first.parse({"f": 1}).added
    found = added["properties"]
    for name in path:
        found = found[name]
    assert found == {"type": "long"}
    assert first.merge(added).parse({"f": [1, 2]}).values[target] == [1, 2]


def test_where_nothing_new_is_mapped_the_copy_is_not_made() -> None:
    document = mapping("all", dynamic=False).parse({"f": 1})
    assert (document.added, document.values) == (None, {"f": 1})


def test_where_nothing_new_is_allowed_the_document_is_refused() -> None:
    with pytest.raises(StrictDynamicMappingError, match="all"):
        mapping("all", dynamic="strict").parse({"f": 1})


def test_what_the_object_of_the_target_says_counts() -> None:
    strict = mapping("deep.all")
    strict = strict.merge({"properties": {"deep": {"type": "object", "dynamic": False}}})
    assert strict.parse({"f": 1}).added is None


def test_fields_that_are_copied_to_each_other_are_copied_once() -> None:
    fields = {"f": {"type": "long", "copy_to": "g"}, "g": {"type": "long", "copy_to": "f"}}
    both = Mapping.of({"properties": fields}, Analyzers())
    assert both.parse({"f": 1}).values == {"f": 1, "g": 1}
    assert both.parse({"f": 1, "g": 2}).values == {"f": [1, 2], "g": [1, 2]}


def test_what_is_copied_is_not_copied_on() -> None:
    fields = {"f": {"type": "long", "copy_to": "g"}, "g": {"type": "long", "copy_to": "h"}, "h": {"type": "long"}}
    assert Mapping.of({"properties": fields}, Analyzers()).parse({"f": 1}).values == {"f": 1, "g": 1}
