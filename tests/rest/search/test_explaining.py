"""Queries are validated and explained without being searched for; what is not served is refused by its name."""

from __future__ import annotations

import pytest

from tests.rest.search.conftest import Searching
from tests.search.site import sequence


@pytest.fixture
async def numbers(searching: Searching) -> Searching:
    await searching.site.index("here", sequence(4), node="two")
    return searching


async def test_a_match_is_explained_with_its_score(numbers: Searching) -> None:
    body = {"query": {"match": {"tag": "odd"}}}
    (hit,) = (await numbers.ask("POST", "/here/_search", body | {"size": 1, "seq_no_primary_term": True})).json["hits"][
        "hits"
    ]
    told = (await numbers.ask("POST", f"/here/_explain/{hit['_id']}?_source=n", body)).json
    assert told["matched"] is True
    assert told["explanation"]["value"] == pytest.approx(hit["_score"])
    assert told["get"] == {
        "_seq_no": hit["_seq_no"],
        "_primary_term": 1,
        "found": True,
        "_source": {"n": hit["_source"]["n"]},
    }


async def test_what_does_not_match_and_what_is_not_there_differ(numbers: Searching) -> None:
    other = await numbers.ask("GET", "/here/_explain/000?q=tag:odd")
    assert (other.status, other.json["matched"]) == (200, False)
    missing = await numbers.ask("GET", "/here/_explain/999?q=tag:odd")
    assert (missing.status, missing.json) == (404, {"_index": "here", "_id": "999", "matched": False})


async def test_a_query_that_could_be_searched_is_valid(numbers: Searching) -> None:
    told = (await numbers.ask("POST", "/_validate/query?explain=true", {"query": {"term": {"n": 1}}})).json
    assert told["valid"] is True
    (explanation,) = told["explanations"]
    assert (explanation["index"], explanation["valid"]) == ("here", True)
    assert explanation["explanation"]


@pytest.mark.parametrize(
    ("query", "error"),
    [({"term": {"n": "many"}}, "failed to create query"), ({"tern": {"n": 1}}, "unknown query [tern]")],
)
async def test_a_query_that_could_not_be_searched_is_not(
    numbers: Searching, query: dict[str, object], error: str
) -> None:
    answer = await numbers.ask("POST", "/here/_validate/query?explain", {"query": query})
    assert (answer.status, answer.json["valid"]) == (200, False)
    assert error in answer.text
    brief = await numbers.ask("POST", "/here/_validate/query", {"query": query})
    assert error not in brief.text


@pytest.mark.parametrize(
    "path", ["/_knn_search", "/here/_terms_enum", "/_search/template", "/here/_rank_eval", "/_search_shards"]
)
async def test_what_is_not_served_is_refused_by_name(numbers: Searching, path: str) -> None:
    refused = await numbers.ask("POST", path, {})
    assert (refused.status, refused.reason) == (
        400,
        f"[{path.removeprefix('/here/').removeprefix('/')}] is not supported (use [_search])",
    )


async def test_a_profile_tells_of_each_index(numbers: Searching) -> None:
    answer = await numbers.ask("POST", "/_search", {"profile": True})
    (shard,) = answer.json["profile"]["shards"]
    assert shard["id"] == "[two][here][0]"
    assert shard["searches"][0]["query"][0]["time_in_nanos"] > 0


async def test_a_validated_query_is_told_in_words(searching: Searching) -> None:
    await searching.site.index("here", sequence(2), node="one")
    asked = {"query": {"bool": {"must": {"match": {"tag": "Odd one"}}, "filter": {"range": {"n": {"gte": 1}}}}}}
    told = await searching.ask("POST", "/here/_validate/query?explain=true", asked)
    assert told.json["explanations"][0]["explanation"] == "+(tag:odd tag:one) #n:[1 TO *]"
