"""The empty buckets of histograms: between the others, and as far as `extended_bounds` say.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-histogram-aggregation.html
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from isthmus.query.aggregation_tree import Aggregation, HistogramBuckets
from isthmus.query.aggregations.steps import Histogram, Steps, steps_of
from isthmus.query.partial import Bucket, Buckets
from isthmus.search.aggregations.dates import Dates
from isthmus.search.aggregations.empties import emptied
from isthmus.search.aggregations.limits import BucketCount

UNCOUNTABLE: Final = 1 << 53


def with_empty_buckets(
    asked: Aggregation, body: Histogram, parts: Buckets, dates: Dates, count: BucketCount
) -> list[Bucket]:
    """Return the buckets by ascending key, with those that are empty where `min_doc_count` is 0.

    Raises TooManyBucketsError where they would be too many, before any is made.
    """
    steps = steps_of(body, dates)
    found = sorted((replace(bucket, key=steps.exact(bucket.key)) for bucket in parts.buckets), key=_key)
    if body.min_doc_count:
        return [bucket for bucket in found if bucket.doc_count >= body.min_doc_count]
    low, high = _bounds(body, parts, dates, steps)
    if found:
        low = found[0].key if low is None else min(low, found[0].key)
        high = found[-1].key if high is None else max(high, found[-1].key)
    if low is None or high is None or low > high:
        return found
    count.add(int(min((high - low) / steps.shortest / 2, UNCOUNTABLE)))
    empty = Bucket(aggregations=emptied(asked.aggregations, found[0].aggregations if found else {}))
    return _filled(found, empty, low, high, steps, count)


def _key(bucket: Bucket) -> float:
    return float(bucket.key)


def _filled(
    found: list[Bucket], empty: Bucket, low: float, high: float, steps: Steps, count: BucketCount
) -> list[Bucket]:
    present = {bucket.key: bucket for bucket in found}
    filled, key = [], low
    while key <= high:
        bucket = present.pop(key, None)
        if bucket is None:
            count.add(1)
        filled.append(bucket or replace(empty, key=key))
        following = steps.following(key)
        if following <= key:
            break  # the interval is less than the distance between two doubles
        key = following
    # Keys that the steps do not meet are kept: no document may be lost.
    filled.extend(present.values())
    return sorted(filled, key=_key)


def _bounds(body: Histogram, parts: Buckets, dates: Dates, steps: Steps) -> tuple[float | None, float | None]:
    low, high = body.extended_bounds or (None, None)
    if isinstance(body, HistogramBuckets):
        moments = low, high
    else:
        format_ = body.format or parts.date_format
        moments = (
            None if low is None else dates.moment(low, format_, body.time_zone),
            None if high is None else dates.moment(high, format_, body.time_zone),
        )
    return tuple(None if moment is None else steps.floor(float(moment)) for moment in moments)  # type: ignore[return-value]
