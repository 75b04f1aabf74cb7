"""What single aggregations answer, where brute force has no say: bounds, orders, dates, pages, refusals."""

from __future__ import annotations

from typing import Any

import pytest
import tantivy

from isthmus.errors import IsthmusError
from isthmus.index.aggregating import Ground, aggregate
from isthmus.query.aggregation_tree import (
    Aggregation,
    Body,
    CompositeBuckets,
    CompositeSource,
    DateHistogramBuckets,
    FiltersBuckets,
    GlobalBucket,
    HistogramBuckets,
    Metric,
    MissingBucket,
    Partition,
    RangeBuckets,
    RangeOf,
    TermsBuckets,
    TopHits,
)
from isthmus.query.partial import Best, Buckets, Distinct, Distribution, Metrics, Partial
from isthmus.query.tree import Term
from tests.index.aggregating.grounds import ground_of

SALES: list[dict[str, Any]] = [
    {"tag": ["a"], "n": [10], "x": [1.5], "at": [-86_400_000]},
    {"tag": ["a", "b"], "n": [2**53 + 1], "x": [2.5], "at": [0]},
    {"tag": ["b"], "n": [-5], "at": [86_400_000 * 31]},
    {"n": [10, 20]},
]


def run(ground: Ground, body: Body, *below: Aggregation, type: str = "any", query: str | None = None) -> Any:  # noqa: A002
    asked = Aggregation(name="asked", type=type, body=body, aggregations=below)
    matched = tantivy.Query.all_query() if query is None else tantivy.Query.term_query(ground.schema, "tag", query)
    return aggregate(ground, matched, [asked])["asked"]


def counts(part: Partial) -> dict[Any, int]:
    assert isinstance(part, Buckets)
    return {tuple(one.key) if isinstance(one.key, list) else one.key: one.doc_count for one in part.buckets}


def test_terms_are_sent_beyond_their_size_and_the_rest_is_counted() -> None:
    many = ground_of([{"n": [value]} for value in range(40)])

    part = run(many, TermsBuckets(field="n", size=2))

    assert list(counts(part)) == list(range(13))  # 2 × 1.5 + 10
    assert (part.other, part.error) == (27, 1)


def test_terms_tied_in_count_come_by_key() -> None:
    assert list(counts(run(ground_of(SALES), TermsBuckets(field="tag")))) == ["a", "b"]


def test_terms_can_be_ordered_by_a_metric_below_them() -> None:
    total = Aggregation(name="total", type="sum", body=Metric(kind="sum", field="n"))

    part = run(ground_of(SALES), TermsBuckets(field="tag", order=(("total", False), ("_key", True)), size=1), total)

    assert [one.key for one in part.buckets] == ["a", "b"]
    assert part.error == 0


def test_a_long_beyond_what_doubles_hold_keeps_its_value_as_a_key() -> None:
    assert 2**53 + 1 in counts(run(ground_of(SALES), TermsBuckets(field="n")))


def test_terms_are_chosen_by_expression_and_by_value() -> None:
    ground = ground_of(SALES)

    assert counts(run(ground, TermsBuckets(field="tag", include="a|z"))) == {"a": 2}
    assert counts(run(ground, TermsBuckets(field="n", exclude=(10, -5)))) == {20: 1, 2**53 + 1: 1}


def test_terms_without_documents_are_shown_when_none_are_needed() -> None:
    assert counts(run(ground_of(SALES), TermsBuckets(field="n", min_doc_count=0), query="b")) == {
        -5: 1,
        2**53 + 1: 1,
        10: 0,
        20: 0,
    }


def test_documents_without_a_term_are_counted_under_missing_with_what_is_below() -> None:
    total = Aggregation(name="total", type="sum", body=Metric(kind="sum", field="n"))

    part = run(ground_of(SALES), TermsBuckets(field="tag", missing="none"), total)

    assert counts(part) == {"a": 2, "b": 2, "none": 1}
    assert part.buckets[2].aggregations["total"].sum == 30


def test_documents_without_a_term_join_those_that_have_it() -> None:
    ground = ground_of([*SALES, {"n": [7]}])
    total = Aggregation(name="total", type="sum", body=Metric(kind="sum", field="n"))

    part = run(ground, TermsBuckets(field="tag", missing="b"), total)
    few = run(ground, TermsBuckets(field="tag", missing="b", size=1, shard_size=1))
    left_out = run(ground, TermsBuckets(field="tag", missing="b", exclude=("b",)))

    assert counts(part) == {"b": 4, "a": 2}
    assert part.buckets[0].aggregations["total"].sum == pytest.approx(2**53 + 33)
    assert (counts(few), few.other) == ({"b": 4}, 2)
    assert counts(left_out) == {"a": 2}


def test_hard_bounds_of_dates_hold_whole_intervals_up_to_the_upper_one() -> None:
    body = DateHistogramBuckets(field="at", calendar="day", hard_bounds=("1970-01-01T05:00:00", "1970-02-01T05:00:00"))

    assert counts(run(ground_of(SALES), body)) == {0: 1}


def test_a_month_begins_where_its_zone_says() -> None:
    part = run(ground_of(SALES), DateHistogramBuckets(field="at", calendar="month", time_zone="Europe/Berlin"))

    assert counts(part) == {-2_682_000_000: 1, -3_600_000: 1, 2_674_800_000: 1}


def test_fixed_days_before_1970_are_days_too() -> None:
    part = run(ground_of(SALES), DateHistogramBuckets(field="at", fixed=86_400_000))

    assert counts(part) == {-86_400_000: 1, 0: 1, 86_400_000 * 31: 1}
    assert part.date_format == "strict_date_optional_time||epoch_millis"


def test_date_ranges_read_their_bounds_as_dates() -> None:
    body = RangeBuckets(field="at", ranges=(RangeOf(to="1970-01-01"), RangeOf(from_="1970-01-01")), dates=True)

    part = run(ground_of(SALES), body)

    assert [(one.from_, one.to, one.doc_count) for one in part.buckets] == [(None, 0, 1), (0, None, 2)]


def test_filters_count_what_no_filter_matches_under_the_other_key() -> None:
    body = FiltersBuckets(filters=(("first", Term(field="tag", value="a")),), other_bucket_key="other")

    assert counts(run(ground_of(SALES), body)) == {"first": 2, "other": 2}


def test_global_counts_all_documents_whatever_the_query() -> None:
    assert counts(run(ground_of(SALES), GlobalBucket(), query="b")) == {None: 4}


def test_composite_pages_go_on_after_a_key() -> None:
    sources = tuple(
        CompositeSource(name=name, values=TermsBuckets(field=name), missing_bucket=True) for name in ("tag", "n")
    )
    ground = ground_of(SALES)

    first = run(ground, CompositeBuckets(sources=sources, size=3))
    second = run(ground, CompositeBuckets(sources=sources, size=5, after={"tag": "a", "n": 10}))

    assert counts(first) == {(None, 10): 1, (None, 20): 1, ("a", 10): 1}
    assert counts(second) == {("a", 2**53 + 1): 1, ("b", -5): 1, ("b", 2**53 + 1): 1}


def test_composite_sources_may_be_intervals_and_are_what_their_children_see() -> None:
    sources = (
        CompositeSource(name="day", values=DateHistogramBuckets(field="at", calendar="day"), ascending=False),
        CompositeSource(name="x", values=HistogramBuckets(field="x", interval=2), missing_bucket=True),
    )
    number = Aggregation(name="number", type="cardinality", body=Metric(kind="cardinality", field="tag"))

    part = run(ground_of(SALES), CompositeBuckets(sources=sources), number)

    assert counts(part) == {(86_400_000 * 31, None): 1, (0, 2.0): 1, (-86_400_000, 0.0): 1}
    assert [one.aggregations["number"].values for one in part.buckets] == [["b"], ["a", "b"], ["a"]]


MONTHS = DateHistogramBuckets(field="at", calendar="month", time_zone="Europe/Berlin")


def test_composite_sources_by_months_in_a_zone_go_on_page_by_page() -> None:
    ground = ground_of(SALES)
    sources = (
        CompositeSource(name="month", values=MONTHS, ascending=False, missing_bucket=True, missing_order="first"),
        CompositeSource(name="tag", values=TermsBuckets(field="tag"), missing_bucket=True),
    )
    total = Aggregation(name="total", type="sum", body=Metric(kind="sum", field="n"))

    first = run(ground, CompositeBuckets(sources=sources, size=2), total)
    last = first.buckets[-1].key
    second = run(ground, CompositeBuckets(sources=sources, size=9, after={"month": last[0], "tag": last[1]}), total)

    assert counts(first) == {(None, None): 1, (2_674_800_000, "b"): 1}
    assert counts(second) == {(-3_600_000, "a"): 1, (-3_600_000, "b"): 1, (-2_682_000_000, "a"): 1}
    assert [one.aggregations["total"].sum for one in first.buckets] == [30, -5]


def test_a_composite_page_may_begin_after_a_date_as_text() -> None:
    body = DateHistogramBuckets(field="at", calendar="day", format="yyyy-MM-dd")
    source = CompositeSource(name="day", values=body)

    part = run(ground_of(SALES), CompositeBuckets(sources=(source,), after={"day": "1970-01-01"}))

    assert counts(part) == {(86_400_000 * 31,): 1}


def test_a_value_that_all_documents_have_is_their_bucket() -> None:
    ground = ground_of(SALES)
    total = Aggregation(name="total", type="sum", body=Metric(kind="sum", field="n"))
    sources = tuple(CompositeSource(name=name, values=TermsBuckets(field=name)) for name in ("same", "tag"))

    part = run(ground, TermsBuckets(field="same"), total, query="b")

    assert counts(part) == {"here": 2}
    assert part.buckets[0].aggregations["total"].sum == pytest.approx(2**53 - 4)
    assert counts(run(ground, TermsBuckets(field="_index"))) == {"things": 4}
    assert counts(run(ground, TermsBuckets(field="same", exclude=("here",)))) == {}
    assert counts(run(ground, MissingBucket(field="same"))) == {None: 0}
    assert run(ground, Metric(kind="value_count", field="same")).count == 4
    assert run(ground, Metric(kind="cardinality", field="same")).values == ["here"]
    assert counts(run(ground, CompositeBuckets(sources=sources))) == {("here", "a"): 2, ("here", "b"): 2}


def test_days_of_a_fixed_length_begin_by_the_clocks_of_their_zone() -> None:
    part = run(ground_of(SALES), DateHistogramBuckets(field="at", fixed=86_400_000, time_zone="+02:00"))
    changed = ground_of([{"at": [stamp]} for stamp in (1_711_839_600_000, 1_711_922_400_000)])  # Berlin's short day
    short = run(changed, DateHistogramBuckets(field="at", fixed=86_400_000, time_zone="Europe/Berlin"))

    assert counts(part) == {-93_600_000: 1, -7_200_000: 1, 86_400_000 * 31 - 7_200_000: 1}
    assert counts(short) == {1_711_839_600_000: 1, 1_711_922_400_000: 1}


def test_documents_without_a_number_are_in_the_interval_of_missing_with_what_is_below() -> None:
    total = Aggregation(name="total", type="sum", body=Metric(kind="sum", field="n"))
    ground = ground_of(SALES)

    part = run(ground, HistogramBuckets(field="x", interval=2, missing=3), total)
    alone = run(ground, HistogramBuckets(field="nowhere", interval=2, missing=3))
    days = run(ground, DateHistogramBuckets(field="at", calendar="day", missing="1970-01-01"))
    outside = run(ground, HistogramBuckets(field="x", interval=2, missing=30, hard_bounds=(0, 10)))

    assert counts(part) == {0.0: 1, 2.0: 3}
    assert part.buckets[1].aggregations["total"].sum == pytest.approx(2**53 + 26)
    assert counts(alone) == {2.0: 4}
    assert counts(days)[0] == 2
    assert counts(outside) == {0.0: 1, 2.0: 1}


def test_documents_without_a_number_are_in_the_ranges_that_hold_missing() -> None:
    body = RangeBuckets(field="x", ranges=(RangeOf(to=2), RangeOf(from_=2), RangeOf(from_=5)), missing=4)

    assert [one.doc_count for one in run(ground_of(SALES), body).buckets] == [1, 3, 0]


def test_partitions_share_out_all_values() -> None:
    ground = ground_of([{"tag": [f"t{place}"], "n": [place]} for place in range(50)])
    for field in ("tag", "n"):
        parts = [
            set(counts(run(ground, TermsBuckets(field=field, size=50, include=Partition(number=number, of=4)))))
            for number in range(4)
        ]
        assert sum(len(part) for part in parts) == len(set().union(*parts)) == 50
        assert all(parts)


def test_composite_shows_missing_values_where_they_are_asked_for() -> None:
    source = CompositeSource(name="tag", values=TermsBuckets(field="tag"), missing_bucket=True, missing_order="last")

    part = run(ground_of(SALES), CompositeBuckets(sources=(source,)))

    assert list(counts(part)) == [("a",), ("b",), (None,)]


def test_percentiles_and_cardinality_are_exact_up_to_their_bound_and_near_beyond_it() -> None:
    few = ground_of(SALES)
    many = ground_of([{"n": [value]} for value in range(20_000)])
    spread, number = Metric(kind="percentiles", field="n"), Metric(kind="cardinality", field="n")

    assert run(few, spread) == Distribution(values=[-5, 10, 20, 2.0**53], counts=[1, 2, 1, 1])
    assert run(few, number) == Distinct(values=[-5, 10, 20, 2**53 + 1])
    wide = run(many, spread)
    assert sum(wide.counts) == 20_000
    assert wide.values == pytest.approx(sorted(wide.values))
    assert run(many, number).estimate == pytest.approx(20_000, rel=0.03)


def test_top_hits_below_terms_are_those_of_each_bucket() -> None:
    best = Aggregation(name="best", type="top_hits", body=TopHits())

    part = run(ground_of(SALES, best=Best(total=2)), TermsBuckets(field="tag"), best)

    assert [one.aggregations["best"] for one in part.buckets] == [Best(total=2), Best(total=2)]


@pytest.mark.parametrize("body", [TermsBuckets(field="unseen"), HistogramBuckets(field="nowhere", interval=1)])
def test_a_field_without_values_has_no_buckets(body: Body) -> None:
    assert counts(run(ground_of(SALES), body)) == {}


def test_a_metric_of_an_unmapped_field_counts_nothing() -> None:
    assert run(ground_of(SALES), Metric(kind="avg", field="nowhere")) == Metrics()


@pytest.mark.parametrize(
    ("type_", "body", "sentence"),
    [
        ("terms", TermsBuckets(field="body"), r"Fielddata is disabled on \[body\] in \[things\]"),
        ("terms", TermsBuckets(field="blind"), r"fielddata is unsupported on fields of type \[keyword\]"),
        (
            "avg",
            Metric(kind="avg", field="tag"),
            r"Field \[tag\] of type \[keyword\] is not supported for aggregation \[avg\]",
        ),
    ],
)
def test_what_cannot_be_aggregated_is_refused_in_words_that_users_know(type_: str, body: Body, sentence: str) -> None:
    with pytest.raises(IsthmusError, match=sentence) as refused:
        run(ground_of(SALES), body, type=type_)

    assert refused.value.status == 400


def test_more_buckets_than_may_be_are_refused() -> None:
    ground = ground_of([{"n": [value]} for value in range(70_000)])

    with pytest.raises(IsthmusError, match=r"Trying to create too many buckets.*\[65536\]") as refused:
        run(ground, HistogramBuckets(field="n", interval=1))

    assert refused.value.type == "too_many_buckets_exception"
