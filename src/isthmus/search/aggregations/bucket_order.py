"""The order of buckets: by count, by key, by a metric below them; and of composite keys."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from isthmus.query.aggregation_tree import Aggregation, CompositeBuckets, CompositeSource, Metric, Order
from isthmus.query.aggregations.paths import Step, parse_path
from isthmus.query.partial import Bucket, Buckets, Partial
from isthmus.search.aggregations.numbers import numbers_of
from isthmus.search.ordering import compare_values


def in_bucket_order(asked: Aggregation, order: tuple[Order, ...], buckets: list[Bucket]) -> list[Bucket]:
    """Return `buckets` in `order`; a metric without a value counts as Elasticsearch counts it."""
    ordered = list(buckets)
    # From the last order to the first: sorting is stable, in either direction.
    for path, ascending in reversed(order):
        ordered.sort(key=_key(asked, path), reverse=not ascending)
    return ordered


def _key(asked: Aggregation, path: str) -> Callable[[Bucket], Any]:
    if path == "_count":
        return lambda bucket: bucket.doc_count
    if path == "_key":
        return cmp_to_key(lambda left, right: compare_values(left.key, right.key))
    steps = parse_path(path)
    return lambda bucket: _number(asked.aggregations, bucket, steps)


def _number(below: tuple[Aggregation, ...], bucket: Bucket, steps: tuple[Step, ...]) -> float:
    step = steps[0]
    asked = next(one for one in below if one.name == step.name)
    part = bucket.aggregations.get(step.name)
    if isinstance(asked.body, Metric):
        return _metric_number(asked.body, part, step.key)
    inner = part.buckets[0] if isinstance(part, Buckets) and part.buckets else Bucket()
    return _number(asked.aggregations, inner, steps[1:]) if len(steps) > 1 else inner.doc_count


def _metric_number(metric: Metric, part: Partial | None, key: str | None) -> float:
    name = "value" if key is None else key
    number = numbers_of(metric, part).get(str(float(name)) if metric.kind == "percentiles" else name)
    if number is not None and not math.isnan(number):
        return number
    # The greatest of no values is less than any number; whatever else has no value is greater.
    return -math.inf if "max" in (metric.kind, key) else math.inf


def in_composite_order(body: CompositeBuckets, buckets: list[Bucket]) -> list[Bucket]:
    """Return buckets by their keys, part by part, each in its source's direction."""

    def compare(left: Bucket, right: Bucket) -> int:
        for source, one, other in zip(body.sources, left.key, right.key, strict=True):
            if difference := _compare_parts(source, one, other):
                return difference
        return 0

    return sorted(buckets, key=cmp_to_key(compare))


def _compare_parts(source: CompositeSource, one: Any, other: Any) -> int:
    if one is None or other is None:
        if one is other:
            return 0
        first = source.ascending if source.missing_order == "default" else source.missing_order == "first"
        return -1 if (one is None) == first else 1
    difference = compare_values(one, other)
    return difference if source.ascending else -difference
