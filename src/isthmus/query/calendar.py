"""Moments in milliseconds since 1970 and the calendar, in time zones with their changes of clocks. Pure.

Years are not bounded as Python's are: a long holds some 292 million of them either way.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from isthmus.errors import UsageError

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_FIXED: Final = {"second": SECOND, "minute": MINUTE, "hour": HOUR}
_OFFSET: Final = re.compile(r"(?:UTC|GMT|UT)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?(?::?([0-9]{2}))?", re.ASCII)
_ZONE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,3}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_OF_400_YEARS: Final = 146_097


class UnknownZoneError(UsageError):
    """A time zone that there is none of."""

    type = "illegal_argument_exception"


@lru_cache(maxsize=256)
def zone_of(name: str | None) -> tzinfo:
    """Return a time zone by its name (`Europe/Berlin`) or distance (`+01:00`); None is UTC. Raises UnknownZoneError."""
    if name is None or name in ("Z", "UTC", "GMT", "UT", "z"):
        return UTC
    fixed = _OFFSET.fullmatch(name)
    if fixed is not None:
        sign = -1 if fixed[1] == "-" else 1
        hours, minutes, seconds = (int(part or 0) for part in fixed.groups()[1:])
        if hours <= 18 and minutes < 60 and seconds < 60:
            return timezone(sign * timedelta(hours=hours, minutes=minutes, seconds=seconds))
    elif _ZONE_NAME.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            pass
    raise UnknownZoneError(f"Unknown time-zone ID: {name[:50]}", hint="give one such as Europe/Berlin or +01:00")


def days_of(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date of the calendar as it is today, in any year."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * _DAYS_OF_400_YEARS + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def date_of(days: int) -> tuple[int, int, int]:
    """Return year, month and day of the days since 1970-01-01."""
    era, of_era = divmod(days + 719_468, _DAYS_OF_400_YEARS)
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


def length_of_month(year: int, month: int) -> int:
    """Return how many days a month has."""
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return days_of(*following, 1) - days_of(year, month, 1)


def offset(moment: int, zone: str | None) -> int:
    """Return how many ms the clocks of a zone are ahead of UTC at a moment."""
    found = zone_of(zone)
    if found is UTC:
        return 0
    seconds = max(-62_000_000_000, min(253_000_000_000, moment // 1_000))
    ahead = (_EPOCH + timedelta(seconds=seconds)).astimezone(found).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds() * 1_000)


def to_utc(local: int, zone: str | None) -> int:
    """Return the moment at which the clocks of a zone show `local` (ms as if it were UTC).

    Of two such moments it is the earlier; a time that the clocks leap over is as far after the leap.
    """
    if zone_of(zone) is UTC:
        return local
    before = offset(local - DAY, zone)
    early = local - before
    if offset(early, zone) == before:
        return early
    later = local - offset(local + DAY, zone)
    return later if offset(later, zone) == local - later else early


def floor(moment: int, unit: str, zone: str | None) -> int:
    """Return where the second, minute, hour, day, week (from Monday), month, quarter or year of a moment begins."""
    ahead = offset(moment, zone)
    local = moment + ahead
    if unit in _FIXED:
        # Within an hour the clocks' distance from UTC counts as it is: no hour is two hours long.
        return local // _FIXED[unit] * _FIXED[unit] - ahead
    return to_utc(_first_day(local // DAY, unit) * DAY, zone)


def next_start(moment: int, unit: str, zone: str | None) -> int:
    """Return where the unit after that of a moment begins."""
    start = floor(moment, unit, zone)
    if unit in _FIXED:
        return start + _FIXED[unit]
    return to_utc(_after(_first_day((moment + offset(moment, zone)) // DAY, unit), unit) * DAY, zone)


def add(moment: int, amount: int, unit: str, zone: str | None) -> int:
    """Return the moment `amount` units later: of days and longer by the calendar of the zone."""
    if unit in _FIXED:
        return moment + amount * _FIXED[unit]
    local = moment + offset(moment, zone)
    days, time = divmod(local, DAY)
    if unit in ("day", "week"):
        days += amount * (7 if unit == "week" else 1)
    else:
        year, month, day = date_of(days)
        months = {"month": 1, "quarter": 3, "year": 12}[unit] * amount + month - 1
        year, month = year + months // 12, months % 12 + 1
        days = days_of(year, month, min(day, length_of_month(year, month)))
    return to_utc(days * DAY + time, zone)


def _first_day(days: int, unit: str) -> int:
    if unit == "day":
        return days
    if unit == "week":
        return days - (days + 3) % 7
    year, month, _ = date_of(days)
    if unit == "year":
        return days_of(year, 1, 1)
    return days_of(year, month if unit == "month" else (month - 1) // 3 * 3 + 1, 1)


def _after(first: int, unit: str) -> int:
    if unit in ("day", "week"):
        return first + (1 if unit == "day" else 7)
    year, month, _ = date_of(first)
    months = month - 1 + {"month": 1, "quarter": 3, "year": 12}[unit]
    return days_of(year + months // 12, months % 12 + 1, 1)
