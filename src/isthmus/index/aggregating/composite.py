"""Buckets by a key of several parts, page by page: made by Tantivy where it has such sources.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-composite-aggregation.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tantivy

from isthmus.index.aggregating.composite_nested import Aggregate, given_value, nested_buckets
from isthmus.index.aggregating.ground import Column, Ground
from isthmus.index.aggregating.histograms import LENGTHS, fixed_distance
from isthmus.index.aggregating.terms import key_type
from isthmus.query.aggregation_tree import (
    CompositeBuckets,
    CompositeSource,
    DateHistogramBuckets,
    HistogramBuckets,
    TermsBuckets,
)
from isthmus.query.aggregations.steps import steps_of
from isthmus.query.partial import Bucket, Buckets

Matching = Callable[[Bucket], tantivy.Query]


def composite_keys(
    ground: Ground, query: tantivy.Query, body: CompositeBuckets, aggregate: Aggregate
) -> tuple[Buckets, Matching]:
    """The next `size` buckets after `after`, and the query for the documents of one."""
    columns = [column_of(ground, source) for source in body.sources]

    types = [part_type(source, column) for source, column in zip(body.sources, columns, strict=True)]

    def of_bucket(bucket: Bucket) -> tantivy.Query:
        return matching(ground, body.sources, columns, bucket)

    if not all(is_native(ground, source) for source in body.sources):
        found = nested_buckets(ground, query, body, columns, aggregate)
        return Buckets(buckets=found, key_types=types), of_bucket
    if any(column is None and not source.missing_bucket for column, source in zip(columns, body.sources, strict=True)):
        return Buckets(), of_bucket
    answer = ground.run(query, {"composite": {"composite": request(ground, body, columns)}})["composite"]
    pairs = list(zip(body.sources, columns, strict=True))
    found = [
        Bucket(
            key=[key_part(source, column, part["key"][source.name]) for source, column in pairs],
            doc_count=part["doc_count"],
        )
        for part in answer["buckets"]
    ]
    return Buckets(buckets=found, key_types=types), of_bucket


def column_of(ground: Ground, source: CompositeSource) -> Column | None:
    return ground.column(source.values.field, "composite", numbers=not isinstance(source.values, TermsBuckets))


def part_type(source: CompositeSource, column: Column | None) -> str | None:
    """The type of a source's values, as of a terms aggregation."""
    return key_type(column) if isinstance(source.values, TermsBuckets) and column is not None else None


def is_native(ground: Ground, source: CompositeSource) -> bool:
    """Whether Tantivy can make this source's values: its intervals are of one length, from 0 on.

    It counts a document once for each of its numbers, which may be in one bucket: of those there may be one only.
    """
    values = source.values
    field = ground.field(values.field)
    if field is not None and field.column != "keyword" and field.path in ground.several:
        return False
    if isinstance(values, TermsBuckets):
        return ground.shared(values.field) is None
    if isinstance(values, HistogramBuckets):
        return True
    in_utc = fixed_distance(values.time_zone) == 0
    return in_utc and not values.offset and values.calendar != "week" and _length(values) > 0


def interval_of(source: CompositeSource) -> float | None:
    """The length of a native source's intervals; None of a source of values."""
    values = source.values
    if isinstance(values, TermsBuckets):
        return None
    return values.interval if isinstance(values, HistogramBuckets) else _length(values)


def _length(values: DateHistogramBuckets) -> int:
    return values.fixed or LENGTHS.get(values.calendar or "", 0)


def request(ground: Ground, body: CompositeBuckets, columns: list[Column | None]) -> dict[str, Any]:
    pairs = list(zip(body.sources, columns, strict=True))
    asked: dict[str, Any] = {
        "sources": [{source.name: source_request(source, column)} for source, column in pairs],
        "size": body.size,
    }
    if body.after is not None:
        asked["after"] = {
            source.name: typed(ground, source, column, body.after.get(source.name)) for source, column in pairs
        }
    return asked


def source_request(source: CompositeSource, column: Column | None) -> dict[str, Any]:
    interval = interval_of(source)
    asked: dict[str, Any] = {
        "field": column.slot if column else "",
        "order": "asc" if source.ascending else "desc",
        "missing_bucket": source.missing_bucket,
        "missing_order": source.missing_order,
    }
    return {"terms": asked} if interval is None else {"histogram": {**asked, "interval": interval}}


def typed(ground: Ground, source: CompositeSource, column: Column | None, value: Any) -> str:
    if value is None or column is None:
        return "null:"
    given = given_value(ground, source, value)
    if interval_of(source) is not None:
        return f"f64:{given}"
    kinds = {"long": "i64", "double": "f64", "keyword": "str"}
    return f"{kinds[column.field.column]}:{given}"


def key_part(source: CompositeSource, column: Column | None, value: Any) -> Any:
    if value is None or column is None:
        return None
    if isinstance(source.values, DateHistogramBuckets):
        return int(value)
    return value if isinstance(source.values, TermsBuckets) and column.field.column != "double" else float(value)


def matching(
    ground: Ground, sources: tuple[CompositeSource, ...], columns: list[Column | None], bucket: Bucket
) -> tantivy.Query:
    parts = [
        of_part(ground, source, column, value)
        for source, column, value in zip(sources, columns, bucket.key, strict=True)
    ]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


def of_part(ground: Ground, source: CompositeSource, column: Column | None, value: Any) -> tantivy.Query:
    values = source.values
    if value is None:
        return ground.absent(values.field)
    if column is None:
        return tantivy.Query.all_query()  # of a field that has one value in all documents
    if isinstance(values, TermsBuckets):
        return ground.exactly(column, value)
    return ground.within(column, value, steps_of(values, ground.calendar).following(value))
