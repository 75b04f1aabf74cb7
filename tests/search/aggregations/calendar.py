"""Dates as aggregations need them, by the standard library alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from isthmus.query.tree import Scalar

DAY = 86_400_000


def at(moment: float, zone: str | None) -> datetime:
    return datetime.fromtimestamp(moment / 1000, ZoneInfo(zone or "UTC"))


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


class Calendar:
    """Knows the units and formats that the recorded requests use."""

    def floor(self, moment: int, unit: str, zone: str | None) -> int:
        midnight = at(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        match unit:
            case "day":
                return milliseconds(midnight)
            case "week":
                return milliseconds(midnight - timedelta(days=midnight.weekday()))
            case "month":
                return milliseconds(midnight.replace(day=1))
            case "quarter":
                return milliseconds(midnight.replace(day=1, month=(midnight.month - 1) // 3 * 3 + 1))
        raise AssertionError(unit)

    def next_start(self, moment: int, unit: str, zone: str | None) -> int:
        longest = {"day": 26, "week": 7 * 24 + 2, "month": 32 * 24, "quarter": 93 * 24}[unit]
        return self.floor(self.floor(moment, unit, zone) + longest * 3_600_000, unit, zone)

    def offset(self, moment: int, zone: str | None) -> int:
        ahead = at(moment, zone).utcoffset()
        assert ahead is not None
        return round(ahead.total_seconds() * 1000)

    def shown(self, moment: float, format_: str | None, zone: str | None) -> str:
        there = at(moment, zone)
        patterns = {"yyyy": "%Y", "yyyy-MM": "%Y-%m", "yyyy-MM-dd": "%Y-%m-%d"}
        if format_ in patterns:
            return there.strftime(patterns[format_])
        return there.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def moment(self, value: Scalar, format_: str | None, zone: str | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value) + "-01" * (2 - str(value).count("-"))
        given = datetime.fromisoformat(text)
        return milliseconds(given if given.tzinfo else given.replace(tzinfo=ZoneInfo(zone or "UTC")))


def moment_of(text: str) -> int:
    """A document's date; without a zone it is UTC."""
    given = datetime.fromisoformat(text)
    return milliseconds(given if given.tzinfo else given.replace(tzinfo=UTC))
