"""What aggregations need of dates: rounding by the calendar, reading and writing."""

from __future__ import annotations

from typing import Protocol

from isthmus.query.tree import Scalar


class Dates(Protocol):
    """Moments are milliseconds since 1970; a zone of None is UTC."""

    def floor(self, moment: int, unit: str, zone: str | None) -> int:
        """Return where the unit that holds `moment` begins."""

    def next_start(self, moment: int, unit: str, zone: str | None) -> int:
        """Return where the unit after the one that holds `moment` begins."""

    def offset(self, moment: int, zone: str | None) -> int:
        """Return how many milliseconds a zone's clocks are ahead of UTC."""

    def shown(self, moment: float, format_: str | None, zone: str | None) -> str:
        """Return a moment in a format; None is Elasticsearch's own, `strict_date_optional_time`."""

    def moment(self, value: Scalar, format_: str | None, zone: str | None) -> int:
        """Return the moment that a date, maybe with date math, means. Raises a UsageError where it means none."""
