"""Generic values: a type byte, then the value (es-wire §0).

Python values stand for the common types; types that Python would blur are small values of their own, so that what was
read can be told apart and is written as it was. Nesting is bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.primitives import Reader, Writer

MAX_DEPTH = 64


class Long(int):
    """A number that travels in 64 bits however small it is."""


class Short(int):
    """A number that travels in 16 bits."""


class Byte(int):
    """A number that travels in 8 bits, read as 0 to 255."""


class Float(float):
    """A number that travels in 32 bits."""


class HashMap(dict[Any, Any]):
    """A map that promises no order."""


class ObjectArray(list[Any]):
    """A list that is an array over there."""


class BytesReference(bytes):
    """Bytes that may be many pieces over there."""


@dataclass(frozen=True)
class Date:
    """Milliseconds since 1970."""

    millis: int


@dataclass(frozen=True)
class GeoPoint:
    latitude: float
    longitude: float


@dataclass(frozen=True)
class ZonedDateTime:
    """A moment (seconds and nanoseconds since 1970) and the zone it is told in."""

    zone: str
    seconds: int
    nanos: int


@dataclass(frozen=True)
class OffsetTime:
    """A time of day in nanoseconds and its offset from UTC."""

    offset: str
    nano_of_day: int


@dataclass(frozen=True)
class Duration:
    seconds: int
    nanos: int


@dataclass(frozen=True)
class Period:
    years: int
    months: int
    days: int


@dataclass(frozen=True)
class Text:
    """A string that travels as real UTF-8."""

    value: str


@dataclass(frozen=True)
class BytesRef:
    """Bytes of the index, e.g. a term."""

    value: bytes


def read_generic(reader: Reader, depth: int = 0) -> Any:
    """Read one value of any type. Raises MalformedError, or LimitExceededError below MAX_DEPTH levels."""
    if depth > MAX_DEPTH:
        raise LimitExceededError(f"a generic value is nested more than {MAX_DEPTH} levels deep")
    kind = reader.u8()
    if (read := _SCALARS.get(kind)) is not None:
        return read(reader)
    if kind in (7, 8):
        items = reader.list_of(lambda: read_generic(reader, depth + 1))
        return items if kind == 7 else ObjectArray(items)
    try:
        if kind in (9, 10):
            found = reader.map_of(lambda: read_generic(reader, depth + 1), lambda: read_generic(reader, depth + 1))
            return found if kind == 9 else HashMap(found)
        if kind in (24, 25):
            return set(reader.list_of(lambda: read_generic(reader, depth + 1)))
    except TypeError as cause:
        raise MalformedError("a map or set holds a collection as a key") from cause
    raise MalformedError(f"a generic value has the type {kind}, which is not supported")


def write_generic(writer: Writer, value: Any, depth: int = 0) -> None:
    """Write one value; raises MalformedError for a type that has no layout, or nested too deep."""
    if depth > MAX_DEPTH:
        raise LimitExceededError(f"a generic value is nested more than {MAX_DEPTH} levels deep")
    if value is None:
        writer.u8(0xFF)
    elif isinstance(value, list | tuple):
        writer.u8(8 if isinstance(value, ObjectArray) else 7)
        writer.list_of(value, lambda item: write_generic(writer, item, depth + 1))
    elif isinstance(value, dict):
        writer.u8(10 if isinstance(value, HashMap) else 9)
        writer.map_of(
            value,
            lambda key: write_generic(writer, key, depth + 1),
            lambda item: write_generic(writer, item, depth + 1),
        )
    elif isinstance(value, set | frozenset):
        writer.u8(25)
        writer.list_of(value, lambda item: write_generic(writer, item, depth + 1))
    else:
        _write_scalar(writer, value)


def _write_scalar(writer: Writer, value: Any) -> None:
    write = _WRITERS.get(type(value))
    if write is None:
        raise MalformedError(f"a value of type {type(value).__name__} has no layout as a generic value")
    write(writer, value)


def _array(read: Callable[[Reader], Any]) -> Callable[[Reader], list[Any]]:
    return lambda reader: reader.list_of(lambda: read(reader))


def _big_integer(reader: Reader) -> int:
    digits = reader.string()
    if not digits.lstrip("-").isdecimal() or len(digits) > 1_000:
        raise MalformedError("a big integer is no number, or has more than 1000 digits")
    return int(digits)


_SCALARS: dict[int, Callable[[Reader], Any]] = {
    0xFF: lambda _reader: None,
    0: Reader.string,
    1: Reader.i32,
    2: lambda reader: Long(reader.i64()),
    3: lambda reader: Float(reader.f32()),
    4: Reader.f64,
    5: Reader.boolean,
    6: Reader.byte_string,
    11: lambda reader: Byte(reader.u8()),
    12: lambda reader: Date(reader.i64()),
    14: lambda reader: BytesReference(reader.byte_string()),
    15: lambda reader: Text(reader.text()),
    16: lambda reader: Short(reader.i16()),
    17: _array(Reader.i32),
    18: _array(Reader.i64),
    19: _array(Reader.f32),
    20: _array(Reader.f64),
    21: lambda reader: BytesRef(reader.byte_string()),
    22: lambda reader: GeoPoint(reader.f64(), reader.f64()),
    23: lambda reader: ZonedDateTime(reader.string(), reader.zlong(), reader.i32()),
    26: _big_integer,
    27: lambda reader: OffsetTime(reader.string(), reader.i64()),
    28: lambda reader: Duration(reader.i64(), reader.i64()),
    29: lambda reader: Period(reader.i32(), reader.i32(), reader.i32()),
}


def _write_int(writer: Writer, value: int) -> None:
    if -0x8000_0000 <= value <= 0x7FFF_FFFF:
        writer.u8(1)
        writer.i32(value)
    elif -0x8000_0000_0000_0000 <= value <= 0x7FFF_FFFF_FFFF_FFFF:
        writer.u8(2)
        writer.i64(value)
    else:
        writer.u8(26)
        writer.string(str(value))


def _tagged(kind: int, write: Callable[[Writer, Any], None]) -> Callable[[Writer, Any], None]:
    def write_tagged(writer: Writer, value: Any) -> None:
        writer.u8(kind)
        write(writer, value)

    return write_tagged


def _zoned(writer: Writer, value: ZonedDateTime) -> None:
    writer.string(value.zone)
    writer.zlong(value.seconds)
    writer.i32(value.nanos)


def _pair(first: str, second: str, write: Callable[[Writer, Any], None]) -> Callable[[Writer, Any], None]:
    def write_pair(writer: Writer, value: Any) -> None:
        write(writer, getattr(value, first))
        write(writer, getattr(value, second))

    return write_pair


def _offset_time(writer: Writer, value: OffsetTime) -> None:
    writer.string(value.offset)
    writer.i64(value.nano_of_day)


def _period(writer: Writer, value: Period) -> None:
    writer.i32(value.years)
    writer.i32(value.months)
    writer.i32(value.days)


_WRITERS: dict[type, Callable[[Writer, Any], None]] = {
    str: _tagged(0, Writer.string),
    int: _write_int,
    Long: _tagged(2, Writer.i64),
    Short: _tagged(16, Writer.i16),
    Byte: _tagged(11, Writer.u8),
    Float: _tagged(3, Writer.f32),
    BytesReference: _tagged(14, Writer.byte_string),
    float: _tagged(4, Writer.f64),
    bool: _tagged(5, Writer.boolean),
    bytes: _tagged(6, Writer.byte_string),
    Date: _tagged(12, lambda writer, value: writer.i64(value.millis)),
    Text: _tagged(15, lambda writer, value: writer.text(value.value)),
    BytesRef: _tagged(21, lambda writer, value: writer.byte_string(value.value)),
    GeoPoint: _tagged(22, _pair("latitude", "longitude", Writer.f64)),
    ZonedDateTime: _tagged(23, _zoned),
    OffsetTime: _tagged(27, _offset_time),
    Duration: _tagged(28, _pair("seconds", "nanos", Writer.i64)),
    Period: _tagged(29, _period),
}
