"""An index small enough to be counted by hand: it answers aggregations with parts, in the plainest way there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isthmus.query.aggregation_tree import (
    Aggregation,
    CompositeBuckets,
    CompositeSource,
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
)
from isthmus.query.aggregations.steps import steps_of
from isthmus.query.partial import Bucket, Buckets, Distinct, Distribution, Metrics, Partial
from isthmus.query.tree import MatchAll, MatchNone, Query, Term
from tests.search.aggregations.calendar import Calendar, moment_of

Document = Mapping[str, Any]
TYPES = {"k": "keyword", "n": "long", "d": "double", "t": "date", "b": "boolean"}
CALENDAR = Calendar()


def parts_of(asked: Sequence[Aggregation], documents: Sequence[Document]) -> dict[str, Partial]:
    return {one.name: part_of(one, documents) for one in asked if not isinstance(one.body, Pipeline)}


def part_of(asked: Aggregation, documents: Sequence[Document]) -> Partial:
    match asked.body:
        case Metric() as body:
            return metric_of(body, documents)
        case CompositeBuckets(sources=sources):
            return grouped(asked, documents, lambda one: composite_key(sources, one))
        case TermsBuckets() as body:
            return terms_of(asked, body, documents)
        case RangeBuckets() as body:
            return ranges_of(asked, body, documents)
        case HistogramBuckets() | DateHistogramBuckets() as body:
            field, floor = body.field, steps_of(body, CALENDAR).floor
            return grouped(asked, documents, lambda one: with_value(one, field, floor))
    return Buckets(buckets=filtered(asked, documents))


def filtered(asked: Aggregation, documents: Sequence[Document]) -> list[Bucket]:
    match asked.body:
        case FilterBucket() as body:
            return [bucket(asked, matching(body.query, documents))]
        case FiltersBuckets() as body:
            found = [bucket(asked, matching(query, documents), key=name) for name, query in body.filters]
            if body.other_bucket_key is not None:
                seen = [one for _, query in body.filters for one in matching(query, documents)]
                others = [one for one in documents if one not in seen]
                found.append(bucket(asked, others, key=body.other_bucket_key))
            return found
        case MissingBucket() as body:
            return [bucket(asked, [one for one in documents if value(one, body.field) is None])]
        case GlobalBucket():
            return [bucket(asked, documents)]
    raise AssertionError(asked)


def value(document: Document, field: str) -> Any:
    found = document.get(field)
    if found is None:
        return None
    return moment_of(found) if TYPES[field] == "date" else found


def with_value(document: Document, field: str, make: Callable[[Any], Any]) -> Any:
    found = value(document, field)
    return None if found is None else make(found)


def matching(query: Query, documents: Sequence[Document]) -> list[Document]:
    match query:
        case MatchAll():
            return list(documents)
        case MatchNone():
            return []
        case Term(field=field, value=wanted):
            return [one for one in documents if one.get(field) == wanted]
    raise AssertionError(query)


def bucket(asked: Aggregation, documents: Sequence[Document], **members: Any) -> Bucket:
    return Bucket(doc_count=len(documents), aggregations=parts_of(asked.aggregations, documents), **members)


def grouped(asked: Aggregation, documents: Sequence[Document], key: Callable[[Document], Any]) -> Buckets:
    groups: dict[Any, list[Document]] = {}
    for one in documents:
        if (found := key(one)) is not None:
            groups.setdefault(found, []).append(one)
    return Buckets(buckets=[bucket(asked, ones, key=found) for found, ones in sorted(groups.items(), key=str)])


def terms_of(asked: Aggregation, body: TermsBuckets, documents: Sequence[Document]) -> Buckets:
    parts = grouped(asked, documents, lambda one: value(one, body.field))
    parts.key_type = TYPES.get(body.field)
    return parts


def ranges_of(asked: Aggregation, body: RangeBuckets, documents: Sequence[Document]) -> Buckets:
    found = []
    for one in body.ranges:
        low, high = (
            None if bound is None else (CALENDAR.moment(bound, body.format, None) if body.dates else float(str(bound)))
            for bound in (one.from_, one.to)
        )
        inside = [
            document
            for document in documents
            if (number := value(document, body.field)) is not None
            and (low is None or number >= low)
            and (high is None or number < high)
        ]
        found.append(bucket(asked, inside, key=one.key, from_=low, to=high))
    found.sort(key=lambda one: (float("-inf") if one.from_ is None else one.from_, one.to or float("inf")))
    return Buckets(buckets=found, key_type=TYPES.get(body.field))


def composite_key(sources: tuple[CompositeSource, ...], document: Document) -> tuple[Any, ...] | None:
    parts = [source_value(source, document) for source in sources]
    missing = any(part is None and not source.missing_bucket for part, source in zip(parts, sources, strict=True))
    return None if missing else tuple(parts)


def source_value(source: CompositeSource, document: Document) -> Any:
    values = source.values
    found = value(document, values.field)
    return found if found is None or isinstance(values, TermsBuckets) else steps_of(values, CALENDAR).floor(found)


def metric_of(metric: Metric, documents: Sequence[Document]) -> Partial:
    given = [value(one, metric.field) for one in documents]
    values: list[Any] = [metric.missing if one is None else one for one in given]
    values = [one for one in values if one is not None]
    shown = "strict_date_optional_time" if TYPES.get(metric.field) == "date" else None
    if metric.kind == "cardinality":
        return Distinct(values=sorted(set(values)))
    if metric.kind == "percentiles":
        distinct = sorted(set(values))
        return Distribution(values=distinct, counts=[values.count(one) for one in distinct], date_format=shown)
    if metric.kind == "value_count":
        return Metrics(count=len(values))
    return Metrics(
        count=len(values),
        sum=float(sum(values)),
        sum_of_squares=float(sum(one * one for one in values)),
        minimum=min(values, default=None),
        maximum=max(values, default=None),
        date_format=(metric.format or shown) if shown else None,
    )
