"""Sorts by what is no field of the mapping, and what hits show of their values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.search.conftest import Searching
from tests.search.site import ids, sequence


@pytest.fixture
async def numbers(searching: Searching) -> Searching:
    await searching.site.index("here", sequence(3), node="one")
    await searching.site.index("there", sequence(3, 3), node="two")
    return searching


async def sorted_by(numbers: Searching, *sort: Any, **more: Any) -> Any:
    answer = await numbers.ask("POST", "/_search", {"sort": list(sort), **more})
    assert answer.status == 200, answer.json
    return answer.json


async def test_hits_are_sorted_by_the_name_of_their_index(numbers: Searching) -> None:
    found = await sorted_by(numbers, {"_index": "desc"}, {"n": "desc"})
    assert ids(found) == ["005", "004", "003", "002", "001", "000"]
    assert found["hits"]["hits"][0]["sort"] == ["there", 5]


async def test_hits_are_sorted_by_when_they_were_written(numbers: Searching) -> None:
    found = await sorted_by(numbers, {"_seq_no": "desc"}, "_index")
    assert ids(found) == ["002", "005", "001", "004", "000", "003"]
    assert found["hits"]["hits"][0]["sort"] == [2, "here"]


@pytest.mark.parametrize("sort", [["_index", "n"], [{"_index": "desc"}, "_seq_no"], ["_seq_no", "_index"]])
async def test_pages_by_these_sorts_show_every_hit_once(numbers: Searching, sort: list[Any]) -> None:
    whole = ids(await sorted_by(numbers, *sort))
    paged: list[str] = []
    more: dict[str, Any] = {}
    while hits := (await sorted_by(numbers, *sort, size=2, **more))["hits"]["hits"]:
        paged += [hit["_id"] for hit in hits]
        more = {"search_after": hits[-1]["sort"]}
    assert paged == whole


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"sort": [{"gone": {"unmapped_type": "lnog"}}]}, "No mapper found for type [lnog]"),
        ({"sort": [{"tag.keyword": {"format": "yyyy"}}]}, "does not support custom formats"),
        ({"docvalue_fields": [{"field": "n", "format": "0.00"}]}, "Field [n] of type [long] does not support custom"),
        ({"fields": [{"field": "n", "format": "yyyy"}]}, "Field [n] of type [long] does not support custom formats"),
        ({"collapse": {"field": "_index"}}, "no mapping found for `_index` in order to collapse on"),
    ],
)
async def test_what_a_field_cannot_do_is_told_and_not_left_aside(
    numbers: Searching, body: dict[str, Any], reason: str
) -> None:
    refused = await numbers.ask("POST", "/_search", body)
    assert refused.status == 400
    assert reason in refused.json["error"]["root_cause"][0]["reason"]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [([], {"_id"}), ("*", {"_id"}), (["n"], {"_id"}), ("_source", {"_id", "_source"}), ("_none_", set())],
)
async def test_stored_fields_are_shown_instead_of_the_source(
    numbers: Searching, stored: str | list[str], shown: set[str]
) -> None:
    always = {"_index", "_score", "_version"}
    answers = [await numbers.ask("POST", "/here/_search", {"stored_fields": stored, "version": True})]
    if isinstance(stored, str):
        answers.append(await numbers.ask("GET", f"/here/_search?stored_fields={stored}&version=true"))
    for answer in answers:
        assert [set(hit) for hit in answer.json["hits"]["hits"]] == [always | shown] * 3


async def test_who_asks_for_the_source_too_gets_it(numbers: Searching) -> None:
    answer = await numbers.ask("GET", "/here/_search?stored_fields=n&_source=n", {"size": 1})
    assert answer.json["hits"]["hits"][0]["_source"] == {"n": 0}
    refused = await numbers.ask("POST", "/here/_search", {"stored_fields": ["_none_", "n"]})
    assert "cannot combine _none_ with other fields" in refused.reason


async def test_fields_that_are_not_mapped_are_shown_to_those_who_ask_for_them(searching: Searching) -> None:
    document = {"n": 1, "extra": {"a": [1, 2], "b": {"c": "x"}}, "other": None}
    mappings = {"dynamic": False, "properties": {"n": {"type": "long"}}}
    await searching.site.index("here", {"1": document}, mappings=mappings)
    shown: dict[str, dict[str, Any]] = {
        "*": {"n": [1], "extra.a": [1, 2], "extra.b.c": ["x"]},
        "extra.b*": {"extra.b.c": ["x"]},
        "extra.a": {"extra.a": [1, 2]},
    }
    for pattern, fields in shown.items():
        asked = {"fields": [{"field": pattern, "include_unmapped": True}]}
        answer = await searching.ask("POST", "/here/_search", asked)
        assert answer.json["hits"]["hits"][0]["fields"] == fields
    plain = await searching.ask("POST", "/here/_search", {"fields": ["*"]})
    assert plain.json["hits"]["hits"][0]["fields"] == {"n": [1]}
