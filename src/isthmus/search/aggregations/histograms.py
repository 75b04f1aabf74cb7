"""The empty buckets of histograms: between the others, and as far as `extended_bounds` say.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-histogram-aggregation.html
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from isthmus.query.aggregation_tree import Aggregation, DateHistogramBuckets, HistogramBuckets
from isthmus.query.partial import Bucket, Buckets
from isthmus.search.aggregations.dates import Dates
from isthmus.search.aggregations.empties import emptied
from isthmus.search.aggregations.limits import BucketCount

Histogram = HistogramBuckets | DateHistogramBuckets
UNCOUNTABLE: Final = 1 << 53
SHORTEST: Final = {
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 82_800_000,
    "week": 6 * 86_400_000,
    "month": 27 * 86_400_000,
    "quarter": 89 * 86_400_000,
    "year": 364 * 86_400_000,
}


@dataclass(frozen=True, slots=True)
class Steps:
    """How a histogram goes from key to key: `shortest` is the least distance between two; `exact` is the key that is
    meant by one that another arithmetic of doubles made."""

    floor: Callable[[float], float]
    following: Callable[[float], float]
    shortest: float
    exact: Callable[[float], float]


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


def steps_of(body: Histogram, dates: Dates) -> Steps:
    """Return how keys follow each other."""
    if isinstance(body, HistogramBuckets):
        return _number_steps(body.interval, body.offset)
    if body.calendar is not None:
        return _calendar_steps(body.calendar, body.time_zone, body.offset, dates)
    return _fixed_steps(body.fixed or 1, body.time_zone, body.offset, dates)


def _number_steps(interval: float, offset: float) -> Steps:
    def floor(value: float) -> float:
        place = (value - offset) / interval
        return math.floor(place) * interval + offset if math.isfinite(place) else value

    def exact(key: float) -> float:
        place = (key - offset) / interval
        return round(place) * interval + offset if math.isfinite(place) else key

    return Steps(floor, lambda key: floor(key + 1.5 * interval), interval, exact)


def _calendar_steps(unit: str, zone: str | None, offset: int, dates: Dates) -> Steps:
    return Steps(
        lambda moment: dates.floor(int(moment) - offset, unit, zone) + offset,
        lambda key: dates.next_start(int(key) - offset, unit, zone) + offset,
        SHORTEST[unit],
        int,
    )


def _fixed_steps(interval: int, zone: str | None, offset: int, dates: Dates) -> Steps:
    def floor(moment: float) -> float:
        """Intervals are counted by the clocks of the zone."""
        utc = int(moment) - offset
        ahead = dates.offset(utc, zone)
        local = (utc + ahead) // interval * interval
        return local - dates.offset(local - ahead, zone) + offset

    def following(key: float) -> float:
        after = floor(key + interval)
        # Where clocks are put back the next interval may begin where this one did.
        return after if after > key else floor(key + 2 * interval)

    return Steps(floor, following, max(interval // 2, 1), int)


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
