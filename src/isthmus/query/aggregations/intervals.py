"""Intervals and offsets of date histograms as text: `30s`, `1M`, `month`, `+6h`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-datehistogram-aggregation.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.mistakes import shown

CALENDAR: Final = {
    name: unit
    for unit, names in {
        "second": ("second", "1s"),
        "minute": ("minute", "1m"),
        "hour": ("hour", "1h"),
        "day": ("day", "1d"),
        "week": ("week", "1w"),
        "month": ("month", "1M"),
        "quarter": ("quarter", "1q"),
        "year": ("year", "1y"),
    }.items()
    for name in names
}
MILLISECONDS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MAX_INTERVAL: Final = 1 << 53
_TIME: Final = re.compile(r"([+-]?)(\d{1,18})(ms|s|m|h|d)", re.ASCII | re.IGNORECASE)
_FRACTION: Final = re.compile(r"[+-]?\d*\.\d+\D*", re.ASCII)


def calendar_interval(value: Any) -> str:
    """Return the unit of a calendar interval, such as `month` for `1M`. Raises UsageError where it is none."""
    if not isinstance(value, str) or value not in CALENDAR:
        raise UsageError(f"The supplied interval [{shown(value)}] could not be parsed as a calendar interval.")
    return CALENDAR[value]


def fixed_interval(value: Any) -> int:
    """Return a fixed interval in milliseconds. Raises UsageError where it is none, zero or negative."""
    interval = milliseconds(value)
    if interval <= 0:
        raise UsageError("Zero or negative time interval not supported")
    return interval


def offset(value: Any) -> int:
    """Return an offset such as `-1d`, or a number of milliseconds, in milliseconds."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTERVAL:
        return value
    return milliseconds(value)


def milliseconds(value: Any) -> int:
    """Return a time with a unit of at most a day in milliseconds. Raises UsageError where it is none."""
    text = value if isinstance(value, str) else ""
    if _FRACTION.fullmatch(text):
        raise UsageError(f"failed to parse [{shown(value)}], fractional time values are not supported")
    if (found := _TIME.fullmatch(text)) is None:
        raise UsageError(f"failed to parse [{shown(value)}] as a time value: unit is missing or unrecognized")
    # `M` is a month, which has no fixed length: only the other units may be written in capitals.
    sign, number, unit = found.groups()
    if unit == "M":
        raise UsageError(f"failed to parse [{shown(value)}] as a time value: unit is missing or unrecognized")
    time = int(number) * MILLISECONDS[unit.lower()]
    if time > MAX_INTERVAL:
        raise UsageError(f"failed to parse [{shown(value)}] as a time value: it is too long")
    return -time if sign == "-" else time
