"""The id and the index's name in queries, beside the fields of the mapping."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.search.conftest import Searching
from tests.search.site import ids, sequence


@pytest.fixture
async def numbers(searching: Searching) -> Searching:
    await searching.site.index("here", sequence(2), node="one")
    await searching.site.index("there", sequence(2, 2), node="two")
    return searching


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"match": {"_id": "002"}}, ["002"]),
        ({"match_phrase": {"_id": "002"}}, ["002"]),
        ({"match_bool_prefix": {"_id": "002"}}, ["002"]),
        ({"multi_match": {"query": "002", "fields": ["_id", "tag"]}}, ["002"]),
        ({"query_string": {"query": "_id:(000 OR 003)"}}, ["000", "003"]),
        ({"simple_query_string": {"query": "000", "fields": ["_id"]}}, ["000"]),
        ({"match": {"_id": "00"}}, []),
        ({"match": {"_index": "there"}}, ["002", "003"]),
        ({"match_phrase": {"_index": "h*"}}, ["000", "001"]),
        ({"query_string": {"query": "_index:here AND tag:odd"}}, ["001"]),
        ({"query_string": {"query": "_index:th*"}}, ["002", "003"]),
    ],
)
async def test_the_id_and_the_index_are_searched_by_their_whole_value(
    numbers: Searching, query: dict[str, Any], found: list[str]
) -> None:
    answer = await numbers.ask("POST", "/_search", {"query": query, "sort": ["n"]})
    assert (answer.status, ids(answer.json)) == (200, found)


@pytest.mark.parametrize("field", ["_id", "_index"])
@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"range": {"": {"gte": "0"}}}, "range"),
        ({"fuzzy": {"": "001"}}, "fuzzy"),
        ({"regexp": {"": "0.*"}}, "regexp"),
        ({"match_phrase_prefix": {"": "00"}}, "phrase prefix"),
    ],
)
async def test_they_have_no_order_and_no_neighbours(
    numbers: Searching, field: str, query: dict[str, Any], kind: str
) -> None:
    named = {name: {field: asked[""]} for name, asked in query.items()}
    refused = await numbers.ask("POST", "/_search", {"query": named})
    root = refused.json["error"]["root_cause"][0]
    assert (refused.status, root["type"]) == (400, "query_shard_exception")
    assert kind in root["reason"]
    assert f"[{field}]" in root["reason"]


@pytest.mark.parametrize("text", ["n:word", "n:[word TO *]", "n:1*", "n:/1.*/", "n:1~", 'n:"a b"'])
async def test_text_that_no_field_can_have_matches_nothing_if_all_fields_are_searched(
    numbers: Searching, text: str
) -> None:
    asked = {"query": text}
    assert ids((await numbers.ask("POST", "/_search", {"query": {"query_string": asked}})).json) == []
    assert (
        ids((await numbers.ask("POST", "/_search", {"query": {"query_string": asked | {"fields": ["*"]}}})).json) == []
    )
    for strict in ({"lenient": False}, {"default_field": "tag"}):
        refused = await numbers.ask("POST", "/_search", {"query": {"query_string": asked | strict}})
        assert refused.status == 400


async def test_a_number_is_near_no_other_number(numbers: Searching) -> None:
    asked = {"query": "1", "fuzziness": 1}
    refused = await numbers.ask("POST", "/_search", {"query": {"match": {"n": asked}}})
    assert refused.status == 400
    assert "Can only use fuzzy queries on keyword and text fields" in refused.json["error"]["root_cause"][0]["reason"]
    assert (
        ids((await numbers.ask("POST", "/_search", {"query": {"match": {"n": asked | {"lenient": True}}}})).json) == []
    )


@pytest.mark.parametrize("field", ["_id", "_index", "_seq_no", "_version"])
async def test_every_document_has_what_the_engine_keeps_of_it(numbers: Searching, field: str) -> None:
    found = await numbers.ask("POST", "/_search", {"query": {"exists": {"field": field}}})
    assert found.json["hits"]["total"]["value"] == 4


async def test_the_source_cannot_be_searched(numbers: Searching) -> None:
    refused = await numbers.ask("POST", "/_search", {"query": {"exists": {"field": "_source"}}})
    assert refused.status == 400
    assert refused.json["error"]["root_cause"][0]["reason"] == "The [_source] field is not searchable"
