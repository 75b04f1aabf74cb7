"""What aggregations mean, by brute force over documents: no index, no mergeable parts, one document after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import floor
from typing import Any

from isthmus.query.aggregation_tree import (
    Aggregation,
    CompositeBuckets,
    CompositeSource,
    FilterBucket,
    HistogramBuckets,
    Metric,
    MissingBucket,
    RangeBuckets,
    TermsBuckets,
)
from isthmus.query.tree import Term

Document = dict[str, Any]


def values(document: Document, field: str) -> list[Any]:
    return list(document.get(field, []))


def expected(documents: Sequence[Document], aggregations: Sequence[Aggregation]) -> dict[str, Any]:
    """By name: (count, sum, min, max) of a metric; {key: (doc_count, below)} of buckets."""
    return {one.name: expected_of(documents, one) for one in aggregations}


def expected_of(documents: Sequence[Document], aggregation: Aggregation) -> Any:
    body = aggregation.body
    if isinstance(body, Metric):
        return metric(documents, body)
    members: dict[Any, list[Document]] = {key: [] for key in fixed_keys(body)}
    for document in documents:
        for key in keys_of(body, document):
            members.setdefault(key, []).append(document)
    return {key: (len(found), expected(found, aggregation.aggregations)) for key, found in members.items()}


def metric(documents: Sequence[Document], body: Metric) -> tuple[Any, ...]:
    found = [value for document in documents for value in values(document, body.field) or missing(body)]
    if body.kind == "cardinality":
        return tuple(sorted(set(found)))
    return (len(found), sum(found), min(found, default=None), max(found, default=None))


def missing(body: Metric | TermsBuckets | RangeBuckets | HistogramBuckets) -> list[Any]:
    return [] if body.missing is None else [body.missing]


def fixed_keys(body: Any) -> list[Any]:
    if isinstance(body, RangeBuckets):
        return [(one.from_, one.to) for one in body.ranges]
    return [None] if isinstance(body, (FilterBucket, MissingBucket)) else []


def keys_of(body: Any, document: Document) -> set[Any]:
    return KEYS[type(body)](body, document)


def term_keys(body: TermsBuckets, document: Document) -> set[Any]:
    return set(values(document, body.field) or missing(body))


def range_keys(body: RangeBuckets, document: Document) -> set[Any]:
    found = values(document, body.field) or missing(body)
    return {(one.from_, one.to) for one in body.ranges if any(is_within(value, one.from_, one.to) for value in found)}


def is_within(value: float, low: Any, high: Any) -> bool:
    return (low is None or value >= low) and (high is None or value < high)


def histogram_keys(body: HistogramBuckets, document: Document) -> set[Any]:
    width, offset = body.interval, body.offset
    return {floor((value - offset) / width) * width + offset for value in values(document, body.field) or missing(body)}


def filter_keys(body: FilterBucket, document: Document) -> set[Any]:
    assert isinstance(body.query, Term)
    return {None} if body.query.value in values(document, body.query.field) else set()


def missing_keys(body: MissingBucket, document: Document) -> set[Any]:
    return set() if values(document, body.field) else {None}


def composite_keys(body: CompositeBuckets, document: Document) -> set[Any]:
    return set(product(*(source_keys(source, document) for source in body.sources)))


def source_keys(source: CompositeSource, document: Document) -> set[Any]:
    body = source.values
    if body.field == "same":
        return {"here"}
    found = histogram_keys(body, document) if isinstance(body, HistogramBuckets) else set(values(document, body.field))
    return found or ({None} if source.missing_bucket else set())


KEYS: dict[type, Callable[[Any, Document], set[Any]]] = {
    TermsBuckets: term_keys,
    RangeBuckets: range_keys,
    HistogramBuckets: histogram_keys,
    FilterBucket: filter_keys,
    MissingBucket: missing_keys,
    CompositeBuckets: composite_keys,
}
