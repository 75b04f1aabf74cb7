"""Aggregations of no documents: what stands in the empty buckets of histograms."""

from __future__ import annotations

from collections.abc import Mapping

from isthmus.query.aggregation_tree import (
    Aggregation,
    FilterBucket,
    FiltersBuckets,
    GlobalBucket,
    MissingBucket,
    RangeBuckets,
)
from isthmus.query.partial import Bucket, Buckets, Distribution, Metrics, Partial
from isthmus.query.tree import Scalar
from isthmus.search.aggregations.dates import Dates

ALWAYS_THERE = (RangeBuckets, FilterBucket, FiltersBuckets, MissingBucket, GlobalBucket)
"""Aggregations whose buckets are those of the request, not of the documents."""


def emptied(asked: tuple[Aggregation, ...], parts: Mapping[str, Partial]) -> dict[str, Partial]:
    """Return the parts of the same fields without documents: types, formats and bounds stay."""
    empty = {one.name: _emptied(one, parts[one.name]) for one in asked if one.name in parts}
    return {name: part for name, part in empty.items() if part is not None}


def unfilled_ranges(body: RangeBuckets, dates: Dates) -> list[Bucket]:
    """Return the ranges that a request names, for an aggregation that no target has answered."""
    return [
        Bucket(key=one.key, from_=_bound(body, one.from_, dates), to=_bound(body, one.to, dates)) for one in body.ranges
    ]


def _emptied(asked: Aggregation, part: Partial) -> Partial | None:
    match part:
        case Metrics():
            return Metrics(date_format=part.date_format, is_boolean=part.is_boolean)
        case Distribution():
            return Distribution(date_format=part.date_format)
        case Buckets():
            kept = part.buckets if isinstance(asked.body, ALWAYS_THERE) else []
            return Buckets(
                buckets=[_without_documents(asked, bucket) for bucket in kept],
                key_type=part.key_type,
                date_format=part.date_format,
            )
        case _:
            return None


def _without_documents(asked: Aggregation, bucket: Bucket) -> Bucket:
    return Bucket(
        key=bucket.key,
        shown=bucket.shown,
        from_=bucket.from_,
        to=bucket.to,
        aggregations=emptied(asked.aggregations, bucket.aggregations),
    )


def _bound(body: RangeBuckets, value: Scalar, dates: Dates) -> float | None:
    if value is None:
        return None
    return float(dates.moment(value, body.format, body.time_zone) if body.dates else value)
