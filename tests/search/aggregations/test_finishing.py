"""Finished aggregations where the recorded answers do not reach: odd parts, and what no target has answered."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import UsageError
from isthmus.query.aggregations.parsing import parse_aggregations
from isthmus.query.partial import Bucket, Buckets, Distinct, Metrics, Partial
from isthmus.query.tree import MatchAll
from isthmus.search.aggregations.finishing import finish
from isthmus.search.aggregations.merging import merge_aggregations
from isthmus.search.aggregations.rendering import Rendering
from isthmus.search.response import top_hits
from tests.search.aggregations.calendar import Calendar


def asked(aggregations: dict[str, Any]) -> Any:
    return parse_aggregations(aggregations, lambda _: MatchAll())


def answered(aggregations: dict[str, Any], parts: dict[str, Partial]) -> Any:
    calendar = Calendar()
    finished = finish(asked(aggregations), parts, calendar)
    return Rendering(calendar, top_hits, typed_keys=True).named(finished)


def test_a_key_that_another_arithmetic_made_fills_its_own_place() -> None:
    parts = Buckets(buckets=[Bucket(key=key, doc_count=1) for key in (-17.099999999999998, -16.5)])
    histogram = {"h": {"histogram": {"field": "n", "interval": 0.3, "offset": -3}}}
    (answer,) = answered(histogram, {"h": parts}).values()
    assert [bucket["doc_count"] for bucket in answer["buckets"]] == [1, 0, 1]
    assert answer["buckets"][0]["key"] == -17.1


def test_an_empty_bucket_has_the_ranges_and_the_types_of_the_others() -> None:
    below: dict[str, Partial] = {
        "r": Buckets(buckets=[Bucket(to=5.0, doc_count=1, aggregations={"m": Metrics(count=1, sum=3.0)})]),
        "t": Buckets(buckets=[Bucket(key=7, doc_count=1)], key_type="long"),
    }
    parts = Buckets(buckets=[Bucket(key=key, doc_count=1, aggregations=below) for key in (0.0, 2.0)])
    request = {
        "h": {
            "histogram": {"field": "n", "interval": 1},
            "aggs": {
                "r": {"range": {"field": "n", "ranges": [{"to": 5}]}, "aggs": {"m": {"sum": {"field": "n"}}}},
                "t": {"terms": {"field": "n"}},
            },
        }
    }
    empty = answered(request, {"h": parts})["histogram#h"]["buckets"][1]
    assert empty == {
        "key": 1.0,
        "doc_count": 0,
        "range#r": {"buckets": [{"key": "*-5.0", "to": 5.0, "doc_count": 0, "sum#m": {"value": 0.0}}]},
        "lterms#t": {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "buckets": []},
    }


def test_ranges_that_no_target_has_answered_are_there_and_empty() -> None:
    request = {"r": {"date_range": {"field": "t", "format": "yyyy-MM", "ranges": [{"key": "x", "from": "2024-03"}]}}}
    assert answered(request, {}) == {
        "date_range#r": {
            "buckets": [{"key": "x", "from": 1709251200000.0, "from_as_string": "2024-03", "doc_count": 0}]
        }
    }


def test_an_interval_below_the_precision_of_doubles_ends() -> None:
    parts = Buckets(buckets=[Bucket(key=1e18, doc_count=2)])
    request = {"h": {"histogram": {"field": "n", "interval": 1}}}
    assert answered(request, {"h": parts})["histogram#h"]["buckets"] == [{"key": 1e18, "doc_count": 2}]


def test_keys_too_far_for_their_interval_are_kept() -> None:
    parts = Buckets(buckets=[Bucket(key=1e308, doc_count=2)])
    request = {"h": {"histogram": {"field": "n", "interval": 1e-300}}}
    assert answered(request, {"h": parts})["histogram#h"]["buckets"] == [{"key": 1e308, "doc_count": 2}]


def test_an_address_is_shown_as_people_write_it() -> None:
    parts = Buckets(buckets=[Bucket(key="0" * 20 + "ffff0a000001", shown="10.0.0.1", doc_count=2)], key_type="ip")
    (answer,) = answered({"t": {"terms": {"field": "ip"}}}, {"t": parts}).values()
    assert answer["buckets"] == [{"key": "10.0.0.1", "doc_count": 2}]


def test_terms_of_one_index_alone_have_no_error() -> None:
    alone = Buckets(buckets=[Bucket(key="x", doc_count=9)], other=6, error=4, key_type="keyword")
    request = {"t": {"terms": {"field": "k"}}}
    assert answered(request, {"t": alone})["sterms#t"]["doc_count_error_upper_bound"] == 0
    both = merge_aggregations(asked(request), {"t": alone}, {"t": alone})
    assert answered(request, both)["sterms#t"]["doc_count_error_upper_bound"] == 8


def test_values_that_were_only_counted_give_the_larger_number() -> None:
    request = {"c": {"cardinality": {"field": "k"}}}
    merged = merge_aggregations(asked(request), {"c": Distinct(estimate=90_000.4)}, {"c": Distinct(values=["a", "b"])})
    assert answered(request, merged) == {"cardinality#c": {"value": 90_000}}


def test_a_field_of_two_types_cannot_be_merged() -> None:
    request = asked({"t": {"terms": {"field": "k"}}})
    with pytest.raises(UsageError, match="two different types in two different indices"):
        merge_aggregations(request, {"t": Buckets(key_type="long")}, {"t": Buckets(key_type="keyword")})
    merged = merge_aggregations(request, {"t": Buckets(key_type="long")}, {"t": Buckets(key_type="double")})
    assert isinstance(merged["t"], Buckets)
    assert merged["t"].key_type == "double"


def test_a_path_may_name_the_bucket_below_which_it_goes_on() -> None:
    hours = {
        place: Buckets(buckets=[Bucket(key=3600000 * hour, doc_count=hour) for hour in (1, place)], key_type="date")
        for place in (2, 3)
    }
    terms = [Bucket(key=f"k{place}", doc_count=9, aggregations={"h": found}) for place, found in hours.items()]
    request = {
        "t": {"terms": {"field": "k"}, "aggs": {"h": {"date_histogram": {"field": "d", "fixed_interval": "1h"}}}},
        "m": {"max_bucket": {"buckets_path": "t['k2']>h>_count"}},
    }
    answer = answered(request, {"t": Buckets(buckets=terms, key_type="keyword")})
    assert answer["bucket_metric_value#m"]["value"] == 2.0


def test_composite_keys_are_shown_as_their_types_are() -> None:
    request = {
        "c": {"composite": {"sources": [{"b": {"terms": {"field": "b"}}}, {"i": {"terms": {"field": "i"}}}]}},
    }
    key = [1, "0" * 20 + "ffff0a000001"]
    parts = Buckets(buckets=[Bucket(key=key, doc_count=1)], key_types=["boolean", "ip"])
    (answer,) = answered(request, {"c": parts}).values()
    assert answer["after_key"] == {"b": True, "i": "10.0.0.1"}


def test_numbers_of_true_and_false_are_said_so_too() -> None:
    parts = Metrics(count=2, sum=1.0, minimum=0.0, maximum=1.0, is_boolean=True)
    assert answered({"a": {"avg": {"field": "b"}}}, {"a": parts}) == {
        "avg#a": {"value": 0.5, "value_as_string": "true"}
    }
