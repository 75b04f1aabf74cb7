"""Results of several targets become one: the best hits in order, totals up to what was asked, failures kept."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from isthmus.query.aggregation_tree import Aggregation, Metric, TermsBuckets, TopHits
from isthmus.query.partial import Best, Bucket, Buckets, Distinct, Distribution, Failure, Hit, Metrics, PartialResult
from isthmus.query.search_request import MAX_TRACKED, Collapse, SearchRequest
from isthmus.query.sorts import SortKey
from isthmus.search.reduce import merge, reduce

BY_N = (SortKey(field="n"),)


def scored(index: str, *scores: float) -> PartialResult:
    hits = [Hit(index=index, id=str(at), score=score) for at, score in enumerate(scores)]
    return PartialResult(hits=hits, total=len(hits), max_score=max(scores, default=None), shards=1)


def sorted_by(*values: int | str | None) -> PartialResult:
    return PartialResult(hits=[Hit(index="i", id=str(value), sort=(value,)) for value in values], total=len(values))


def names(result: PartialResult) -> list[str]:
    return [f"{hit.index}{hit.id}" for hit in result.hits]


def test_the_best_scores_come_first_and_ties_keep_the_order_of_targets() -> None:
    merged = reduce(SearchRequest(size=4), [scored("a", 3, 1), scored("b", 3, 2), scored("c", 5)])
    assert names(merged) == ["c0", "a0", "b0", "b1"]
    assert (merged.max_score, merged.total, merged.shards) == (5, 5, 3)


def test_a_target_without_hits_changes_nothing_but_the_number_of_shards() -> None:
    alone = scored("a", 3, 1)
    merged = reduce(SearchRequest(), [PartialResult(shards=1), alone])
    assert (merged.hits, merged.max_score, merged.shards) == (alone.hits, 3, 2)


def test_missing_values_come_last_or_first_whatever_the_direction() -> None:
    results = [sorted_by(None, 2), sorted_by(5, 1, None)]
    for ascending, expected in ((True, ["1", "2", "5", "None", "None"]), (False, ["5", "2", "1", "None", "None"])):
        key = SortKey(field="n", ascending=ascending)
        assert [hit.id for hit in reduce(SearchRequest(sort=(key,)), results).hits] == expected
        first = replace(key, missing="_first")
        assert [hit.id for hit in reduce(SearchRequest(sort=(first,)), results).hits] == expected[3:] + expected[:3]


def test_indices_that_map_a_field_differently_still_have_an_order() -> None:
    merged = reduce(SearchRequest(sort=BY_N), [sorted_by("a", "b"), sorted_by(2, 1)])
    assert [hit.id for hit in merged.hits] == ["1", "2", "a", "b"]


def test_hits_are_counted_as_far_as_the_request_tracks_them() -> None:
    five, seven = PartialResult(total=5), PartialResult(total=7)
    exact = reduce(SearchRequest(track_total_hits=MAX_TRACKED), [five, seven])
    assert (exact.total, exact.total_is_exact) == (12, True)
    cut = reduce(SearchRequest(track_total_hits=10), [five, seven])
    assert (cut.total, cut.total_is_exact) == (10, False)
    just = reduce(SearchRequest(track_total_hits=12), [five, seven])
    assert (just.total, just.total_is_exact) == (12, True)


def test_collapsing_leaves_the_best_hit_of_each_key() -> None:
    left = PartialResult(hits=[Hit(index="a", id="1", score=3, collapse_key="x"), Hit(index="a", id="2", score=1)])
    right = PartialResult(hits=[Hit(index="b", id="3", score=5, collapse_key="x"), Hit(index="b", id="4", score=0.5)])
    merged = reduce(SearchRequest(collapse=Collapse(field="k")), [left, right])
    assert [hit.id for hit in merged.hits] == ["3", "2"]


def test_failures_and_what_ended_early_are_kept() -> None:
    failed = PartialResult(shards=1, failures=[Failure(index="a", type="t", reason="r")], timed_out=True)
    merged = reduce(SearchRequest(), [failed, PartialResult(shards=1, terminated_early=True)])
    assert (len(merged.failures), merged.timed_out, merged.terminated_early, merged.shards) == (1, True, True, 2)


def test_a_term_that_a_target_may_have_left_out_has_its_error() -> None:
    asked = (Aggregation(name="t", type="terms", body=TermsBuckets(field="k")),)
    left = Buckets(buckets=[Bucket(key="x", doc_count=9), Bucket(key="y", doc_count=4)], other=6, error=4)
    right = Buckets(buckets=[Bucket(key="x", doc_count=3)], other=2, error=3)
    results = [PartialResult(aggregations={"t": one}) for one in (left, right)]
    merged = reduce(SearchRequest(aggregations=asked), results).aggregations["t"]
    assert isinstance(merged, Buckets)
    assert [(one.key, one.doc_count, one.error) for one in merged.buckets] == [("x", 12, 0), ("y", 4, 3)]
    assert (merged.other, merged.error) == (8, 7)


ASKED = (
    Aggregation(
        name="t",
        type="terms",
        body=TermsBuckets(field="k"),
        aggregations=(Aggregation(name="s", type="sum", body=Metric(kind="sum", field="n")),),
    ),
    Aggregation(name="c", type="cardinality", body=Metric(kind="cardinality", field="k")),
    Aggregation(name="p", type="percentiles", body=Metric(kind="percentiles", field="n")),
    Aggregation(name="h", type="top_hits", body=TopHits(size=2)),
)
COUNTS = st.integers(0, 20)
KEYS = st.sampled_from("uvwxyz")
HITS = st.lists(st.builds(Hit, index=KEYS, id=KEYS, score=st.integers(0, 3).map(float)), max_size=3)
METRICS = st.builds(Metrics, count=COUNTS, sum=COUNTS.map(float))
BUCKETS = st.builds(
    Buckets,
    buckets=st.lists(
        st.builds(Bucket, key=KEYS, doc_count=COUNTS, error=COUNTS, aggregations=st.fixed_dictionaries({"s": METRICS})),
        unique_by=lambda bucket: bucket.key,
        max_size=4,
    ),
    other=COUNTS,
    error=st.integers(-1, 9),
)
RESULTS = st.builds(
    PartialResult,
    hits=HITS,
    total=COUNTS,
    shards=COUNTS,
    aggregations=st.fixed_dictionaries(
        {
            "t": BUCKETS,
            "c": st.builds(Distinct, values=st.lists(KEYS, unique=True)),
            "p": st.lists(COUNTS, max_size=3, unique=True).map(
                lambda values: Distribution(values=sorted(map(float, values)), counts=[1] * len(values))
            ),
            "h": st.builds(Best, total=COUNTS, hits=HITS),
        }
    ),
)


@given(RESULTS, RESULTS, RESULTS)
def test_targets_may_be_merged_in_groups(one: PartialResult, two: PartialResult, three: PartialResult) -> None:
    request = SearchRequest(size=3, aggregations=ASKED, track_total_hits=15)
    left = merge(request, merge(request, one, two), three)
    right = merge(request, one, merge(request, two, three))
    assert left == right
