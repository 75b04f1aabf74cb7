"""Elasticsearch's date formats: their names, patterns of letters, and several of them joined by `||`. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/mapping-date-format.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from isthmus.errors import UsageError
from isthmus.query.calendar import DAY, HOUR, MINUTE, SECOND, date_of, days_of, length_of_month, offset, to_utc

MAX_LENGTH: Final = 500
MAX_DIGITS: Final = 18
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME: Final = "'T'HH:mm:ss"
_NAMED: Final[Mapping[str, str]] = {
    "date": "yyyy-MM-dd",
    "year_month_day": "yyyy-MM-dd",
    "year_month": "yyyy-MM",
    "year": "yyyy",
    "hour": "HH",
    "hour_minute": "HH:mm",
    "hour_minute_second": "HH:mm:ss",
    "hour_minute_second_millis": "HH:mm:ss.SSS",
    "hour_minute_second_fraction": "HH:mm:ss.SSS",
    "date_hour": "yyyy-MM-dd'T'HH",
    "date_hour_minute": "yyyy-MM-dd'T'HH:mm",
    "date_hour_minute_second": f"yyyy-MM-dd{_TIME}",
    "date_hour_minute_second_millis": f"yyyy-MM-dd{_TIME}.SSS",
    "date_hour_minute_second_fraction": f"yyyy-MM-dd{_TIME}.SSS",
    "date_time": f"yyyy-MM-dd{_TIME}.SSSXXX",
    "date_time_no_millis": f"yyyy-MM-dd{_TIME}XXX",
    "time": "HH:mm:ss.SSSXXX",
    "time_no_millis": "HH:mm:ssXXX",
    "t_time": f"{_TIME}.SSSXXX",
    "t_time_no_millis": f"{_TIME}XXX",
    "ordinal_date": "yyyy-DDD",
    "ordinal_date_time": f"yyyy-DDD{_TIME}.SSSXXX",
    "ordinal_date_time_no_millis": f"yyyy-DDD{_TIME}XXX",
    "basic_date": "yyyyMMdd",
    "basic_date_time": "yyyyMMdd'T'HHmmss.SSSX",
    "basic_date_time_no_millis": "yyyyMMdd'T'HHmmssX",
    "basic_ordinal_date": "yyyyDDD",
    "basic_time": "HHmmss.SSSX",
    "basic_time_no_millis": "HHmmssX",
}
_OPTIONAL_TIME: Final = re.compile(
    r"(?P<year>[+-]?[0-9]{4,9})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2})"
    r"(?:T(?:(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})"
    r"(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?(?::?[0-9]{2})?)?)?)?)?)?",
    re.ASCII,
)
_FAST: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(Z)?)?", re.ASCII
)
_EPOCH: Final = re.compile(r"(-?[0-9]{1,18})(?:\.([0-9]{1,9}))?", re.ASCII)
_ZONE: Final = (
    r"Z|[+-][0-9]{2}(?::?[0-9]{2})?(?::?[0-9]{2})?|(?:UTC|GMT)(?:[+-][0-9:]{1,8})?|[A-Z][A-Za-z_]*/[A-Za-z_/]+"
)
_LETTERS: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([\[\]])|(.)", re.DOTALL)


class DateFormatError(UsageError):
    """A format that cannot be read, or holds what is not supported."""

    type = "illegal_argument_exception"


class DateError(UsageError):
    """A text that is no date of a format."""

    type = "parse_exception"


class Format(Protocol):
    """One format."""

    def parse(self, text: str, zone: str | None, *, up: bool) -> int | None:
        """Return the moment of `text` in a zone, None if it is of another; `up`: a time left open is the last."""

    def write(self, moment: int, zone: str | None) -> str:
        """Return a moment as text."""


def parse_date(text: str, format_: str, zone: str | None = None, *, up: bool = False) -> int:
    """Return the moment that a text means in a format, in ms since 1970. Raises DateError, DateFormatError.

    `up` takes what the text leaves open of a day as the last it can be; months and days are the first even then, so
    that `2024` is the last millisecond of its first day.
    """
    if len(text) <= MAX_LENGTH:
        for one in formats(format_):
            found = one.parse(text, zone, up=up)
            if found is not None:
                return found
    raise DateError(f"failed to parse date field [{text[:100]}] with format [{format_}]")


def format_date(moment: int, format_: str | None, zone: str | None = None) -> str:
    """Return a moment in the first of some formats; None is `strict_date_optional_time`."""
    return formats(format_ or "strict_date_optional_time")[0].write(moment, zone)


@lru_cache(maxsize=512)
def formats(text: str) -> tuple[Format, ...]:
    """Return the formats that a text names. Raises DateFormatError."""
    if len(text) > MAX_LENGTH:
        raise DateFormatError(f"a date format has at most {MAX_LENGTH} characters")
    parts = [part for part in text.split("||") if part]
    if not parts:
        raise DateFormatError("No date pattern provided")
    return tuple(_format(part) for part in parts)


def _format(name: str) -> Format:
    if name in ("epoch_millis", "epoch_second"):
        return _Epoch(1 if name == "epoch_millis" else SECOND)
    plain = name.removeprefix("strict_")
    if plain in ("date_optional_time", "date_optional_time_nanos", "dateOptionalTime") or name == "iso8601":
        return _OptionalTime(strict=name.startswith("strict_") or name == "iso8601")
    if plain in ("week_date", "weekyear", "weekyear_week", "basic_week_date", "rfc1123"):
        raise DateFormatError(f"the date format [{name}] is not supported")
    return _Pattern(_NAMED.get(plain, name), strict=plain != name or plain not in _NAMED)


def moment_of(
    year: int, month: int, day: int, milliseconds: int, zone: str | None, text_zone: str | None
) -> int | None:
    """Return a moment of the calendar, None if there is no such day; `text_zone` is what the text itself says."""
    if not 1 <= month <= 12 or not 1 <= day <= 31 or day > length_of_month(year, month):
        return None
    local = days_of(year, month, day) * DAY + milliseconds
    return to_utc(local, text_zone if text_zone is not None else zone)


@dataclass(frozen=True, slots=True)
class _Epoch:
    unit: int

    def parse(self, text: str, zone: str | None, *, up: bool) -> int | None:
        found = _EPOCH.fullmatch(text)
        if found is None:
            return None
        whole, fraction = int(found[1]) * self.unit, found[2]
        if fraction is None or self.unit == 1:
            return whole
        part = int(fraction[:3].ljust(3, "0"))
        return whole - part if text.startswith("-") else whole + part

    def write(self, moment: int, zone: str | None) -> str:
        if self.unit == 1:
            return str(moment)
        whole, rest = divmod(moment, self.unit)
        return str(whole) if not rest else f"{moment / self.unit:.3f}".rstrip("0")


@dataclass(frozen=True, slots=True)
class _OptionalTime:
    strict: bool

    def parse(self, text: str, zone: str | None, *, up: bool) -> int | None:
        fast = _FAST.fullmatch(text)
        if fast is not None and (zone is None or fast[8] == "Z") and not up:
            return self._fast(fast)
        found = _OPTIONAL_TIME.fullmatch(text)
        if found is None or (self.strict and not _is_strict(found)):
            return None
        given = found.groupdict()
        year = int(given["year"])
        month = int(given["month"] or 1)
        if not 1 <= month <= 12:
            return None
        day = int(given["day"] or 1)
        time = _time(given, up=up)
        return None if time is None else moment_of(year, month, day, time, zone, given["zone"])

    @staticmethod
    def _fast(found: re.Match[str]) -> int | None:
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        if not 1 <= month <= 12 or not 1 <= day <= 31 or (day > 28 and day > length_of_month(year, month)):
            return None
        moment = days_of(year, month, day) * DAY
        if found[4] is None:
            return moment
        hour, minute, second = int(found[4]), int(found[5]), int(found[6])
        if hour > 23 or minute > 59 or second > 59:
            return None
        fraction = found[7]
        moment += hour * HOUR + minute * MINUTE + second * SECOND
        return moment if fraction is None else moment + int(fraction[:3].ljust(3, "0"))

    def write(self, moment: int, zone: str | None) -> str:
        return _pattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").write(moment, zone)


def _is_strict(found: re.Match[str]) -> bool:
    return all(
        len(found[name]) == 2 for name in ("month", "day", "hour", "minute", "second") if found[name] is not None
    ) and (len(found["year"]) == 4 or found["year"][0] in "+-")


def _time(given: Mapping[str, str | None], *, up: bool) -> int | None:
    last = (23, 59, 59) if up else (0, 0, 0)
    hour, minute, second = (
        int(part) if (part := given.get(name)) is not None else otherwise
        for name, otherwise in zip(("hour", "minute", "second"), last, strict=True)
    )
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = given.get("fraction")
    millis = int(fraction[:3].ljust(3, "0")) if fraction is not None else (999 if up else 0)
    return hour * HOUR + minute * MINUTE + second * SECOND + millis


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> _Pattern:
    return _Pattern(pattern, strict=True)


class _Pattern:
    """A pattern of letters: `yyyy-MM-dd HH:mm:ss`."""

    def __init__(self, pattern: str, *, strict: bool) -> None:
        self._pattern = pattern
        self._parts = [
            (found[1].replace("''", "'") or "'") if found[1] is not None else found[0]
            for found in _LETTERS.finditer(pattern)
        ]
        self._kinds = [_kind(found, pattern) for found in _LETTERS.finditer(pattern)]
        self._regex = self._compiled(strict=strict)

    def parse(self, text: str, zone: str | None, *, up: bool) -> int | None:
        found = self._regex.fullmatch(text)
        if found is None:
            return None
        given = found.groupdict()
        date = _date(given)
        time = _time(_with_half_days(given), up=up)
        if date is None or time is None:
            return None
        return moment_of(*date, time, zone, _text_zone(given))

    def write(self, moment: int, zone: str | None) -> str:
        ahead = offset(moment, zone)
        days, time = divmod(moment + ahead, DAY)
        year, month, day = date_of(days)
        values = _Values(year, month, day, days, time, ahead, zone)
        return "".join(
            part if kind == "literal" else "" if kind == "optional" else values.written(part)
            for part, kind in zip(self._parts, self._kinds, strict=True)
        )

    def _compiled(self, *, strict: bool) -> re.Pattern[str]:
        seen: set[str] = set()
        expression: list[str] = []
        for part, kind in zip(self._parts, self._kinds, strict=True):
            if kind == "optional":
                expression.append("(?:" if part == "[" else ")?")
            elif kind == "literal":
                expression.append(re.escape(part))
            else:
                expression.append(_expression(part, kind, seen, strict=strict))
        try:
            return re.compile("".join(expression), re.ASCII)
        except re.error as cause:
            raise DateFormatError(f"Invalid format: [{self._pattern}]: {cause}") from cause


_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys("yu", "year"),
    "M": "month",
    "L": "month",
    "d": "day",
    "D": "day_of_year",
    "H": "hour",
    "h": "half_hour",
    "a": "half",
    "m": "minute",
    "s": "second",
    "S": "fraction",
    "n": "fraction",
    "E": "weekday",
    **dict.fromkeys("XxZzVO", "zone"),
}


def _kind(found: re.Match[str], pattern: str) -> str:
    if found[3]:
        return "optional"
    if found[2] is None:
        return "literal"
    kind = _KINDS.get(found[2])
    if kind is None:
        raise DateFormatError(f"Invalid format: [{pattern}]: the letter [{found[2]}] is not supported")
    return kind


def _expression(part: str, kind: str, seen: set[str], *, strict: bool) -> str:
    if kind in seen:
        raise DateFormatError(f"a date format names its {kind.replace('_', ' ')} twice")
    seen.add(kind)
    width = len(part)
    if kind == "year":
        digits = "[0-9]{2}" if width == 2 else "[+-]?[0-9]{4,9}" if width >= 4 else "[+-]?[0-9]{1,9}"
        return f"(?P<year>{'[+-]?[0-9]{1,9}' if not strict and width >= 4 else digits})"
    if kind == "month" and width >= 3:
        names = MONTHS if width == 4 else tuple(name[:3] for name in MONTHS)
        return f"(?P<month_name>{'|'.join(names)})"
    if kind == "weekday":
        names = WEEKDAYS if width == 4 else tuple(name[:3] for name in WEEKDAYS)
        return f"(?:{'|'.join(names)})"
    if kind == "half":
        return "(?P<half>AM|PM)"
    if kind == "zone":
        return f"(?P<zone>{_ZONE})"
    if kind == "fraction":
        return f"(?P<fraction>[0-9]{{{width if strict else 1},{9 if not strict else width}}})"
    least = width if strict and width > 1 else 1
    most = max(width, 3 if kind == "day_of_year" else 2)
    return f"(?P<{kind}>[0-9]{{{least},{most}}})"


def _date(given: Mapping[str, str | None]) -> tuple[int, int, int] | None:
    written = given.get("year")
    year = 1970 if written is None else int(written)
    if written is not None and len(written) == 2:
        year += 2000
    of_year = given.get("day_of_year")
    if of_year is not None:
        first = days_of(year, 1, 1)
        year, month, day = date_of(first + int(of_year) - 1)
        return (year, month, day) if date_of(first)[0] == year else None
    name = given.get("month_name")
    by_name = None if name is None else str(1 + [one[:3] for one in MONTHS].index(name[:3]))
    asked = given.get("month") or by_name
    month = int(asked) if asked is not None else 1
    if not 1 <= month <= 12:
        return None
    given_day = given.get("day")
    return year, month, int(given_day) if given_day is not None else 1


def _with_half_days(given: Mapping[str, str | None]) -> Mapping[str, str | None]:
    half_hour = given.get("half_hour")
    if half_hour is None:
        return given
    hour = int(half_hour) % 12 + (12 if given.get("half") == "PM" else 0)
    return {**given, "hour": str(hour)}


def _text_zone(given: Mapping[str, str | None]) -> str | None:
    return given.get("zone")


@dataclass(frozen=True, slots=True)
class _Values:
    """A moment taken apart, to be written letter by letter."""

    year: int
    month: int
    day: int
    days: int
    time: int
    ahead: int
    zone: str | None

    def written(self, part: str) -> str:
        letter, width = part[0], len(part)
        if letter in "yu":
            return self._year(width)
        if letter in "ML":
            name = MONTHS[self.month - 1]
            return str(self.month).zfill(width) if width < 3 else name if width == 4 else name[:3]
        if letter == "E":
            name = WEEKDAYS[(self.days + 3) % 7]
            return name if width == 4 else name[:3]
        if letter == "a":
            return "AM" if self.time < DAY // 2 else "PM"
        if letter in "XxZzVO":
            return self._zone(letter, width)
        if letter == "S":
            return f"{self.time % SECOND:03d}".ljust(width, "0")[:width]
        numbers = {
            "d": self.day,
            "D": self.days - days_of(self.year, 1, 1) + 1,
            "H": self.time // HOUR,
            "h": (self.time // HOUR + 11) % 12 + 1,
            "m": self.time % HOUR // MINUTE,
            "s": self.time % MINUTE // SECOND,
            "n": self.time % SECOND * 1_000_000,
        }
        return str(numbers[letter]).zfill(width)

    def _year(self, width: int) -> str:
        if width == 2:
            return f"{self.year % 100:02d}"
        sign = "-" if self.year < 0 else "+" if self.year > 9999 and width >= 4 else ""
        return sign + str(abs(self.year)).zfill(width)

    def _zone(self, letter: str, width: int) -> str:
        if letter == "V" or (letter == "z" and self.zone and "/" in self.zone):
            return self.zone or "Z"
        if self.ahead == 0 and letter in "Xz":
            return "Z"
        sign = "-" if self.ahead < 0 else "+"
        hours, minutes = divmod(abs(self.ahead) // MINUTE, 60)
        if letter in "Xx" and width == 1:
            return f"{sign}{hours:02d}" + (f"{minutes:02d}" if minutes else "")
        colon = ":" if (letter in "Xx" and width in (3, 5)) or letter in "zO" else ""
        return f"{sign}{hours:02d}{colon}{minutes:02d}"
