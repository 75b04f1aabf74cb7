"""The order of buckets by count, key or a metric below them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-terms-aggregation.html#search-aggregations-bucket-terms-aggregation-order
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from isthmus.query.aggregation_tree import Aggregation, Metric, Order
from isthmus.query.partial import Bucket, Buckets, Metrics, Partial


def sorted_buckets(buckets: list[Bucket], order: Sequence[Order], children: tuple[Aggregation, ...]) -> list[Bucket]:
    """Buckets by each of `order`, then by key. Buckets without a value for a metric come last."""
    ordered = sorted(buckets, key=lambda bucket: bucket.key)
    for path, ascending in reversed(order):
        ordered = sorted_by(ordered, path, ascending, children)
    return ordered


def sorted_by(buckets: list[Bucket], path: str, ascending: bool, children: tuple[Aggregation, ...]) -> list[Bucket]:
    if path == "_key":
        return sorted(buckets, key=lambda bucket: bucket.key, reverse=not ascending)
    if path == "_count":
        return sorted(buckets, key=lambda bucket: bucket.doc_count * (1 if ascending else -1))
    sign = 1 if ascending else -1
    values = {id(bucket): metric_value(bucket, path, children) for bucket in buckets}

    def place(bucket: Bucket) -> tuple[bool, float]:
        value = values[id(bucket)]
        return value is None, 0.0 if value is None else sign * value

    return sorted(buckets, key=place)


def head_of(path: str) -> str:
    """The name of the aggregation where a path begins."""
    return path.split(">", 1)[0].split(".", 1)[0]


def metric_value(bucket: Bucket, path: str, children: tuple[Aggregation, ...]) -> float | None:
    """The value that a path such as `a`, `a.max` or `filter>a` has in a bucket; None if there is none."""
    head, nested, below = path.partition(">")
    name, _, part = head.partition(".")
    child = next((child for child in children if child.name == name), None)
    found: Partial | None = bucket.aggregations.get(name)
    if child is None or found is None:
        return None
    if isinstance(found, Buckets):
        only = found.buckets[0] if found.buckets else Bucket()
        return metric_value(only, below, child.aggregations) if nested else float(only.doc_count)
    if isinstance(found, Metrics) and isinstance(child.body, Metric):
        return metric_part(found, part if part and part != "value" else child.body.kind)
    return None


def metric_part(metrics: Metrics, part: str) -> float | None:
    if part in ("count", "value_count"):
        return float(metrics.count)
    if part == "sum":
        return metrics.sum
    if not metrics.count:
        return None
    return measured(metrics, part)


def measured(metrics: Metrics, part: str) -> float | None:
    mean = metrics.sum / metrics.count
    variance = max(0.0, metrics.sum_of_squares / metrics.count - mean * mean)
    parts = {
        "min": metrics.minimum,
        "max": metrics.maximum,
        "avg": mean,
        "sum_of_squares": metrics.sum_of_squares,
        "variance": variance,
        "std_deviation": sqrt(variance),
    }
    return parts.get(part)
