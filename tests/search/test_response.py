"""The JSON of an answer. The shapes are those that Elasticsearch 8.19.0 answered to the same requests."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import Aggregation, HistogramBuckets, TopHits
from isthmus.query.partial import Best, Bucket, Buckets, Failure, Hit, Partial, PartialResult
from isthmus.query.search_request import MAX_TRACKED, SearchRequest
from isthmus.query.sorts import SortKey
from isthmus.search.aggregations.limits import TooManyBucketsError
from isthmus.search.response import answer, check_total_as_int
from tests.search.aggregations.calendar import Calendar

FOUND = Hit(index="t", id="0", score=1.0, sort=(1, 2.5), source=b'{"k":  "a"}', version=3, seq_no=7, primary_term=1)
RESULT = PartialResult(hits=[FOUND], total=7, max_score=1.0, shards=1)
BY_N = (SortKey(field="n"), SortKey(field="d"))


def shown(request: SearchRequest, result: PartialResult = RESULT, **options: Any) -> dict[str, Any]:
    made = answer(request, result, took=5, dates=Calendar(), **options)
    decoded: dict[str, Any] = json.loads(msgspec.json.encode(made))
    return decoded


def test_an_answer_has_elasticsearchs_shape() -> None:
    assert shown(SearchRequest()) == {
        "took": 5,
        "timed_out": False,
        "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
        "hits": {
            "total": {"value": 7, "relation": "eq"},
            "max_score": 1.0,
            "hits": [{"_index": "t", "_id": "0", "_score": 1.0, "_source": {"k": "a"}}],
        },
    }


def test_the_bytes_of_a_source_are_not_touched() -> None:
    encoded = msgspec.json.encode(answer(SearchRequest(), RESULT, took=5, dates=Calendar()))
    assert b'{"k":  "a"}' in encoded


def test_a_sorted_hit_shows_its_keys_and_has_no_score_unless_asked() -> None:
    hits = shown(SearchRequest(sort=BY_N))["hits"]
    assert (hits["max_score"], hits["hits"][0]["_score"], hits["hits"][0]["sort"]) == (None, None, [1, 2.5])
    hits = shown(SearchRequest(sort=BY_N, track_scores=True))["hits"]
    assert (hits["max_score"], hits["hits"][0]["_score"]) == (1.0, 1.0)
    hits = shown(SearchRequest(sort=(SortKey(field="_score"), SortKey(field="n"))))["hits"]
    assert (hits["max_score"], hits["hits"][0]["_score"]) == (None, 1.0)


def test_what_was_asked_of_a_hit_is_shown() -> None:
    (hit,) = shown(SearchRequest(version=True, seq_no_primary_term=True))["hits"]["hits"]
    assert (hit["_version"], hit["_seq_no"], hit["_primary_term"]) == (3, 7, 1)
    (hit,) = shown(SearchRequest(stored_fields_none=True))["hits"]["hits"]
    assert "_id" not in hit


def test_totals_are_shown_as_they_were_tracked() -> None:
    cut = PartialResult(total=3, total_is_exact=False)
    assert shown(SearchRequest(track_total_hits=3), cut)["hits"]["total"] == {"value": 3, "relation": "gte"}
    assert "total" not in shown(SearchRequest(track_total_hits=0))["hits"]
    assert shown(SearchRequest(track_total_hits=MAX_TRACKED), total_as_int=True)["hits"]["total"] == 7
    assert shown(SearchRequest(track_total_hits=0), total_as_int=True)["hits"]["total"] == -1


def test_a_total_as_a_number_must_be_exact() -> None:
    assert check_total_as_int(SearchRequest(), given=False) == MAX_TRACKED
    assert check_total_as_int(SearchRequest(track_total_hits=0), given=True) == 0
    with pytest.raises(UsageError, match="not accurate, got 3"):
        check_total_as_int(SearchRequest(track_total_hits=3), given=True)


def test_a_page_begins_where_it_was_asked_and_no_hits_have_no_best_score() -> None:
    assert shown(SearchRequest(from_=1))["hits"]["hits"] == []
    assert shown(SearchRequest(size=0))["hits"]["max_score"] is None


def test_failures_and_early_ends_are_told() -> None:
    failed = PartialResult(shards=2, failures=[Failure(index="x", type="t", reason="r", node="n")])
    answered = shown(SearchRequest(terminate_after=5, profile=True), failed)
    assert answered["_shards"] == {
        "total": 2,
        "successful": 1,
        "skipped": 0,
        "failed": 1,
        "failures": [{"shard": 0, "index": "x", "node": "n", "reason": {"type": "t", "reason": "r"}}],
    }
    assert answered["terminated_early"] is False
    assert answered["profile"] == {"shards": []}


def test_top_hits_show_hits_as_the_search_does() -> None:
    asked = (Aggregation(name="x", type="top_hits", body=TopHits(sort=BY_N, version=True)),)
    best = PartialResult(aggregations={"x": Best(total=7, max_score=1.0, hits=[FOUND])})
    assert shown(SearchRequest(aggregations=asked), best)["aggregations"]["x"] == {
        "hits": {
            "total": {"value": 7, "relation": "eq"},
            "max_score": None,
            "hits": [
                {"_index": "t", "_id": "0", "_version": 3, "_score": None, "_source": {"k": "a"}, "sort": [1, 2.5]}
            ],
        }
    }


@pytest.mark.parametrize("furthest", [100.0, 1e9, 1e300])
def test_a_histogram_of_too_many_buckets_is_refused_before_it_is_made(furthest: float) -> None:
    asked = (Aggregation(name="h", type="histogram", body=HistogramBuckets(field="n", interval=1)),)
    parts: dict[str, Partial] = {
        "h": Buckets(buckets=[Bucket(key=0.0, doc_count=1), Bucket(key=furthest, doc_count=1)])
    }
    with pytest.raises(TooManyBucketsError, match="search\\.max_buckets") as caught:
        shown(SearchRequest(aggregations=asked), PartialResult(aggregations=parts), max_buckets=100)
    assert caught.value.status == 400
