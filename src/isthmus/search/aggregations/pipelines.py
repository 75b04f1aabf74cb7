"""Pipelines over finished buckets.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-pipeline.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cmp_to_key
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import Aggregation, GapPolicy, Pipeline
from isthmus.query.aggregations.intervals import CALENDAR, milliseconds
from isthmus.query.aggregations.paths import Step, in_order, parse_path
from isthmus.search.aggregations.finished import Computed, Finished, FinishedBucket, Many, One, number_at
from isthmus.search.ordering import compare_values

DAY: Final = 86_400_000
UNIT_LENGTHS: Final = {
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": DAY,
    "week": 7 * DAY,
    "month": 30.436875 * DAY,
    "quarter": 91.310625 * DAY,
    "year": 365.2425 * DAY,
}


_Sortable = tuple[list[Any], FinishedBucket]


def run_below(asked: Aggregation, buckets: list[FinishedBucket]) -> list[FinishedBucket]:
    """Return `buckets` with what the pipelines directly below `asked` make of them."""
    for one in in_order(asked.aggregations):
        buckets = _parent_pipeline(one, _pipeline_of(one), buckets)
    return buckets


def run_beside(siblings: tuple[Aggregation, ...], finished: dict[str, Finished]) -> None:
    """Add to `finished` what the pipelines among `siblings` make of aggregations beside them."""
    for one in in_order(siblings):
        pipeline = _pipeline_of(one)
        if pipeline.kind == "max_bucket":
            finished[one.name] = _max_bucket(one, pipeline, finished)


def _pipeline_of(asked: Aggregation) -> Pipeline:
    if not isinstance(asked.body, Pipeline):
        raise TypeError(f"[{asked.name}] is no pipeline")
    return asked.body


def _parent_pipeline(one: Aggregation, pipeline: Pipeline, buckets: list[FinishedBucket]) -> list[FinishedBucket]:
    match pipeline.kind:
        case "cumulative_sum":
            _cumulative_sum(one, pipeline, buckets)
        case "derivative":
            _derivative(one, pipeline, buckets)
        case "bucket_sort":
            return _bucket_sort(pipeline, buckets)
        case "max_bucket":
            pass  # it stands beside what it reads
    return buckets


def _value(bucket: FinishedBucket, steps: tuple[Step, ...], policy: GapPolicy) -> float | None:
    """What a pipeline reads of a bucket: None where nothing is there, NaN for a gap that is skipped."""
    number = number_at(bucket, steps)
    if number is None or (len(steps) == 1 and steps[0].name == "_count"):
        return number
    gap = not math.isfinite(number) or (bucket.doc_count == 0 and policy != "keep_values")
    if not gap:
        return number
    return 0.0 if policy == "insert_zeros" else math.nan


def _cumulative_sum(one: Aggregation, pipeline: Pipeline, buckets: list[FinishedBucket]) -> None:
    steps, total = parse_path(pipeline.buckets_path), 0.0
    for bucket in buckets:
        value = _value(bucket, steps, "insert_zeros")
        if value is not None and math.isfinite(value):
            total += value
        bucket.aggregations[one.name] = Computed(asked=one, kind="simple_value", value=total)


def _derivative(one: Aggregation, pipeline: Pipeline, buckets: list[FinishedBucket]) -> None:
    steps = parse_path(pipeline.buckets_path)
    before: float | None = None
    key_before: Any = None
    for bucket in buckets:
        value = _value(bucket, steps, pipeline.gap_policy)
        if before is not None and value is not None:
            difference = _none_of_nan(value - before)
            members = _normalized(difference, pipeline.unit, bucket.key - key_before)
            bucket.aggregations[one.name] = Computed(asked=one, kind="derivative", value=difference, members=members)
        before, key_before = value, bucket.key


def _normalized(difference: float | None, unit: str | None, distance: float) -> Mapping[str, float | None]:
    if unit is None:
        return {}
    length = UNIT_LENGTHS[CALENDAR[unit]] if unit in CALENDAR else milliseconds(unit)
    return {"normalized_value": None if difference is None else difference / (distance / length)}


def _none_of_nan(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def _bucket_sort(pipeline: Pipeline, buckets: list[FinishedBucket]) -> list[FinishedBucket]:
    end = None if pipeline.size is None else pipeline.from_ + pipeline.size
    if not pipeline.sort:
        return buckets[pipeline.from_ : end]
    keyed: list[_Sortable] = [(_sort_values(pipeline, bucket), bucket) for bucket in buckets]
    with_values = [pair for pair in keyed if any(value is not None for value in pair[0])]

    def compare(left: _Sortable, right: _Sortable) -> int:
        return _compare(pipeline, left[0], right[0])

    with_values.sort(key=cmp_to_key(compare))
    return [bucket for _, bucket in with_values][pipeline.from_ : end]


def _sort_values(pipeline: Pipeline, bucket: FinishedBucket) -> list[Any]:
    return [_sort_value(path, bucket, pipeline.gap_policy) for path, _ in pipeline.sort]


def _sort_value(path: str, bucket: FinishedBucket, policy: GapPolicy) -> Any:
    if path == "_key":
        return bucket.key if isinstance(bucket.key, str | int | float) else bucket.label
    value = _value(bucket, parse_path(path), policy)
    return None if value is None or math.isnan(value) else value


def _compare(pipeline: Pipeline, left: list[Any], right: list[Any]) -> int:
    for (_, ascending), one, other in zip(pipeline.sort, left, right, strict=True):
        if one is None or other is None:
            if one is not other:
                return 1 if one is None else -1
        elif difference := compare_values(one, other):
            return difference if ascending else -difference
    return 0


def _source_of(steps: tuple[Step, ...], finished: Mapping[str, Finished]) -> tuple[Step, Finished, tuple[Step, ...]]:
    """Where a path comes to buckets of which none is named, and how it goes on."""
    first, *rest = steps
    source = finished[first.name]
    below = _only_bucket(source, first)
    if below is not None and rest and isinstance(below.aggregations.get(rest[0].name), One | Many):
        return _source_of(tuple(rest), below.aggregations)
    return first, source, tuple(rest)


def _only_bucket(source: Finished, step: Step) -> FinishedBucket | None:
    """The bucket that a step of a path means: the only one there is, or the one it names."""
    if isinstance(source, One):
        return source.bucket
    if isinstance(source, Many) and step.key is not None:
        return next((bucket for bucket in source.buckets if bucket.label == step.key), None)
    return None


def _max_bucket(one: Aggregation, pipeline: Pipeline, finished: Mapping[str, Finished]) -> Computed:
    first, source, rest = _source_of(parse_path(pipeline.buckets_path), finished)
    if not isinstance(source, Many):
        raise UsageError(f"buckets_path must reference a multi-bucket aggregation, not [{first.name}]")
    steps = rest or (Step(first.key or "_count"),)
    best = -math.inf
    keys: list[str] = []
    for bucket in source.buckets:
        value = _value(bucket, steps, pipeline.gap_policy)
        if value is None or math.isnan(value) or value < best:
            continue
        keys = [*keys, bucket.label] if value == best else [bucket.label]
        best = value
    value = float(best) if keys else None
    return Computed(asked=one, kind="bucket_metric_value", value=value, members={"keys": keys})
