"""A bucket for each range of numbers or dates, by where they begin and end.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-range-aggregation.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

import tantivy

from isthmus.index.aggregating.ground import Column, Ground, as_double, as_whole
from isthmus.index.aggregating.terms import key_type
from isthmus.query.aggregation_tree import RangeBuckets
from isthmus.query.partial import Bucket, Buckets

EXACT = 1 << 53
Read = list[tuple[Bucket, Mapping[str, Any]]]


@dataclass(frozen=True)
class RangesPlan:
    """Ranges that do not overlap, for Tantivy in one go."""

    ground: Ground
    column: Column
    ranges: tuple[Bucket, ...]
    date_format: str | None

    @property
    def request(self) -> dict[str, Any]:
        ranges = [{"key": f"#{place}", **bounds(self.column, one)} for place, one in enumerate(self.ranges)]
        return {"range": {"field": self.column.slot, "ranges": ranges}}

    def read(self, answer: Mapping[str, Any]) -> Read:
        parts = {part["key"]: part for part in answer["buckets"]}
        found = [(one, parts.get(f"#{place}", {})) for place, one in enumerate(self.ranges)]
        return [(counted(one, part.get("doc_count", 0)), part) for one, part in found]

    def gathered(self, buckets: list[Bucket], _answer: Mapping[str, Any]) -> Buckets:
        return Buckets(buckets=buckets, key_type=key_type(self.column), date_format=self.date_format)

    def matching(self, bucket: Bucket) -> tantivy.Query:
        return self.ground.within(self.column, bucket.from_, bucket.to)


def empty_ranges(ground: Ground, body: RangeBuckets) -> tuple[Bucket, ...]:
    """The buckets that are asked for, in order, still without documents."""
    made = [
        Bucket(key=one.key, from_=limit(ground, body, one.from_), to=limit(ground, body, one.to)) for one in body.ranges
    ]
    return tuple(sorted(made, key=lambda one: (low_of(one), high_of(one))))


def limit(ground: Ground, body: RangeBuckets, value: Any) -> float | None:
    if value is None or (isinstance(value, (int, float)) and not body.dates):
        return value
    field = ground.field(body.field)
    if field is None:
        return float(value) if isinstance(value, (int, float)) else None
    return ground.moment(field, value, body.format, body.time_zone)


def are_apart(column: Column, ranges: Sequence[Bucket]) -> bool:
    """Whether Tantivy can take these ranges: none empty, none overlapping, and exact as floating-point numbers."""
    known = [value for one in ranges for value in (one.from_, one.to) if value is not None]
    exact = not column.whole or all(abs(value) <= EXACT for value in known)
    filled = all(bounds_differ(column, one) for one in ranges)
    return exact and filled and all(high_of(left) <= low_of(right) for left, right in pairwise(ranges))


def bounds_differ(column: Column, one: Bucket) -> bool:
    there = bounds(column, one)
    return there.get("from", -inf) < there.get("to", inf)


def bounds(column: Column, one: Bucket) -> dict[str, float]:
    exact = as_whole if column.whole else as_double
    given = {"from": exact(one.from_), "to": exact(one.to)}
    return {name: value for name, value in given.items() if value is not None}


def counted(one: Bucket, count: int) -> Bucket:
    return Bucket(key=one.key, from_=one.from_, to=one.to, doc_count=count)


def low_of(one: Bucket) -> float:
    return -inf if one.from_ is None else one.from_


def high_of(one: Bucket) -> float:
    return inf if one.to is None else one.to


def date_format(column: Column | None, body: RangeBuckets) -> str | None:
    if body.format or column is None or not body.dates:
        return body.format
    return "||".join(column.field.formats) or None
