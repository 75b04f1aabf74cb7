"""A field's values: from JSON to its column, as documents and queries give them, and back for answers. Pure."""

from __future__ import annotations

import ipaddress
import math
import socket
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.parsed import Indexable
from isthmus.query.date_formats import format_date, formats

Convert = Callable[[Any], Indexable]
"""Raises ValueError with what is wrong, for a value that the field cannot have."""

RANGES: Final = {
    "byte": (-(1 << 7), (1 << 7) - 1),
    "short": (-(1 << 15), (1 << 15) - 1),
    "integer": (-(1 << 31), (1 << 31) - 1),
    "long": (-(1 << 63), (1 << 63) - 1),
}
NUMBERS: Final = frozenset({*RANGES, "double", "float", "half_float", "scaled_float"})
_OPTIONAL_TIME: Final = ("strict_date_optional_time", "date_optional_time")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAPPED: Final = f"{0xFFFF:024x}"
MAX_TERM_BYTES: Final = 32_766
_LARGEST: Final = {"float": 3.4028234663852886e38, "half_float": 65_504.0}


def converter(field: Field, analyzers: Analyzers) -> Convert:
    """Return what makes a document's value of `field` one of its column."""
    if field.column == "text":
        return _text(analyzers.get(field.analyzer).joined)
    if field.type in RANGES:
        return _whole(field)
    if field.type == "boolean":
        return _boolean
    if field.type == "date":
        return _date("||".join(field.formats))
    if field.type == "ip":
        return _ip
    if field.column == "double":
        return _double(field)
    return _keyword


def for_query(field: Field, value: Any) -> Indexable | None:
    """Return the column value that a query's value means, None if no document can have it. Raises ValueError."""
    if value is None:
        raise ValueError("a value is missing")
    if field.type in RANGES:
        return _asked_whole(field, value)
    if field.type == "boolean":
        return _boolean(value)
    if field.type == "date":
        return _date("||".join(field.formats))(value)
    if field.type == "ip":
        return _ip(value)
    if field.column == "double":
        number = _as_number(value)
        return _rounded(field, number)
    return _as_text(value)


def shown(field: Field, value: Indexable, format_: str | None = None) -> Any:
    """Return a column value as `fields`, `docvalue_fields` and keys of buckets show it."""
    if field.type == "date":
        return format_date(int(value), format_ or "||".join(field.formats))
    if field.type == "boolean":
        return bool(value)
    if field.type == "ip":
        return ip_text(str(value))
    if field.type in ("float", "half_float"):
        return _shortest(float(value), "f" if field.type == "float" else "e")
    return value


def check_format(field: Field, format_: str | None) -> None:
    """Raise UsageError for a format that a field's values cannot be shown in: only dates have any."""
    if format_ is None or field.type == "date":
        return
    raise UsageError(
        f"Field [{field.path}] of type [{field.type}] does not support custom formats", hint="leave [format] out"
    )


def ip_text(digits: str) -> str:
    """Return an address as it is written; `digits` are those of its column."""
    address = ipaddress.IPv6Address(int(digits, 16))
    return str(address.ipv4_mapped or address)


def ip_range(cidr: str) -> tuple[str, str]:
    """Return the first and last column value of a network such as 10.0.0.0/8. Raises ValueError."""
    network = ipaddress.ip_network(cidr, strict=False)
    return _ip(str(network[0])), _ip(str(network[-1]))


def _text(joined: Callable[[str], str]) -> Convert:
    def convert(value: Any) -> str:
        return joined(value if type(value) is str else _as_text(value))

    return convert


def _keyword(value: Any) -> str:
    text = value if type(value) is str else _as_text(value)
    if len(text) * 4 > MAX_TERM_BYTES and len(text.encode()) > MAX_TERM_BYTES:
        raise ValueError(f"it is an immense term: its UTF-8 encoding is longer than the max length {MAX_TERM_BYTES}")
    return text


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise ValueError("it is no text")


def _whole(field: Field) -> Convert:
    least, most = RANGES[field.type]

    def convert(value: Any) -> int:
        if type(value) is int:
            if least <= value <= most:
                return value
            raise ValueError(f"Value [{value}] is out of range for a {field.type}")
        if isinstance(value, str) and not field.coerce:
            raise ValueError("it is text, and [coerce] is false")
        number = _as_number(value)
        if isinstance(number, float):
            if not math.isfinite(number):
                raise ValueError(f"[{field.type}] supports only finite values, but got [{number}]")
            if not field.coerce and not number.is_integer():
                raise ValueError(f"[{number}] has a decimal part")
            number = math.trunc(number)
        if not least <= number <= most:
            raise ValueError(f"Value [{value}] is out of range for a {field.type}")
        return number

    return convert


def _asked_whole(field: Field, value: Any) -> int | None:
    number = _as_number(value)
    if isinstance(number, float):
        if not number.is_integer():
            return None
        number = int(number)
    least, most = RANGES[field.type]
    return number if least <= number <= most else None


def _double(field: Field) -> Convert:
    def convert(value: Any) -> float:
        if isinstance(value, str) and not field.coerce:
            raise ValueError("it is text, and [coerce] is false")
        return _rounded(field, _as_number(value))

    return convert


def _rounded(field: Field, number: float) -> float:
    try:
        number = float(number)
    except OverflowError:  # a whole number of hundreds of digits
        number = math.inf if number > 0 else -math.inf
    # What is stored of a scaled number is finite only if it is so after the scaling.
    if not math.isfinite(number * field.scale):
        raise ValueError(f"[{field.type}] supports only finite values, but got [{number}]")
    if field.type == "scaled_float":
        return math.floor(number * field.scale + 0.5) / field.scale
    if field.type == "double":
        return number
    if abs(number) > _LARGEST[field.type]:
        raise ValueError(f"[{field.type}] supports only finite values, but got [{number}]")
    letter = "f" if field.type == "float" else "e"
    rounded: float = struct.unpack(letter, struct.pack(letter, number))[0]
    return rounded


def _as_number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("it is no number")
    if not isinstance(value, str):
        return value
    text = value.strip()
    if len(text) > 400 or "_" in text:
        raise ValueError(f'For input string: "{text[:50]}"')
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError as cause:
        raise ValueError(f'For input string: "{text[:50]}"') from cause


def _boolean(value: Any) -> int:
    if value is True or value == "true":
        return 1
    if value is False or value in ("false", ""):
        return 0
    raise ValueError(f"Failed to parse value [{str(value)[:50]}] as only [true] or [false] are allowed.")


def _date(format_: str) -> Convert:
    parsers = formats(format_)
    usual = format_.partition("||")[0] in _OPTIONAL_TIME

    def convert(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError("it is no date")
        if usual and (known := _moment_as_usual(value)) is not None:
            return known
        text = (
            value
            if type(value) is str
            else str(int(value) if isinstance(value, float) and value.is_integer() else value)
        )
        for one in parsers:
            found = one.parse(text, None, up=False)
            if found is not None:
                return found
        raise ValueError(f"failed to parse date field [{text[:100]}] with format [{format_}]")

    return convert


def _moment_as_usual(value: Any) -> int | None:
    """Read 2026-01-31T23:59:59.123Z, as most documents write a moment, in a third of the time; None for the rest."""
    if type(value) is not str or len(value) != 24 or value[10] != "T" or value[23] != "Z":
        return None
    if not (value[4] == value[7] == "-" and value[13] == value[16] == ":" and value[19] == "."):
        return None
    try:
        since = datetime.fromisoformat(value) - _EPOCH
    except ValueError:
        return None
    return since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000


def _ip(value: Any) -> str:
    if type(value) is str and ":" not in value:
        try:
            return _MAPPED + socket.inet_pton(socket.AF_INET, value).hex()
        except (OSError, ValueError):
            pass  # told below, or written in a way that only the other parser knows
    if not isinstance(value, str) or "%" in value:
        raise ValueError(f"'{str(value)[:100]}' is not an IP string literal.")
    try:
        address = ipaddress.ip_address(value)
    except ValueError as cause:
        raise ValueError(f"'{value[:100]}' is not an IP string literal.") from cause
    number = int(address) | (0xFFFF << 32) if address.version == 4 else int(address)
    return f"{number:032x}"


def _shortest(value: float, letter: str) -> float:
    """The number with the fewest digits that is the same as a float of fewer bits."""
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.unpack(letter, struct.pack(letter, short))[0] == value:
            return short
    return value
