"""Dates as requests give them: formats, and date math such as `now-1d/d` and `2024-01-01||+1M/M`. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/common-options.html#date-math
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from isthmus.query import calendar
from isthmus.query.date_formats import DateError, format_date, parse_date
from isthmus.query.tree import Scalar

DEFAULT: Final = "strict_date_optional_time||epoch_millis"
MAX_LENGTH: Final = 500
_STEP: Final = re.compile(r"([+-])([0-9]{0,9})([yMwdhHms])|/([yMwdhHms])", re.ASCII)
_UNITS: Final = {
    "y": "year",
    "M": "month",
    "w": "week",
    "d": "day",
    "h": "hour",
    "H": "hour",
    "m": "minute",
    "s": "second",
}


@dataclass(frozen=True, slots=True)
class RequestDates:
    """Dates for one request: `now` is its moment, the same wherever it is run."""

    now: int

    def floor(self, moment: int, unit: str, zone: str | None) -> int:
        """See calendar.floor."""
        return calendar.floor(moment, unit, zone)

    def next_start(self, moment: int, unit: str, zone: str | None) -> int:
        """See calendar.next_start."""
        return calendar.next_start(moment, unit, zone)

    def offset(self, moment: int, zone: str | None) -> int:
        """See calendar.offset."""
        return calendar.offset(moment, zone)

    def shown(self, moment: float, format_: str | None, zone: str | None) -> str:
        """Return a moment in a format."""
        return format_date(int(moment), format_, zone)

    def moment(self, value: Scalar, format_: str | None, zone: str | None, *, up: bool = False) -> int:
        """Return the moment (ms) that a value means; `up` rounds to the last of what it leaves open. Raises DateError.

        Numbers are text of the format too, as in Elasticsearch.
        """
        text = _text(value)
        if len(text) > MAX_LENGTH:
            raise DateError(f"failed to parse date field [{text[:100]}…]: it is too long")
        if text.startswith("now"):
            return _math(self.now, text[3:], zone, text, up=up)
        anchor, found, steps = text.partition("||")
        # With steps behind it the anchor is the first moment that it can be.
        moment = parse_date(anchor, format_ or DEFAULT, zone, up=up and not found)
        return _math(moment, steps, zone, text, up=up)


def _text(value: Scalar) -> str:
    if isinstance(value, bool) or value is None:
        raise DateError(f"failed to parse date field [{str(value).lower()}]")
    if isinstance(value, float):
        return f"{value:f}".rstrip("0").rstrip(".") if value == value and abs(value) < 1e18 else str(value)
    return str(value)


def _math(moment: int, steps: str, zone: str | None, text: str, *, up: bool) -> int:
    at = 0
    while at < len(steps):
        step = _STEP.match(steps, at)
        if step is None:
            raise DateError(
                f"operator not supported for date math [{steps[at:][:50]}] in [{text[:100]}]",
                hint="write it as now-1d/d",
            )
        at = step.end()
        if step[4] is not None:
            unit = _UNITS[step[4]]
            moment = calendar.next_start(moment, unit, zone) - 1 if up else calendar.floor(moment, unit, zone)
        else:
            amount = int(step[2] or 1) * (-1 if step[1] == "-" else 1)
            moment = calendar.add(moment, amount, _UNITS[step[3]], zone)
    return moment
