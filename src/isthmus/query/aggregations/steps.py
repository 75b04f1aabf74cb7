"""How the keys of a histogram follow each other: by equal intervals, by the calendar, by the clocks of a zone. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-histogram-aggregation.html
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-datehistogram-aggregation.html
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from isthmus.query.aggregation_tree import DateHistogramBuckets, HistogramBuckets

Histogram = HistogramBuckets | DateHistogramBuckets
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


class Calendar(Protocol):
    """Units of time in a zone. Moments are milliseconds since 1970; a zone of None is UTC."""

    def floor(self, moment: int, unit: str, zone: str | None) -> int:
        """Return where the unit that holds `moment` begins."""

    def next_start(self, moment: int, unit: str, zone: str | None) -> int:
        """Return where the unit after the one that holds `moment` begins."""

    def offset(self, moment: int, zone: str | None) -> int:
        """Return how many milliseconds a zone's clocks are ahead of UTC."""


@dataclass(frozen=True, slots=True)
class Steps:
    """How a histogram goes from key to key: `shortest` is the least distance between two; `exact` is the key that is
    meant by one that another arithmetic of doubles made."""

    floor: Callable[[float], float]
    following: Callable[[float], float]
    shortest: float
    exact: Callable[[float], float]


def steps_of(body: Histogram, calendar: Calendar) -> Steps:
    """Return how keys follow each other."""
    if isinstance(body, HistogramBuckets):
        return _number_steps(body.interval, body.offset)
    if body.calendar is not None:
        return _calendar_steps(body.calendar, body.time_zone, body.offset, calendar)
    return _fixed_steps(body.fixed or 1, body.time_zone, body.offset, calendar)


def _number_steps(interval: float, offset: float) -> Steps:
    def floor(value: float) -> float:
        place = (value - offset) / interval
        return math.floor(place) * interval + offset if math.isfinite(place) else value

    def exact(key: float) -> float:
        place = (key - offset) / interval
        return round(place) * interval + offset if math.isfinite(place) else key

    return Steps(floor, lambda key: floor(key + 1.5 * interval), interval, exact)


def _calendar_steps(unit: str, zone: str | None, offset: int, calendar: Calendar) -> Steps:
    return Steps(
        lambda moment: calendar.floor(int(moment) - offset, unit, zone) + offset,
        lambda key: calendar.next_start(int(key) - offset, unit, zone) + offset,
        SHORTEST[unit],
        int,
    )


def _fixed_steps(interval: int, zone: str | None, offset: int, calendar: Calendar) -> Steps:
    def floor(moment: float) -> float:
        """Intervals are counted by the clocks of the zone."""
        utc = int(moment) - offset
        ahead = calendar.offset(utc, zone)
        local = (utc + ahead) // interval * interval
        return local - calendar.offset(local - ahead, zone) + offset

    def following(key: float) -> float:
        after = floor(key + interval)
        # Where clocks are put back the next interval may begin where this one did.
        return after if after > key else floor(key + 2 * interval)

    return Steps(floor, following, max(interval // 2, 1), int)
