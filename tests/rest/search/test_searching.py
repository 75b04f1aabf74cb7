"""Searches over HTTP: paths, parameters, shapes and errors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.search.conftest import Searching
from tests.search.site import ids, sequence


@pytest.fixture
async def numbers(searching: Searching) -> Searching:
    await searching.site.index("here", sequence(4), node="one")
    await searching.site.index("there", sequence(3, 4), node="two")
    return searching


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/_search", "/_all/_search", "/here,there/_search", "/*ere/_search"])
async def test_a_search_is_asked_by_either_method_of_any_indices(numbers: Searching, method: str, path: str) -> None:
    found = await numbers.ask(method, path, {"query": {"term": {"tag": "odd"}}, "sort": ["n"]})
    assert (found.status, ids(found.json)) == (200, ["001", "003", "005"])


async def test_the_url_says_what_the_body_may_say(numbers: Searching) -> None:
    found = await numbers.ask("GET", "/_search?q=tag:even&sort=n:desc&size=2&_source=n&rest_total_hits_as_int=true")
    assert ids(found.json) == ["006", "004"]
    assert found.json["hits"]["hits"][0]["_source"] == {"n": 6}
    assert found.json["hits"]["total"] == 4


@pytest.mark.parametrize(
    "path", ["/_search", "/here,closed/_count", "/closed/_pit?keep_alive=1m", "/_search?scroll=1m"]
)
async def test_an_index_that_may_not_be_read_is_not_searched(numbers: Searching, path: str) -> None:
    await numbers.site.index("closed", sequence(1), settings={"index.blocks.read": "true"})
    refused = await numbers.ask("POST", path)
    assert (refused.status, refused.type) == (403, "cluster_block_exception")
    assert refused.reason == "index [closed] blocked by: [FORBIDDEN/7/index read (api)];"


async def test_a_failure_everywhere_is_told_with_its_causes(numbers: Searching) -> None:
    refused = await numbers.ask("GET", "/_search", {"size": 10_001})
    error = refused.json["error"]
    assert (refused.status, error["type"], error["reason"]) == (
        400,
        "search_phase_execution_exception",
        "all shards failed",
    )
    assert error["root_cause"][0]["type"] == "illegal_argument_exception"
    assert (error["phase"], error["grouped"]) == ("query", True)
    assert {one["index"] for one in error["failed_shards"]} == {"here", "there"}


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("/nowhere/_search", None, 404, "no such index [nowhere]"),
        ("/_search?search_type=dfs_query_then_fetch", None, 400, "[search_type] of [dfs_query_then_fetch]"),
        ("/_search?search_type=other", None, 400, "No search type for [other]"),
        ("/_search?siez=1", None, 400, "[siez] -> did you mean [size]?"),
        ("/_search", {"quary": {}}, 400, "[quary]. did you mean [query]?"),
        ("/_search", {"suggest": {"x": {}}}, 400, "[suggest] of a search is not supported"),
        ("/_search?expand_wildcards=sometimes", None, 400, "No valid expand wildcard value [sometimes]"),
        ("/_search?scroll=99d", {}, 400, "Keep alive for request"),
    ],
)
async def test_what_is_wrong_is_named(numbers: Searching, path: str, body: Any, status: int, reason: str) -> None:
    refused = await numbers.ask("POST", path, body)
    assert refused.status == status
    assert reason in refused.json["error"]["reason"]


@pytest.mark.parametrize("path", ["/here/_search", "/here/_count", "/here/_validate/query?explain"])
@pytest.mark.parametrize(
    ("body", "twice"),
    [
        ('{"query": {"match_all": {}}, "query": {"match_none": {}}}', "query"),
        ('{"query": {"bool": {"must": {"term": {"n": 1}}, "must": {"term": {"n": 2}}}}}', "must"),
        ('{"query": {"range": {"n": {"gte": 1, "gte": 3}}}}', "gte"),
    ],
)
async def test_a_key_that_is_given_twice_does_not_win_over_the_first(
    numbers: Searching, path: str, body: str, twice: str
) -> None:
    json = {"Content-Type": "application/json"}
    refused = await numbers.client.ask("POST", path, headers=json, data=body)
    assert f"Duplicate field [{twice}]" in str(refused.json)
    assert refused.status == 400 or refused.json["valid"] is False


@pytest.mark.parametrize("field", ["_doc", "_score"])
@pytest.mark.parametrize("value", ["2026-01-03", "nan", True, "1e999"])
async def test_a_place_to_go_on_after_is_a_number(numbers: Searching, field: str, value: Any) -> None:
    refused = await numbers.ask("POST", "/here/_search", {"sort": [{field: "asc"}], "search_after": [value]})
    root = refused.json["error"]["root_cause"][0]
    assert (refused.status, root["type"]) == (400, "illegal_argument_exception")
    assert root["reason"] == f"Failed to parse search_after value for field [{field}]."


async def test_a_place_to_go_on_after_may_be_a_text(numbers: Searching) -> None:
    found = await numbers.ask("POST", "/here/_search", {"sort": ["_doc"], "search_after": ["1"]})
    assert (found.status, ids(found.json)) == (200, ["002", "003"])


async def test_documents_are_counted(numbers: Searching) -> None:
    assert (await numbers.ask("GET", "/_count")).json["count"] == 7
    counted = await numbers.ask("POST", "/here/_count", {"query": {"term": {"tag": "odd"}}})
    assert counted.json == {"count": 2, "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0}}
    assert (await numbers.ask("GET", "/_count?q=n:5")).json["count"] == 1
    refused = await numbers.ask("POST", "/_count", {"query": None})
    assert (refused.status, refused.json["error"]["type"]) == (400, "parsing_exception")
    refused = await numbers.ask("POST", "/_count", {"size": 1})
    assert refused.reason.startswith("[count] unknown field [size]")


async def test_each_search_of_many_has_its_own_answer(numbers: Searching) -> None:
    answer = await numbers.lines(
        "/here/_msearch?typed_keys=true",
        *({}, {"query": {"match_all": {}}, "aggs": {"m": {"max": {"field": "n"}}}}),
        *({"index": "nowhere"}, {}),
        *({"index": ["nowhere", "there"], "ignore_unavailable": True}, {"size": 0}),
        *({"index": "there"}, {"size": 10_001}),
    )
    first, second, third, fourth = answer.json["responses"]
    assert (first["status"], first["hits"]["total"]["value"]) == (200, 4)
    assert first["aggregations"] == {"max#m": {"value": 3.0}}
    assert (second["status"], second["error"]["type"]) == (404, "index_not_found_exception")
    assert (third["status"], third["hits"]["total"]["value"]) == (200, 3)
    assert fourth["status"] == 400


@pytest.mark.parametrize(
    ("header", "body", "error"),
    [
        ({}, {"query": {"term": {}}}, "parsing_exception"),
        ({}, None, "parsing_exception"),
        ({"index": "here"}, {"pit": {"id": "x"}}, "action_request_validation_exception"),
        ({"nothing": 1}, {}, "illegal_argument_exception"),
    ],
)
async def test_a_search_that_is_wrong_by_itself_refuses_all_of_its_request(
    numbers: Searching, header: Any, body: Any, error: str
) -> None:
    refused = await numbers.lines("/_msearch", {}, {}, header, body)
    assert (refused.status, refused.type) == (400, error)


@pytest.mark.parametrize("path", ["/here/_search", "/here/_count"])
async def test_a_body_of_null_is_no_request(numbers: Searching, path: str) -> None:
    refused = await numbers.client.ask("POST", path, headers={"Content-Type": "application/json"}, data="null")
    assert (refused.status, refused.type) == (400, "parsing_exception")


async def test_a_body_of_many_searches_ends_with_a_newline(numbers: Searching) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    refused = await numbers.client.ask("POST", "/_msearch", headers=headers, data="{}\n{}")
    assert refused.reason == "The msearch request must be terminated by a newline [\\n]"


async def test_a_scroll_goes_on_until_it_is_closed(numbers: Searching) -> None:
    page = (await numbers.ask("POST", "/_search?scroll=1m", {"size": 4, "sort": ["n"]})).json
    scroll_id = page["_scroll_id"]
    rest = await numbers.ask("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": scroll_id})
    assert (ids(page), ids(rest.json)) == (["000", "001", "002", "003"], ["004", "005", "006"])
    assert rest.json["_scroll_id"] == scroll_id
    closed = await numbers.ask("DELETE", "/_search/scroll", {"scroll_id": [scroll_id]})
    assert (closed.status, closed.json) == (200, {"succeeded": True, "num_freed": 1})
    assert (await numbers.ask("DELETE", "/_search/scroll/_all")).status == 404
    gone = await numbers.ask("GET", f"/_search/scroll?scroll_id={scroll_id}")
    assert (gone.status, gone.type) == (404, "search_context_missing_exception")


async def test_a_point_in_time_is_opened_searched_and_closed(numbers: Searching) -> None:
    opened = (await numbers.ask("POST", "/here/_pit?keep_alive=1m")).json
    await numbers.site.write("here", sequence(9))
    found = await numbers.ask("POST", "/_search", {"pit": {"id": opened["id"], "keep_alive": "2m"}, "sort": ["n"]})
    assert ids(found.json) == ["000", "001", "002", "003"]
    assert len(found.json["hits"]["hits"][0]["sort"]) == 2
    closed = await numbers.ask("DELETE", "/_pit", {"id": opened["id"]})
    assert closed.json == {"succeeded": True, "num_freed": 1}
    assert (await numbers.ask("DELETE", "/_pit", {"id": opened["id"]})).status == 404


@pytest.mark.parametrize("given", ["", "AAAA", "not base 64!", "é", "A" * 4000])
async def test_an_id_that_was_never_given_is_refused(numbers: Searching, given: str) -> None:
    for method, path, body in (
        ("DELETE", "/_pit", {"id": given}),
        ("POST", "/_search", {"pit": {"id": given}}),
        ("POST", "/_search/scroll", {"scroll_id": given}),
    ):
        assert (await numbers.ask(method, path, body)).status == 400


async def test_the_score_alone_is_no_order_to_go_on_in(numbers: Searching) -> None:
    refused = await numbers.ask("POST", "/here/_search", {"sort": ["_score"], "search_after": [1.0]})
    assert (refused.status, refused.reason) == (400, "Sort must contain at least one field.")


async def test_a_point_in_time_gives_the_score_a_tie_breaker(numbers: Searching) -> None:
    point = (await numbers.ask("POST", "/here/_pit?keep_alive=1m")).json["id"]
    asked = {"pit": {"id": point}, "sort": ["_score"], "size": 3, "query": {"exists": {"field": "n"}}}
    page = (await numbers.ask("POST", "/_search", asked)).json
    rest = (await numbers.ask("POST", "/_search", {**asked, "search_after": page["hits"]["hits"][-1]["sort"]})).json
    assert (ids(page), ids(rest)) == (["000", "001", "002"], ["003"])


async def test_the_table_of_counts_tells_what_may_be_searched(searching: Searching) -> None:
    await searching.site.index("here", sequence(4), aliases={"even": {"term": {"tag": "even"}}})
    assert (await searching.client.get("/_cat/count/here?h=count")).text.strip() == "4"
    assert (await searching.client.get("/_cat/count/even?h=count")).text.strip() == "2"
