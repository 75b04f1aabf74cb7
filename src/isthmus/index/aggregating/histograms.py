"""Buckets of equal intervals of numbers, and of intervals of time.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-histogram-aggregation.html
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-datehistogram-aggregation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tantivy

from isthmus.index.aggregating.ground import Column, Ground
from isthmus.index.aggregating.refusals import MAX_BUCKETS, too_many_buckets
from isthmus.query.aggregation_tree import DateHistogramBuckets, HistogramBuckets
from isthmus.query.aggregations.steps import Calendar, Steps, steps_of
from isthmus.query.calendar import zone_of
from isthmus.query.partial import Bucket, Buckets
from isthmus.query.tree import Scalar

MINUTE = 60_000
LENGTHS = {"second": 1_000, "minute": MINUTE, "hour": 60 * MINUTE, "day": 1_440 * MINUTE, "week": 7 * 1_440 * MINUTE}
FIRST_MONDAY = 4 * LENGTHS["day"]
LONGEST_LOOKED_AT = 5_000 * LENGTHS["week"]

Read = list[tuple[Bucket, Mapping[str, Any]]]


@dataclass(frozen=True)
class HistogramPlan:
    """Intervals of one length; `bounds` are the least and greatest key, None where open."""

    ground: Ground
    column: Column
    interval: float
    offset: float
    bounds: tuple[float | None, float | None]
    date_format: str | None
    whole_keys: bool

    @property
    def request(self) -> dict[str, Any]:
        asked = {"field": self.column.slot, "interval": self.interval, "offset": self.offset, "min_doc_count": 1}
        return {"histogram": asked}

    def read(self, answer: Mapping[str, Any]) -> Read:
        found = ((part["key"], part) for part in answer["buckets"])
        return [(self.bucket(key, part["doc_count"]), part) for key, part in found if self.is_within(key)]

    def bucket(self, key: float, count: int) -> Bucket:
        return Bucket(key=int(key) if self.whole_keys else key, doc_count=count)

    def is_within(self, key: float) -> bool:
        low, high = self.bounds
        return (low is None or key >= low) and (high is None or key <= high)

    def gathered(self, buckets: list[Bucket], _answer: Mapping[str, Any]) -> Buckets:
        return Buckets(buckets=buckets, key_type="date" if self.whole_keys else "double", date_format=self.date_format)

    def matching(self, bucket: Bucket) -> tantivy.Query:
        return self.ground.within(self.column, bucket.key, bucket.key + self.interval)


@dataclass(frozen=True)
class CalendarPlan:
    """Intervals that begin at `starts` (milliseconds); the last of them is only an end."""

    ground: Ground
    column: Column
    starts: tuple[int, ...]
    bounds: tuple[float | None, float | None]
    date_format: str | None

    @property
    def request(self) -> dict[str, Any]:
        pairs = zip(self.starts, self.starts[1:], strict=False)
        ranges = [{"key": f"#{place}", "from": low, "to": high} for place, (low, high) in enumerate(pairs)]
        return {"range": {"field": self.column.slot, "ranges": ranges}}

    def read(self, answer: Mapping[str, Any]) -> Read:
        found = [part for part in answer["buckets"] if part["doc_count"] and part["key"].startswith("#")]
        keyed = [(self.starts[int(part["key"][1:])], part) for part in found]
        low, high = self.bounds
        return [
            (Bucket(key=start, doc_count=part["doc_count"]), part)
            for start, part in keyed
            if (low is None or start >= low) and (high is None or start <= high)
        ]

    def gathered(self, buckets: list[Bucket], _answer: Mapping[str, Any]) -> Buckets:
        return Buckets(buckets=buckets, key_type="date", date_format=self.date_format)

    def matching(self, bucket: Bucket) -> tantivy.Query:
        place = self.starts.index(bucket.key)
        return self.ground.within(self.column, self.starts[place], self.starts[place + 1])


def histogram_plan(ground: Ground, column: Column, body: HistogramBuckets) -> HistogramPlan:
    return HistogramPlan(
        ground=ground,
        column=column,
        interval=body.interval,
        offset=body.offset % body.interval,
        bounds=body.hard_bounds or (None, None),
        date_format=body.format,
        whole_keys=False,
    )


def date_histogram_plan(
    ground: Ground, query: tantivy.Query, column: Column, body: DateHistogramBuckets
) -> HistogramPlan | CalendarPlan:
    """Equal intervals where the clocks of the zone are as far from UTC in all of them, else one by one."""
    shown = body.format or "||".join(column.field.formats) or None
    bounds = hard_bounds(ground, column, body)
    length = body.fixed or LENGTHS.get(body.calendar or "")
    ahead = fixed_distance(body.time_zone)
    extent = None if ahead is not None and length is not None else extent_of(ground, query, column)
    if length is not None and ahead is None and extent is not None:
        ahead = common_distance(ground.calendar, body.time_zone, extent, length)
    if length is not None and ahead is not None:
        shift = body.offset - ahead + (FIRST_MONDAY if body.calendar == "week" else 0)
        return HistogramPlan(ground, column, length, shift % length, bounds, shown, whole_keys=True)
    starts = () if extent is None else starts_within(steps_of(body, ground.calendar), extent)
    return CalendarPlan(ground, column, starts, bounds, shown)


def extent_of(ground: Ground, query: tantivy.Query, column: Column) -> tuple[int, int] | None:
    """The least and the greatest value of what `query` matches."""
    found = ground.run(query, {"stats": {"stats": {"field": column.slot}}})["stats"]
    return (int(found["min"]), int(found["max"])) if found["count"] else None


def fixed_distance(zone: str | None) -> int | None:
    """How far the clocks of a zone are from UTC, if they never change."""
    distance = zone_of(zone).utcoffset(None)
    return None if distance is None else int(distance.total_seconds() * 1000)


def common_distance(calendar: Calendar, zone: str | None, extent: tuple[int, int], length: int) -> int | None:
    """How far the clocks are from UTC, as far as it matters to intervals of a length; None if that changes."""
    first, last = extent[0] - length, extent[1] + length
    if last - first > LONGEST_LOOKED_AT:
        return None
    # Clocks that are changed stay so for more than a week.
    moments = (*range(first, last, LENGTHS["week"]), last)
    distances = {calendar.offset(moment, zone) % length for moment in moments}
    return distances.pop() if len(distances) == 1 else None


def hard_bounds(ground: Ground, column: Column, body: DateHistogramBuckets) -> tuple[int | None, int | None]:
    """The least and the greatest key: bounds are where intervals begin, and the upper one is not inside."""
    low, high = body.hard_bounds or (None, None)
    floor = steps_of(body, ground.calendar).floor

    def begun(bound: Scalar) -> int:
        return int(floor(ground.moment(column.field, bound, body.format, body.time_zone)))

    return None if low is None else begun(low), None if high is None else begun(high) - 1


def starts_within(steps: Steps, extent: tuple[int, int]) -> tuple[int, ...]:
    """Where intervals begin, from the one of the first value to after that of the last."""
    starts = [int(steps.floor(extent[0]))]
    while starts[-1] <= extent[1]:
        starts.append(int(steps.following(starts[-1])))
        if len(starts) > MAX_BUCKETS:
            raise too_many_buckets(len(starts))
    return tuple(starts)
