"""One level of aggregations over the documents of a query, and those below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tantivy

from isthmus.index.aggregating import histograms, ranges, terms
from isthmus.index.aggregating.absent import in_or_absent, key_of_absent, value_of_absent
from isthmus.index.aggregating.composite import composite_keys
from isthmus.index.aggregating.distinct import distinct_values, distribution
from isthmus.index.aggregating.ground import Ground, both
from isthmus.index.aggregating.metrics import metric_apart, metric_plan
from isthmus.index.aggregating.ordering import head_of
from isthmus.index.aggregating.plan import BucketsPlan, Plan
from isthmus.index.aggregating.refusals import TooManyBucketsError
from isthmus.query.aggregation_tree import (
    Aggregation,
    CompositeBuckets,
    DateHistogramBuckets,
    FilterBucket,
    FiltersBuckets,
    GlobalBucket,
    HistogramBuckets,
    Metric,
    MissingBucket,
    Pipeline,
    RangeBuckets,
    TermsBuckets,
    TopHits,
)
from isthmus.query.aggregations.steps import steps_of
from isthmus.query.partial import Bucket, Buckets, Partial


def aggregate(ground: Ground, query: tantivy.Query, aggregations: Sequence[Aggregation]) -> dict[str, Partial]:
    """The parts of `aggregations` over what `query` matches, by name; pipelines have none.

    Raises UnsupportedFieldError, TooManyBucketsError and AggregationTimeoutError.
    """
    asked = [aggregation for aggregation in aggregations if not isinstance(aggregation.body, Pipeline)]
    try:
        return in_one_call(ground, query, asked, deep=True)
    except TooManyBucketsError:
        if not any(aggregation.aggregations for aggregation in asked):
            raise
        return in_one_call(ground, query, asked, deep=False)


@dataclass(frozen=True, slots=True)
class Tree:
    """An aggregation that Tantivy runs, the ones below it that it runs in the same call, and the `rest`."""

    aggregation: Aggregation
    plan: Plan | BucketsPlan
    pushed: tuple[Tree, ...] = ()
    rest: tuple[Aggregation, ...] = ()

    @property
    def request(self) -> dict[str, Any]:
        below = {str(place): tree.request for place, tree in enumerate(self.pushed)}
        return {**self.plan.request, "aggs": below} if below else dict(self.plan.request)


def in_one_call(
    ground: Ground, query: tantivy.Query, aggregations: Sequence[Aggregation], *, deep: bool
) -> dict[str, Partial]:
    trees = {aggregation.name: tree_of(ground, query, aggregation, deep=deep) for aggregation in aggregations}
    pushed = {str(place): tree.request for place, tree in enumerate(trees.values()) if tree is not None}
    answer = ground.run(query, pushed) if pushed else {}
    parts: dict[str, Partial] = {}
    for place, aggregation in enumerate(aggregations):
        tree = trees[aggregation.name]
        if tree is None:
            parts[aggregation.name] = apart(ground, query, aggregation)
        else:
            parts[aggregation.name] = read(ground, query, tree, answer[str(place)])
    return parts


def tree_of(ground: Ground, query: tantivy.Query, aggregation: Aggregation, *, deep: bool) -> Tree | None:
    plan = plan_of(ground, query, aggregation)
    if plan is None:
        return None
    pushed: list[Tree] = []
    rest: list[Aggregation] = []
    for child in aggregation.aggregations:
        may = deep or isinstance(child.body, Metric)
        tree = tree_of(ground, query, child, deep=deep) if may else None
        if tree is not None and not tree.rest:
            pushed.append(tree)
        elif not isinstance(child.body, Pipeline):
            rest.append(child)
    return Tree(aggregation, plan, tuple(pushed), tuple(rest))


def plan_of(ground: Ground, query: tantivy.Query, aggregation: Aggregation) -> Plan | BucketsPlan | None:
    body = aggregation.body
    if isinstance(body, Metric):
        return None if body.kind in ("cardinality", "percentiles") else metric_plan(ground, body)
    if isinstance(body, TermsBuckets):
        if ground.shared(body.field) is not None:
            return None
        column = ground.column(body.field, aggregation.type)
        plan = None if column is None else terms.TermsPlan(ground, column, body, aggregation.aggregations)
        return None if plan is None or plan.missing_is_a_value else plan
    if isinstance(body, (RangeBuckets, HistogramBuckets, DateHistogramBuckets)):
        return numeric_plan(ground, query, aggregation.type, body)
    return None


def numeric_plan(
    ground: Ground,
    query: tantivy.Query,
    name: str,
    body: RangeBuckets | HistogramBuckets | DateHistogramBuckets,
) -> BucketsPlan | None:
    column = ground.column(body.field, name, numbers=True)
    if column is None or body.missing is not None:
        return None
    if isinstance(body, HistogramBuckets):
        return histograms.histogram_plan(ground, column, body)
    if isinstance(body, DateHistogramBuckets):
        plan = histograms.date_histogram_plan(ground, query, column, body)
        return plan if isinstance(plan, histograms.HistogramPlan) or plan.starts else None
    asked = ranges.empty_ranges(ground, body)
    if not asked or not ranges.are_apart(column, asked):
        return None
    return ranges.RangesPlan(ground, column, asked, ranges.date_format(column, body))


def read(ground: Ground, query: tantivy.Query, tree: Tree, answer: Mapping[str, Any]) -> Partial:
    plan = tree.plan
    if isinstance(plan, Plan):
        return plan.read(answer)
    found = []
    for bucket, part in plan.read(answer):
        for place, below in enumerate(tree.pushed):
            answered = part[str(place)] if str(place) in part else of_nothing(ground, below)
            bucket.aggregations[below.aggregation.name] = read(ground, query, below, answered)
        found.append(bucket)
    early = ordered_by_rest(tree)
    if early:
        complete(ground, query, tree, plan, found)
    gathered = plan.gathered(found, answer)
    if not early:
        complete(ground, query, tree, plan, gathered.buckets)
    return gathered


def of_nothing(ground: Ground, tree: Tree) -> Mapping[str, Any]:
    """What Tantivy answers for no documents: it leaves that out of buckets that we add."""
    answer: Mapping[str, Any] = ground.run(tantivy.Query.empty_query(), {"0": tree.request})["0"]
    return answer


def ordered_by_rest(tree: Tree) -> bool:
    body = tree.aggregation.body
    order = body.order if isinstance(body, TermsBuckets) else ()
    return bool({child.name for child in tree.rest} & {head_of(path) for path, _ in order})


def complete(ground: Ground, query: tantivy.Query, tree: Tree, plan: BucketsPlan, buckets: Sequence[Bucket]) -> None:
    if tree.rest:
        for bucket in buckets:
            bucket.aggregations |= aggregate(ground, both(query, plan.matching(bucket)), tree.rest)


def apart(ground: Ground, query: tantivy.Query, aggregation: Aggregation) -> Partial:
    """An aggregation that Tantivy does not run by itself."""
    body = aggregation.body
    if isinstance(body, Metric):
        return metric_of(ground, query, body)
    if isinstance(body, TopHits):
        return ground.best(query, body)
    if isinstance(body, CompositeBuckets):
        return composite_of(ground, query, aggregation, body)
    if isinstance(body, TermsBuckets):
        if ground.shared(body.field) is None and ground.column(body.field, aggregation.type) is not None:
            return terms_with_absent(ground, query, aggregation, body)
        found = terms.unmapped_terms(ground, query, body)
        for bucket in found.buckets:
            bucket.aggregations = aggregate(ground, query, aggregation.aggregations)
        return found
    if isinstance(body, (HistogramBuckets, DateHistogramBuckets)):
        return Buckets() if body.missing is None else histogram_with_absent(ground, query, aggregation, body)
    return Buckets(
        buckets=[
            bucket_of(ground, inner, bucket, aggregation.aggregations)
            for bucket, inner in separate_buckets(ground, query, aggregation.type, body)
        ],
        date_format=range_format(ground, body) if isinstance(body, RangeBuckets) else None,
    )


def histogram_with_absent(
    ground: Ground, query: tantivy.Query, aggregation: Aggregation, body: HistogramBuckets | DateHistogramBuckets
) -> Buckets:
    """The buckets of values, and the one that documents without a value are in, made anew."""
    plain = replace(aggregation, body=replace(body, missing=None))
    found = aggregate(ground, query, [plain])[aggregation.name]
    column = ground.column(body.field, aggregation.type, numbers=True)
    key = key_of_absent(ground, column, body)
    if not isinstance(found, Buckets) or key is None or not ground.count(both(query, ground.absent(body.field))):
        return found if isinstance(found, Buckets) else Buckets()
    steps = steps_of(body, ground.calendar)
    inner = both(query, in_or_absent(ground, column, body.field, key, steps.following(key)))
    others = [bucket for bucket in found.buckets if steps.exact(bucket.key) != steps.exact(key)]
    found.buckets = [*others, bucket_of(ground, inner, Bucket(key=key), aggregation.aggregations)]
    return found


def terms_with_absent(ground: Ground, query: tantivy.Query, aggregation: Aggregation, body: TermsBuckets) -> Buckets:
    """The buckets of values, and that of the value which documents without one count for, made anew."""
    plain = replace(aggregation, body=replace(body, missing=None))
    found = aggregate(ground, query, [plain])[aggregation.name]
    column = ground.column(body.field, aggregation.type)
    if not isinstance(found, Buckets) or column is None:
        return Buckets()
    plan = terms.TermsPlan(ground, column, body, aggregation.aggregations)
    key = plan.missing
    having = ground.exactly(column, key) if key is not None else tantivy.Query.empty_query()
    chosen = aggregate(ground, having, [replace(plain, aggregations=(), body=plan.of_everything)])[aggregation.name]
    if not isinstance(chosen, Buckets) or all(bucket.key != key for bucket in chosen.buckets):
        return found  # the value is not among those to include
    others = [bucket for bucket in found.buckets if bucket.key != key]
    cut_off = 0 if len(others) < len(found.buckets) else ground.count(both(query, having))
    inner = both(query, plan.matching(Bucket(key=key)))
    bucket = bucket_of(ground, inner, plan.bucket(key, 0), aggregation.aggregations)
    made = plan.gathered([*others, *([bucket] if bucket.doc_count else [])], {"sum_other_doc_count": 0})
    made.other += found.other - cut_off
    return made


def range_format(ground: Ground, body: RangeBuckets) -> str | None:
    return ranges.date_format(ground.column(body.field, "range"), body)


def metric_of(ground: Ground, query: tantivy.Query, metric: Metric) -> Partial:
    if metric.kind == "cardinality":
        return distinct_values(ground, query, metric)
    if metric.kind == "percentiles":
        return distribution(ground, query, metric)
    return metric_apart(ground, query, metric)


def bucket_of(ground: Ground, query: tantivy.Query, bucket: Bucket, children: tuple[Aggregation, ...]) -> Bucket:
    bucket.doc_count = ground.count(query)
    bucket.aggregations = aggregate(ground, query, children)
    return bucket


def separate_buckets(ground: Ground, query: tantivy.Query, name: str, body: Any) -> list[tuple[Bucket, tantivy.Query]]:
    """Buckets that are each a query of their own."""
    if isinstance(body, FilterBucket):
        return [(Bucket(), both(query, ground.translate(body.query)))]
    if isinstance(body, FiltersBuckets):
        return filters_of(ground, query, body)
    if isinstance(body, MissingBucket):
        ground.column(body.field, name)  # refuses fields that have no values to look for
        return [(Bucket(), both(query, ground.absent(body.field)))]
    if isinstance(body, GlobalBucket):
        return [(Bucket(), ground.everything)]
    return [(one, both(query, of_range(ground, name, body, one))) for one in ranges.empty_ranges(ground, body)]


def of_range(ground: Ground, name: str, body: RangeBuckets, one: Bucket) -> tantivy.Query:
    column = ground.column(body.field, name, numbers=True)
    if body.missing is not None and ranges.low_of(one) <= value_of_absent(ground, body) < ranges.high_of(one):
        return in_or_absent(ground, column, body.field, one.from_, one.to)
    return tantivy.Query.empty_query() if column is None else ground.within(column, one.from_, one.to)


def filters_of(ground: Ground, query: tantivy.Query, body: FiltersBuckets) -> list[tuple[Bucket, tantivy.Query]]:
    filters = [(name, ground.translate(tree)) for name, tree in body.filters]
    found = [(Bucket(key=name), both(query, filtered)) for name, filtered in filters]
    if body.other_bucket_key is not None:
        must, must_not = tantivy.Occur.Must, tantivy.Occur.MustNot
        clauses = [(must, query), *((must_not, filtered) for _, filtered in filters)]
        found.append((Bucket(key=body.other_bucket_key), tantivy.Query.boolean_query(clauses)))
    return found


def composite_of(ground: Ground, query: tantivy.Query, aggregation: Aggregation, body: CompositeBuckets) -> Buckets:
    found, matching = composite_keys(ground, query, body, aggregate)
    for bucket in found.buckets:
        if aggregation.aggregations:
            inner = both(query, matching(bucket))
            bucket.aggregations = aggregate(ground, inner, aggregation.aggregations)
    return found
