"""Aggregations over HTTP: what a bucket's hits are, and which values are chosen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.search.conftest import Searching
from tests.search.site import ids, sequence


@pytest.fixture
async def numbers(searching: Searching) -> Searching:
    await searching.site.index("here", sequence(6), node="one")
    return searching


async def aggregated(numbers: Searching, asked: dict[str, Any], **more: Any) -> Any:
    answer = await numbers.ask("POST", "/here/_search", {"size": 0, "aggs": {"asked": asked}, **more})
    assert answer.status == 200, answer.reason
    return answer.json["aggregations"]["asked"]


@pytest.mark.parametrize(
    "buckets",
    [
        {"terms": {"field": "tag.keyword"}},
        {"filter": {"term": {"tag.keyword": "odd"}}},
        {"filters": {"filters": [{"term": {"tag.keyword": "odd"}}]}},
        {"range": {"field": "n", "ranges": [{"from": 0}]}},
        {"histogram": {"field": "n", "interval": 2}},
    ],
)
async def test_the_hits_of_a_bucket_score_by_the_query_and_not_by_their_bucket(
    numbers: Searching, buckets: dict[str, Any]
) -> None:
    found = await aggregated(numbers, {**buckets, "aggs": {"best": {"top_hits": {"size": 3}}}})
    for bucket in found.get("buckets", [found]):
        assert bucket["best"]["hits"]["max_score"] == 1.0
        assert {hit["_score"] for hit in bucket["best"]["hits"]["hits"]} == {1.0}


async def test_the_hits_of_a_bucket_that_score_the_same_come_as_they_were_written(numbers: Searching) -> None:
    found = await aggregated(numbers, {"terms": {"field": "tag.keyword"}, "aggs": {"best": {"top_hits": {"size": 2}}}})
    assert [ids(bucket["best"]) for bucket in found["buckets"]] == [["000", "002"], ["001", "003"]]


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [("o.*", ["odd"]), ("odd|even", ["even", "odd"]), ("@", ["even", "odd"]), ("#", []), ("", []), ("^odd$", [])],
)
async def test_terms_are_chosen_by_expressions_as_lucene_reads_them(
    numbers: Searching, expression: str, chosen: list[str]
) -> None:
    found = await aggregated(numbers, {"terms": {"field": "tag.keyword", "include": expression}})
    assert sorted(bucket["key"] for bucket in found["buckets"]) == chosen


@pytest.mark.parametrize("key", ["include", "exclude"])
@pytest.mark.parametrize(
    ("expression", "why"), [("(", "ends where something must follow"), ("(a{100}){100}", "too large to be run")]
)
async def test_an_expression_that_cannot_be_run_is_the_fault_of_who_asks(
    numbers: Searching, key: str, expression: str, why: str
) -> None:
    asked = {"terms": {"field": "tag.keyword", key: expression}}
    refused = await numbers.ask("POST", "/here/_search", {"aggs": {"asked": asked}})
    assert refused.status == 400
    assert why in refused.json["error"]["root_cause"][0]["reason"]


@pytest.fixture
async def orders(searching: Searching) -> Searching:
    """One order of three things, two of which cost the same."""
    await searching.site.index("here", {"1": {"price": [5, 5, 7], "tag": ["a", "a", "b"]}}, node="one")
    return searching


@pytest.mark.parametrize(("metric", "value"), [("sum", 17.0), ("value_count", 3), ("max", 7.0), ("cardinality", 2)])
async def test_a_number_that_a_document_has_twice_counts_twice(orders: Searching, metric: str, value: float) -> None:
    assert (await aggregated(orders, {metric: {"field": "price"}}))["value"] == value


async def test_a_document_is_shown_with_all_its_values(orders: Searching) -> None:
    asked = {"fields": ["price"], "docvalue_fields": ["tag.keyword"]}
    answer = await orders.ask("POST", "/here/_search", asked)
    assert answer.json["hits"]["hits"][0]["fields"] == {"price": [5, 5, 7], "tag.keyword": ["a", "b"]}


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        ({"terms": {"field": "price"}}, {5: 1, 7: 1}),
        ({"histogram": {"field": "price", "interval": 10}}, {0: 1}),
        ({"terms": {"field": "tag.keyword"}}, {"a": 1, "b": 1}),
    ],
)
async def test_a_document_is_once_in_a_bucket_whatever_its_values(
    orders: Searching, source: dict[str, Any], counts: dict[Any, int]
) -> None:
    found = await aggregated(orders, {"composite": {"sources": [{"of": source}]}})
    assert {bucket["key"]["of"]: bucket["doc_count"] for bucket in found["buckets"]} == counts
    (kind,) = source
    simple = await aggregated(orders, source)
    assert {bucket["key"]: bucket["doc_count"] for bucket in simple["buckets"]} == counts, kind
