"""Numbers, strings and collections as Elasticsearch's streams lay them out (es-wire §0), big endian.

`Reader` never reads past its bytes and never builds more than they can hold: a count is compared with what is left
before anything is made. `Writer` is its mirror. Names of methods are the names of the specification's table.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from isthmus.wire.errors import LimitExceededError, MalformedError

T = TypeVar("T")
K = TypeVar("K")

TIME_UNITS = ("ns", "us", "ms", "s", "m", "h", "d")

_I16 = struct.Struct(">h")
_I32 = struct.Struct(">i")
_I64 = struct.Struct(">q")
_F32 = struct.Struct(">f")
_F64 = struct.Struct(">d")


class Reader:
    """Reads values from `data` one after the other. Every method raises MalformedError when the bytes do not fit."""

    __slots__ = ("_data", "_end", "_pos", "depth")

    def __init__(self, data: bytes | bytearray | memoryview, depth: int = 0) -> None:
        """`depth` counts the values that `data` is inside of; layouts that nest bound it."""
        self.depth = depth
        self._data = data if isinstance(data, bytes) else bytes(data)
        self._pos = 0
        self._end = len(self._data)

    @property
    def remaining(self) -> int:
        """How many bytes are left."""
        return self._end - self._pos

    def expect_end(self) -> None:
        """Raise MalformedError unless every byte was read."""
        if self._pos != self._end:
            raise MalformedError(f"{self.remaining} bytes are left over after the message")

    def raw(self, size: int) -> bytes:
        """Take `size` bytes as they are."""
        start = self._pos
        stop = start + size
        if size < 0 or stop > self._end:
            raise MalformedError(
                f"the message ends in the middle of a value: {size} bytes wanted, {self.remaining} left"
            )
        self._pos = stop
        return self._data[start:stop]

    def u8(self) -> int:
        return self.raw(1)[0]

    def boolean(self) -> bool:
        value = self.raw(1)[0]
        if value > 1:
            raise MalformedError(f"a boolean is the byte {value:#04x}")
        return value == 1

    def optional_boolean(self) -> bool | None:
        """One byte: 0 false, 1 true, 2 null."""
        value = self.raw(1)[0]
        if value > 2:
            raise MalformedError(f"an optional boolean is the byte {value:#04x}")
        return None if value == 2 else value == 1

    def i16(self) -> int:
        return int(_I16.unpack(self.raw(2))[0])

    def i32(self) -> int:
        return int(_I32.unpack(self.raw(4))[0])

    def i64(self) -> int:
        return int(_I64.unpack(self.raw(8))[0])

    def f32(self) -> float:
        return float(_F32.unpack(self.raw(4))[0])

    def f64(self) -> float:
        return float(_F64.unpack(self.raw(8))[0])

    def vint(self) -> int:
        """A signed 32-bit number; negative ones take five bytes."""
        value = self._seven_bit_groups(5)
        if value > 0xFFFFFFFF:
            raise MalformedError("a vint has more than 32 bits")
        return value - 0x1_0000_0000 if value > 0x7FFFFFFF else value

    def vlong(self) -> int:
        """A number of 0 to 2⁶³−1."""
        return self._seven_bit_groups(9)

    def zlong(self) -> int:
        """A signed 64-bit number, zig-zag."""
        value = self._seven_bit_groups(10)
        if value > 0xFFFF_FFFF_FFFF_FFFF:
            raise MalformedError("a zlong has more than 64 bits")
        return (value >> 1) ^ -(value & 1)

    def _seven_bit_groups(self, most: int) -> int:
        data, pos = self._data, self._pos
        if pos < self._end and data[pos] < 0x80:
            self._pos = pos + 1
            return data[pos]
        value = 0
        for group in range(most):
            if pos >= self._end:
                raise MalformedError("the message ends in the middle of a number")
            byte = data[pos]
            pos += 1
            value |= (byte & 0x7F) << (7 * group)
            if byte < 0x80:
                self._pos = pos
                return value
        raise MalformedError(f"a number has more than {most} bytes")

    def count(self) -> int:
        """How many items follow. Each takes a byte at least, so more than the bytes left is a lie."""
        count = self.vint()
        if not 0 <= count <= self._end - self._pos:
            raise MalformedError(f"a collection announces {count} items in {self.remaining} bytes")
        return count

    def string(self) -> str:
        """A string counted in UTF-16 code units, each in one to three bytes (CESU-8)."""
        units = self.count()
        start = self._pos
        chunk = self._data[start : start + units]
        if chunk.isascii():
            self._pos = start + units
            return chunk.decode("ascii")
        return self._long_string(units)

    def _long_string(self, units: int) -> str:
        data, start = self._data, self._pos
        pos = start
        for _ in range(units):
            pos += 1 if pos < self._end and data[pos] < 0x80 else 2 if pos < self._end and data[pos] < 0xE0 else 3
        raw = self.raw(pos - start)
        try:
            text = raw.decode("utf-8", "surrogatepass")
            if not raw.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
                return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError as cause:
            raise MalformedError("a string holds bytes that are no text") from cause
        if len(text) != units:
            raise MalformedError("a string holds bytes that are no text")
        return text

    def text(self) -> str:
        """A string as an i32 length and real UTF-8."""
        try:
            return self.raw(self.i32()).decode("utf-8")
        except UnicodeDecodeError as cause:
            raise MalformedError("a text holds bytes that are no UTF-8") from cause

    def byte_string(self) -> bytes:
        """Bytes with their length before them."""
        return self.raw(self.count())

    def optional_byte_string(self) -> bytes | None:
        """Bytes with their length + 1 before them; 0 is null."""
        length = self.count_or_one_more()
        return None if length == 0 else self.raw(length - 1)

    def count_or_one_more(self) -> int:
        length = self.vint()
        if not 0 <= length <= self._end - self._pos + 1:
            raise MalformedError(f"{length - 1} bytes are announced and {self.remaining} left")
        return length

    def optional(self, read: Callable[[], T]) -> T | None:
        """A boolean, and what `read` reads if it is true."""
        return read() if self.boolean() else None

    def list_of(self, read: Callable[[], T]) -> list[T]:
        """A count and that many items."""
        return [read() for _ in range(self.count())]

    def map_of(self, read_key: Callable[[], K], read_value: Callable[[], T]) -> dict[K, T]:
        """A count and that many keys with their values; a key that comes twice is an error."""
        result: dict[K, T] = {}
        for _ in range(self.count()):
            key = read_key()
            if key in result:
                raise MalformedError(f"a map holds the key {str(key)[:100]!r} twice")
            result[key] = read_value()
        return result

    def bounded_map_of(self, read_value: Callable[[], T], most: int) -> dict[str, T]:
        """A map with string keys and at most `most` entries; raises LimitExceededError before it is built."""
        start = self._pos
        if (count := self.count()) > most:
            raise LimitExceededError(f"a map holds {count} entries, {most} are allowed")
        self._pos = start
        return self.map_of(self.string, read_value)

    def time(self) -> tuple[int, str]:
        """A duration and its unit, one of TIME_UNITS."""
        duration = self.zlong()
        unit = self.u8()
        if unit >= len(TIME_UNITS):
            raise MalformedError(f"a time has the unknown unit {unit}")
        return duration, TIME_UNITS[unit]


class Writer:
    """Collects values; `bytes(writer)` is the message. Raises MalformedError for a value that has no layout."""

    __slots__ = ("_out",)

    def __init__(self) -> None:
        self._out = bytearray()

    def __bytes__(self) -> bytes:
        return bytes(self._out)

    def __len__(self) -> int:
        return len(self._out)

    def raw(self, data: bytes | bytearray | memoryview) -> None:
        self._out += data

    def u8(self, value: int) -> None:
        self._out.append(value)

    def boolean(self, value: bool) -> None:
        self._out.append(1 if value else 0)

    def optional_boolean(self, value: bool | None) -> None:
        self._out.append(2 if value is None else int(value))

    def i16(self, value: int) -> None:
        self._out += _I16.pack(value)

    def i32(self, value: int) -> None:
        self._out += _I32.pack(value)

    def i64(self, value: int) -> None:
        self._out += _I64.pack(value)

    def f32(self, value: float) -> None:
        self._out += _F32.pack(value)

    def f64(self, value: float) -> None:
        self._out += _F64.pack(value)

    def vint(self, value: int) -> None:
        if 0 <= value < 0x80:
            self._out.append(value)
            return
        if not -0x8000_0000 <= value <= 0x7FFF_FFFF:
            raise MalformedError(f"{value} is no 32-bit number")
        self._seven_bit_groups(value & 0xFFFF_FFFF)

    def vlong(self, value: int) -> None:
        if not 0 <= value <= 0x7FFF_FFFF_FFFF_FFFF:
            raise MalformedError(f"{value} is no vlong")
        self._seven_bit_groups(value)

    def zlong(self, value: int) -> None:
        if not -0x8000_0000_0000_0000 <= value <= 0x7FFF_FFFF_FFFF_FFFF:
            raise MalformedError(f"{value} is no 64-bit number")
        self._seven_bit_groups(((value << 1) ^ (value >> 63)) & 0xFFFF_FFFF_FFFF_FFFF)

    def _seven_bit_groups(self, value: int) -> None:
        out = self._out
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        out.append(value)

    def string(self, value: str) -> None:
        if value.isascii():
            self.vint(len(value))
            self._out += value.encode("ascii")
            return
        try:
            units = value.encode("utf-16-le")
        except UnicodeEncodeError as cause:
            raise MalformedError("a string holds half a character (a lone surrogate)") from cause
        self.vint(len(units) // 2)
        self._out += _cesu8(value, units)

    def text(self, value: str) -> None:
        raw = value.encode("utf-8")
        self.i32(len(raw))
        self._out += raw

    def byte_string(self, value: bytes | memoryview) -> None:
        self.vint(len(value))
        self._out += value

    def optional_byte_string(self, value: bytes | None) -> None:
        self.vint(0 if value is None else len(value) + 1)
        self._out += value or b""

    def optional(self, value: T | None, write: Callable[[T], None]) -> None:
        self.boolean(value is not None)
        if value is not None:
            write(value)

    def list_of(self, values: Iterable[T], write: Callable[[T], None]) -> None:
        items = list(values)
        self.vint(len(items))
        for item in items:
            write(item)

    def map_of(self, values: Mapping[K, T], write_key: Callable[[K], None], write_value: Callable[[T], None]) -> None:
        self.vint(len(values))
        for key, value in values.items():
            write_key(key)
            write_value(value)

    def time(self, duration: int, unit: str) -> None:
        self.zlong(duration)
        self.u8(TIME_UNITS.index(unit))


def _cesu8(value: str, units: bytes) -> bytes:
    if len(units) == 2 * len(value):
        return value.encode("utf-8")
    return b"".join(
        chr(int.from_bytes(units[at : at + 2], "little")).encode("utf-8", "surrogatepass")
        for at in range(0, len(units), 2)
    )
