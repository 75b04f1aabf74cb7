"""Aggregations from JSON: what is understood, and what is refused with which words."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError, UsageError
from isthmus.query.aggregation_tree import (
    Aggregation,
    CompositeBuckets,
    CompositeSource,
    DateHistogramBuckets,
    FiltersBuckets,
    HistogramBuckets,
    Metric,
    Pipeline,
    RangeBuckets,
    RangeOf,
    TermsBuckets,
    TopHits,
)
from isthmus.query.aggregations.parsing import MAX_AGGREGATIONS, MAX_DEPTH, parse_aggregations
from isthmus.query.aggregations.registry import REFUSED, SUPPORTED, WITH_QUERIES
from isthmus.query.sorts import SortKey
from isthmus.query.source_filter import SourceFilter
from isthmus.query.tree import MatchAll, Query


def any_query(_: Any) -> Query:
    return MatchAll()


def only(value: dict[str, Any]) -> Aggregation:
    (one,) = parse_aggregations({"x": value}, any_query)
    return one


def refusal(value: Any) -> str:
    with pytest.raises(IsthmusError) as caught:
        parse_aggregations(value, any_query)
    assert caught.value.status == 400
    return f"{caught.value.type}: {caught.value.reason}"


UNDERSTOOD: list[tuple[dict[str, Any], Any]] = [
    ({"terms": {"field": "k"}}, TermsBuckets(field="k")),
    ({"terms": {"field": "k", "size": "3", "shard_size": 2}}, TermsBuckets(field="k", size=3, shard_size=3)),
    ({"terms": {"field": "k", "size": 2.7}}, TermsBuckets(field="k", size=2)),
    (
        {"terms": {"field": "k", "order": {"_count": "asc"}}},
        TermsBuckets(field="k", order=(("_count", True), ("_key", True))),
    ),
    (
        {"terms": {"field": "k", "order": [{"_count": "ASC"}, {"_key": "desc"}]}},
        TermsBuckets(field="k", order=(("_count", True), ("_key", False))),
    ),
    (
        {"terms": {"field": "k", "include": "a.*", "exclude": ["ab", 3]}},
        TermsBuckets(field="k", include="a.*", exclude=("ab", 3)),
    ),
    (
        {"range": {"field": "n", "ranges": [{"to": 5}, {"key": "rest", "from": "5"}]}},
        RangeBuckets(field="n", ranges=(RangeOf(to=5), RangeOf(key="rest", from_="5"))),
    ),
    (
        {"date_range": {"field": "t", "ranges": [{"from": "now-1d/d"}], "time_zone": "+01:00"}},
        RangeBuckets(field="t", ranges=(RangeOf(from_="now-1d/d"),), dates=True, time_zone="+01:00"),
    ),
    (
        {"histogram": {"field": "n", "interval": "5", "extended_bounds": {"min": 0, "max": 20}}},
        HistogramBuckets(field="n", interval=5, extended_bounds=(0, 20)),
    ),
    (
        {"date_histogram": {"field": "t", "calendar_interval": "1M", "offset": "-1d"}},
        DateHistogramBuckets(field="t", calendar="month", offset=-86_400_000),
    ),
    ({"date_histogram": {"field": "t", "fixed_interval": "90m"}}, DateHistogramBuckets(field="t", fixed=5_400_000)),
    (
        {"filters": {"filters": {"b": {}, "a": {}}, "other_bucket": True}},
        FiltersBuckets(filters=(("a", MatchAll()), ("b", MatchAll())), other_bucket_key="_other_"),
    ),
    (
        {"filters": {"filters": [{}]}},
        FiltersBuckets(filters=(("0", MatchAll()),), keyed=False, anonymous=True),
    ),
    ({"avg": {"field": "n", "missing": 3}}, Metric(kind="avg", field="n", missing=3)),
    ({"extended_stats": {"field": "n", "sigma": 3}}, Metric(kind="extended_stats", field="n", sigma=3)),
    (
        {"percentiles": {"field": "n", "percents": [50, "1"], "keyed": False, "tdigest": {"compression": 200}}},
        Metric(kind="percentiles", field="n", percents=(1, 50), keyed=False),
    ),
    (
        {"cardinality": {"field": "k", "precision_threshold": 10}},
        Metric(kind="cardinality", field="k", precision_threshold=10),
    ),
    (
        {"top_hits": {"size": 1, "sort": [{"n": "desc"}], "_source": ["k"]}},
        TopHits(size=1, sort=(SortKey(field="n", ascending=False),), source=SourceFilter(includes=("k",))),
    ),
    (
        {"composite": {"sources": [{"a": {"terms": {"field": "k", "order": "desc"}}}], "after": {"a": "x"}}},
        CompositeBuckets(
            sources=(CompositeSource(name="a", values=TermsBuckets(field="k"), ascending=False),), after={"a": "x"}
        ),
    ),
]


@pytest.mark.parametrize(("value", "body"), UNDERSTOOD, ids=[str(value)[:60] for value, _ in UNDERSTOOD])
def test_an_aggregation_means_what_elasticsearch_means_by_it(value: dict[str, Any], body: Any) -> None:
    assert only(value).body == body


def test_a_tree_keeps_names_types_and_meta() -> None:
    parsed = only({"terms": {"field": "k"}, "meta": {"by": "me"}, "aggs": {"s": {"sum": {"field": "n"}}}})
    assert (parsed.name, parsed.type, parsed.meta) == ("x", "terms", {"by": "me"})
    assert [(one.name, one.type) for one in parsed.aggregations] == [("s", "sum")]


# The words are those that Elasticsearch 8.19.0 answered, without its line and column.
REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"x": {"trems": {}}}, "parsing_exception: Unknown aggregation type [trems] did you mean [terms]?"),
    ({"x": {"zzzz": {}}}, "parsing_exception: Unknown aggregation type [zzzz]"),
    (
        {"x": {"terms": {"field": "k", "siz": 3}}},
        "x_content_parse_exception: [terms] unknown field [siz] did you mean [size]?",
    ),
    (
        {"x": {"terms": {"field": 3}}},
        "x_content_parse_exception: [terms] field doesn't support values of type: VALUE_NUMBER",
    ),
    (
        {"x": {"terms": []}},
        "parsing_exception: Expected [START_OBJECT] under [terms], but got a [START_ARRAY] in [x]",
    ),
    (
        {"a>b": {"terms": {"field": "k"}}},
        "parsing_exception: Invalid aggregation name [a>b]. "
        "Aggregation names can contain any character except '[', ']', and '>'",
    ),
    (
        {"a": {"terms": {"field": "k"}, "avg": {"field": "n"}}},
        "parsing_exception: Found two aggregation type definitions in [a]: [terms] and [avg]",
    ),
    ({"a": {"meta": {}}}, "parsing_exception: Missing definition for aggregation [a]"),
    (
        {"a": {"avg": {"field": "n"}, "aggs": {"b": {"avg": {"field": "n"}}}}},
        "illegal_argument_exception: Aggregator [a] of type [avg] cannot accept sub-aggregations",
    ),
    (
        {"x": {"terms": {"field": "k", "order": {"b": "asc"}}}},
        "illegal_argument_exception: Invalid aggregation order path [b]. Cannot find aggregation named [b]",
    ),
    ({"x": {"terms": {"field": "k", "order": {"_count": "up"}}}}, "parsing_exception: Unknown order direction [up]"),
    (
        {"x": {"date_histogram": {"field": "t", "interval": "1d"}}},
        "illegal_argument_exception: Invalid interval specified, must be non-null and non-empty",
    ),
    (
        {"x": {"date_histogram": {"field": "t", "calendar_interval": "2d"}}},
        "x_content_parse_exception: [date_histogram] failed to parse field [calendar_interval]: "
        "The supplied interval [2d] could not be parsed as a calendar interval.",
    ),
    (
        {"x": {"date_histogram": {"field": "t", "fixed_interval": "1M"}}},
        "x_content_parse_exception: [date_histogram] failed to parse field [fixed_interval]: "
        "failed to parse [1M] as a time value: unit is missing or unrecognized",
    ),
    (
        {"x": {"max_bucket": {"buckets_path": "y>z"}}},
        "action_request_validation_exception: Validation Failed: 1: No aggregation found for path [y>z];",
    ),
    (
        {"h": {"terms": {"field": "k"}}, "m": {"max_bucket": {"buckets_path": "h>nope"}}},
        "action_request_validation_exception: Validation Failed: 1: No aggregation [nope] found for path [h>nope];",
    ),
    (
        {"h": {"terms": {"field": "n"}, "aggs": {"c": {"cumulative_sum": {"buckets_path": "_count"}}}}},
        "action_request_validation_exception: Validation Failed: 1: cumulative_sum aggregation [c] must have a "
        "histogram, date_histogram or auto_date_histogram as parent;",
    ),
    ({"x": {"filters": {}}}, "illegal_argument_exception: [filters] cannot be empty."),
    (
        {"x": {"terms": {"field": "k", "script": {}}}},
        "illegal_argument_exception: [script] of [terms] is not supported",
    ),
]


@pytest.mark.parametrize(("value", "said"), REFUSALS, ids=[said[:60] for _, said in REFUSALS])
def test_a_mistake_is_told_in_the_words_that_users_know(value: dict[str, Any], said: str) -> None:
    assert refusal(value) == said


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_supported_is_refused_by_its_name(kind: str) -> None:
    assert refusal({"x": {kind: {}}}) == f"parsing_exception: Aggregation type [{kind}] is not supported"


def test_depth_and_number_are_bounded() -> None:
    deep: dict[str, Any] = {"x": {"filter": {}}}
    for _ in range(MAX_DEPTH):
        deep = {"x": {"filter": {}, "aggs": deep}}
    assert "depth" in refusal(deep)
    assert "at most" in refusal({str(number): {"filter": {}} for number in range(MAX_AGGREGATIONS + 1)})


def test_pipelines_may_read_each_other_but_not_in_a_circle() -> None:
    def histogram(**below: Any) -> dict[str, Any]:
        return {"h": {"histogram": {"field": "n", "interval": 1}, "aggs": below}}

    (parsed,) = parse_aggregations(
        histogram(c={"cumulative_sum": {"buckets_path": "d"}}, d={"derivative": {"buckets_path": "_count"}}), any_query
    )
    assert parsed.aggregations[0].body == Pipeline(kind="cumulative_sum", buckets_path="d")
    circle = histogram(c={"cumulative_sum": {"buckets_path": "d"}}, d={"derivative": {"buckets_path": "c"}})
    assert "Cyclical dependency" in refusal(circle)


KEYS = (
    *("field", "size", "order", "interval", "fixed_interval", "calendar_interval", "offset", "sources", "after"),
    *("ranges", "from", "to", "filters", "percents", "buckets_path", "sort", "missing", "include", "_count", "x"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["k", "1d", "asc", "a>b.c", "month", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from([*SUPPORTED, *WITH_QUERIES, "other"])


@given(st.dictionaries(st.sampled_from(["x", "y"]), st.dictionaries(KINDS | st.just("aggs"), JSON, max_size=2)) | JSON)
def test_no_json_makes_anything_but_aggregations_or_an_error_for_a_person(value: Any) -> None:
    with contextlib.suppress(UsageError):
        assert all(isinstance(one, Aggregation) for one in parse_aggregations(value, any_query))


@pytest.mark.parametrize("window", [{"size": 101}, {"from": 99, "size": 2}])
def test_the_hits_of_a_bucket_are_few(window: dict[str, int]) -> None:
    assert "must be less than or equal to: [100] but was [101]" in refusal({"a": {"top_hits": window}})
