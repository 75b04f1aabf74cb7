"""Mappings and documents are met as a real Elasticsearch 8.19 met them (`record` asks anew)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from isthmus.errors import IsthmusError
from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.mapping import Mapping
from tests.index.mapping.asked import CASES, Step

Recorded = dict[str, Any]
RECORDED: Final[list[Recorded]] = [
    json.loads(line) for line in Path(__file__).with_name("recorded.jsonl").read_text().splitlines()
]
REFUSED: Final = {
    ("date wrong format", 0): "mapper_parsing_exception",  # quarters of a year are refused by name
    ("merge", 6): "illegal_argument_exception",  # norms cannot be taken from a column that has them
    ("merge object", 5): "mapper_parsing_exception",  # nested is refused whatever was there
    ("too deep", 2): "illegal_argument_exception",  # limits are met where the mapping grows, not in the document
    ("too many", 3): "illegal_argument_exception",
}
"""Steps that are answered otherwise, and with which error."""
OTHER_MAPPING: Final = {
    "date wrong format": "it was refused",
    "inference": "Elasticsearch shows an empty [locale] with a date that it found",
    "merge": "norms were refused; a [search_analyzer] that is not repeated stays",
    "merge keyword": "an [ignore_above] that is not repeated stays",
}


def step_taken(mapping: Mapping, step: Step) -> Mapping:
    if "grow" in step:
        return mapping.merge(step["grow"])
    added = mapping.parse(step["doc"], "1").added
    if added is None:
        return mapping
    grown = mapping.merge(added)
    assert grown.parse(step["doc"], "1").added is None
    return grown


def led_through(steps: list[Step]) -> tuple[list[str | None], Mapping | None]:
    told: list[str | None] = []
    mapping: Mapping | None = None
    for step in steps:
        try:
            if "mappings" in step:
                mapping = Mapping.of(step["mappings"], Analyzers())
            elif mapping is not None:
                mapping = step_taken(mapping, step)
            told.append(None)
        except IsthmusError as error:
            told.append(error.type)
    return told, mapping


@pytest.mark.parametrize("one", RECORDED, ids=lambda one: one["name"])
def test_each_step_is_taken_or_refused_as_elasticsearch_does(one: Recorded) -> None:
    expected = [error and error[0] for _, error in one["told"]]
    for (name, at), type_ in REFUSED.items():
        if name == one["name"]:
            assert expected[at] != type_
            expected[at] = type_

    assert led_through(CASES[one["name"]])[0] == expected


@pytest.mark.parametrize("one", [one for one in RECORDED if one["mapping"] is not None], ids=lambda one: one["name"])
def test_the_mapping_becomes_what_it_becomes_in_elasticsearch(one: Recorded) -> None:
    mapping = led_through(CASES[one["name"]])[1]

    assert ((mapping and mapping.as_json()) == one["mapping"]) is (one["name"] not in OTHER_MAPPING)
