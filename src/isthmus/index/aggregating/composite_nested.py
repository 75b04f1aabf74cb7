"""Composite buckets that Tantivy's own composite cannot make: by the calendar, in zones, with offsets, of constants.

Each source becomes an aggregation below the one before; the innermost buckets are the composite's. Documents without
a value of a source are looked for apart, where its `missing_bucket` asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cmp_to_key
from typing import Any, Protocol

import tantivy

from isthmus.index.aggregating.ground import Column, Ground, both
from isthmus.index.aggregating.terms import ALL
from isthmus.index.mapping.field import Field
from isthmus.query.aggregation_tree import (
    Aggregation,
    CompositeBuckets,
    CompositeSource,
    DateHistogramBuckets,
    HistogramBuckets,
    TermsBuckets,
)
from isthmus.query.partial import Bucket, Buckets, Partial

BELOW = "below"
Sources = tuple[CompositeSource, ...]
Key = list[Any]


class Aggregate(Protocol):
    """Runs aggregations over what a query matches."""

    def __call__(
        self, ground: Ground, query: tantivy.Query, aggregations: Sequence[Aggregation], /
    ) -> dict[str, Partial]: ...


def nested_buckets(
    ground: Ground,
    query: tantivy.Query,
    body: CompositeBuckets,
    columns: Sequence[Column | None],
    aggregate: Aggregate,
) -> list[Bucket]:
    """The next `size` buckets after `after`, in order."""
    named = {source.name: column for source, column in zip(body.sources, columns, strict=True)}
    after = None if body.after is None else [given_value(ground, one, body.after[one.name]) for one in body.sources]
    found = [
        Bucket(key=[parts.get(source.name) for source in body.sources], doc_count=count)
        for documents, present in _present(ground, query, body.sources, named)
        for parts, count in _counted(ground, documents, present, aggregate)
    ]
    following = [one for one in found if after is None or _compare(body.sources, one.key, after) > 0]

    def compare(one: Bucket, other: Bucket) -> int:
        return _compare(body.sources, one.key, other.key)

    return sorted(following, key=cmp_to_key(compare))[: body.size]


def _present(
    ground: Ground, query: tantivy.Query, sources: Sources, columns: Mapping[str, Column | None], chosen: Sources = ()
) -> Iterator[tuple[tantivy.Query, Sources]]:
    """Which sources have values, with the query for the documents where these do."""
    if not sources:
        yield query, chosen
        return
    source, *rest = sources
    field = source.values.field
    if columns[source.name] is not None or ground.shared(field) is not None:
        yield from _present(ground, query, tuple(rest), columns, (*chosen, source))
    if source.missing_bucket:
        without = both(query, ground.absent(field))
        if ground.count(without):
            yield from _present(ground, without, tuple(rest), columns, chosen)


def _counted(
    ground: Ground, query: tantivy.Query, sources: Sources, aggregate: Aggregate
) -> Iterator[tuple[dict[str, Any], int]]:
    """The values of all `sources` and how many documents have them."""
    if not sources:
        if count := ground.count(query):
            yield {}, count
        return
    asked: tuple[Aggregation, ...] = ()
    for source in reversed(sources):
        asked = (Aggregation(name=BELOW, type="composite", body=_all_of(source), aggregations=asked),)
    yield from _flat(aggregate(ground, query, asked)[BELOW], sources)


def _all_of(source: CompositeSource) -> TermsBuckets | HistogramBuckets | DateHistogramBuckets:
    values = source.values
    return replace(values, size=ALL, shard_size=ALL) if isinstance(values, TermsBuckets) else values


def _flat(part: Partial, sources: Sources) -> Iterator[tuple[dict[str, Any], int]]:
    source, *rest = sources
    for bucket in part.buckets if isinstance(part, Buckets) else ():
        if not rest:
            yield {source.name: bucket.key}, bucket.doc_count
            continue
        for parts, count in _flat(bucket.aggregations[BELOW], tuple(rest)):
            yield {source.name: bucket.key, **parts}, count


def given_value(ground: Ground, source: CompositeSource, value: Any) -> Any:
    """A value of `after` as keys have it."""
    values = source.values
    field = ground.field(values.field)
    if value is None or isinstance(values, HistogramBuckets):
        return value
    if isinstance(values, DateHistogramBuckets):
        mapped = field or Field(path=values.field, type="date", column="long")
        return value if isinstance(value, int) else ground.moment(mapped, value, values.format, values.time_zone)
    if field is None or field.type == "constant_keyword":
        return value
    if field.type == "date" and not isinstance(value, int):
        return ground.moment(field, value, values.format, None)
    return ground.column_value(field, value)


def _compare(sources: Sources, one: Key, other: Key) -> int:
    for source, left, right in zip(sources, one, other, strict=True):
        if left != right:
            return _order(source, left, right)
    return 0


def _order(source: CompositeSource, left: Any, right: Any) -> int:
    if left is None or right is None:
        first = source.ascending if source.missing_order == "default" else source.missing_order == "first"
        return -1 if (left is None) == first else 1
    return -1 if (left < right) == source.ascending else 1
