"""What a search found here is the same when another cluster has read it."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from isthmus.query.body import parse_search
from isthmus.query.dates import RequestDates
from isthmus.query.parsing import Bounds, parse_query
from isthmus.query.partial import Bucket, Buckets, Distribution, Failure, Hit, Metrics, Partial, PartialResult
from isthmus.query.search_request import SearchRequest
from isthmus.remote.incoming.hits import Origin
from isthmus.remote.incoming.responses import search_response
from isthmus.remote.outgoing.answers import UnexpectedAnswerError
from isthmus.remote.outgoing.responses import result_of
from isthmus.wire.search.responses import SEARCH_RESPONSE

ORIGIN = Origin("node-1", {"logs": "u1"}, "far")
HIT = Hit(index="logs", id="ä1", score=1.5, source=b'{"a":"\xf0\x9f\x98\x80"}')


def request_of(body: dict[str, Any]) -> SearchRequest:
    return parse_search(body, partial(parse_query, bounds=Bounds()))


def travelled(body: dict[str, Any], result: PartialResult, *, final: bool = False) -> PartialResult:
    """What the other side has of a result."""
    request = request_of(body)
    response = search_response(request, result, ORIGIN, final=final, took=3, dates=RequestDates(0), max_buckets=65_536)
    return result_of("far", request, SEARCH_RESPONSE.decode(SEARCH_RESPONSE.encode(response)))


@pytest.mark.parametrize(
    ("body", "hit"),
    [
        ({}, HIT),
        ({"version": True, "seq_no_primary_term": True}, replace(HIT, version=3, seq_no=0, primary_term=1)),
        ({"_source": False}, replace(HIT, source=None)),
        ({"fields": ["a"]}, replace(HIT, fields={"a": ["x", 1, 2.5, True, None]})),
        ({"highlight": {"fields": {"a": {}}}}, replace(HIT, highlight={"a": ["<em>x</em>"]})),
        ({"explain": True}, replace(HIT, explanation={"value": 1.5, "description": "sum", "details": []})),
        ({}, replace(HIT, routing="r", ignored=("a", "b"))),
        ({}, replace(HIT, matched_queries=("one",))),
        ({"sort": ["n"]}, replace(HIT, score=None, sort=(7,))),
        ({"sort": [{"ts": "desc"}]}, replace(HIT, score=None, sort=(5,), sort_shown=("1970",))),
        ({"sort": ["kw", "d"]}, replace(HIT, score=None, sort=("ü", -math.inf))),
        ({"sort": [{"kw": {"missing": "_first"}}]}, replace(HIT, score=None, sort=(None,))),
        ({"sort": ["_score", "n"]}, replace(HIT, sort=(1.5, 3))),
        ({"collapse": {"field": "kw"}}, replace(HIT, collapse_key="k", fields={"kw": ["k"]})),
    ],
)
def test_a_hit_is_the_same_over_there(body: dict[str, Any], hit: Hit) -> None:
    there = travelled(body, PartialResult(hits=[hit], total=1, shards=1)).hits
    assert there == [replace(hit, index="far:logs")]


def test_addresses_are_compared_over_there_by_their_bytes() -> None:
    request = request_of({"sort": ["ip"]})
    digits = f"{'0' * 20}ffff0a000001"
    hit = replace(HIT, score=None, sort=(digits,), sort_shown=("10.0.0.1",))
    response = search_response(
        request, PartialResult(hits=[hit], shards=1), ORIGIN, final=False, took=0, dates=RequestDates(0), max_buckets=9
    )
    (sort,) = response["hits"]["hits"][0]["sort"]
    assert sort == ("bytes", bytes.fromhex(digits))


def test_what_is_told_of_the_whole_is_the_same_over_there() -> None:
    result = PartialResult(
        total=12_000,
        total_is_exact=False,
        max_score=2.5,
        shards=3,
        skipped=1,
        timed_out=True,
        failures=[Failure(index="logs", type="illegal_argument_exception", reason="no", status=400, node="node-1")],
    )
    there = travelled({}, result)
    assert there == replace(result, failures=[replace(result.failures[0], index="far:logs")])


NUMBERS = Metrics(count=3, sum=6.0, sum_of_squares=14.0, minimum=1.0, maximum=3.0)
TERMS = Buckets(
    buckets=[Bucket(key="a", doc_count=2, error=1), Bucket(key="b", doc_count=5)],
    other=4,
    error=2,
    key_type="keyword",
    merged=True,
)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ({"avg": {"field": "n"}}, Metrics(count=3, sum=6.0)),
        ({"sum": {"field": "n"}}, Metrics(sum=6.0)),
        ({"min": {"field": "n"}}, Metrics(minimum=1.0)),
        ({"max": {"field": "ts"}}, Metrics(maximum=3.0, date_format="epoch_millis")),
        ({"min": {"field": "n"}}, Metrics()),
        ({"value_count": {"field": "n"}}, Metrics(count=3)),
        ({"stats": {"field": "n"}}, replace(NUMBERS, sum_of_squares=0.0)),
        ({"extended_stats": {"field": "n"}}, NUMBERS),
        ({"max": {"field": "b"}}, Metrics(maximum=1.0, is_boolean=True)),
        ({"percentiles": {"field": "n"}}, Distribution(values=[1.0, 2.5], counts=[3, 1])),
        ({"terms": {"field": "kw", "show_term_doc_count_error": True}}, TERMS),
        ({"terms": {"field": "n"}}, Buckets(buckets=[Bucket(key=7, doc_count=1)], key_type="long")),
        ({"terms": {"field": "d"}}, Buckets(buckets=[Bucket(key=7.5, doc_count=1)], key_type="double")),
        ({"terms": {"field": "b"}}, Buckets(buckets=[Bucket(key=True, doc_count=1)], key_type="boolean")),
        ({"terms": {"field": "nope"}}, Buckets()),
        ({"filter": {"match_all": {}}}, Buckets(buckets=[Bucket(doc_count=3)])),
        ({"filters": {"filters": {"x": {"match_all": {}}}}}, Buckets(buckets=[Bucket(key="x", doc_count=3)])),
        ({"histogram": {"field": "n", "interval": 5}}, Buckets(buckets=[Bucket(key=5.0, doc_count=2)])),
        (
            {"date_histogram": {"field": "ts", "calendar_interval": "month", "time_zone": "Europe/Berlin"}},
            Buckets(buckets=[Bucket(key=86_400_000, doc_count=2)], date_format="yyyy"),
        ),
        (
            {"range": {"field": "n", "ranges": [{"to": 5}, {"from": 5, "key": "big"}]}},
            Buckets(
                buckets=[Bucket(doc_count=1, to=5.0), Bucket(key="big", doc_count=2, from_=5.0)], key_type="double"
            ),
        ),
    ],
)
def test_parts_of_aggregations_are_the_same_over_there(asked: dict[str, Any], part: Partial) -> None:
    body = {"aggs": {"a": asked}}
    shards = 2 if isinstance(part, Buckets) and part.merged else 1
    assert travelled(body, PartialResult(aggregations={"a": part}, shards=shards)).aggregations == {"a": part}


def test_of_one_index_alone_counts_have_no_error() -> None:
    body = {"aggs": {"a": {"terms": {"field": "kw"}}}}
    there = travelled(body, PartialResult(aggregations={"a": replace(TERMS, merged=False)}, shards=1))
    found = there.aggregations["a"]
    assert isinstance(found, Buckets)
    assert (found.error, [bucket.error for bucket in found.buckets]) == (0, [0, 0])


def test_aggregations_below_buckets_travel_with_them() -> None:
    body = {"aggs": {"a": {"terms": {"field": "kw"}, "aggs": {"m": {"avg": {"field": "n"}}}}}}
    bucket = Bucket(key="a", doc_count=2, aggregations={"m": Metrics(count=2, sum=3.0)})
    part = Buckets(buckets=[bucket], key_type="keyword")
    assert travelled(body, PartialResult(aggregations={"a": part}, shards=1)).aggregations == {"a": part}


def test_the_answer_to_be_shown_as_it_is_has_its_buckets_chosen_and_in_order() -> None:
    body = {"aggs": {"a": {"terms": {"field": "kw", "size": 1}}}}
    there = travelled(body, PartialResult(aggregations={"a": TERMS}, shards=1), final=True).aggregations["a"]
    assert isinstance(there, Buckets)
    assert ([bucket.key for bucket in there.buckets], there.other) == (["b"], 6)


def test_an_answer_that_was_not_asked_for_is_refused() -> None:
    request = request_of({"aggs": {"a": {"avg": {"field": "n"}}}})
    response = search_response(
        request, PartialResult(shards=1), ORIGIN, final=False, took=0, dates=RequestDates(0), max_buckets=9
    )
    with pytest.raises(UnexpectedAnswerError, match=r"\[a\] was not asked for"):
        result_of("far", request_of({}), response)
