"""The types of settings' values, in Elasticsearch's notation.

Each reads a text, or a sequence of texts for lists, and raises ValueError with the rule that was broken. The message
never repeats the value: who calls knows whether it may be shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
N = TypeVar("N", int, float)

MAX_PORT = 65535
TIME_UNITS = {"nanos": 1e-9, "micros": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
BYTE_UNITS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
_NUMBER_AND_UNIT = re.compile(r"([0-9]{1,15}) ?([a-z]+)", re.ASCII)
_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ValueType(Generic[T_co]):
    """A type of values: its `name` for a person, `parse` from what a source holds, and the `unit` of its numbers."""

    name: str
    parse: Callable[[object], T_co]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PortRange:
    """Ports to try in turn, `first` to `last` inclusive; `0` alone means any free one."""

    first: int
    last: int

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def integer(minimum: int, maximum: int) -> ValueType[int]:
    """Whole numbers from `minimum` to `maximum`."""

    def parse(value: object) -> int:
        raw = _one(value)
        if not re.fullmatch(r"-?[0-9]{1,18}", raw, re.ASCII):
            raise ValueError("a whole number is expected")
        return _bounded(int(raw), minimum, maximum, f"from {minimum} to {maximum}")

    return ValueType(f"integer {minimum} to {maximum}", parse)


def choice(*allowed: str) -> ValueType[str]:
    """One of the texts `allowed`, written in just this way."""

    def parse(value: object) -> str:
        raw = _one(value)
        if raw not in allowed:
            raise ValueError(f"it can only be {_or(allowed)}")
        return raw

    return ValueType("|".join(allowed), parse)


def time_value(minimum: float, days: int = 365) -> ValueType[float]:
    """A time such as `30s`, given in seconds; at least `minimum` seconds, at most `days` days."""

    def parse(value: object) -> float:
        rule = "a time with its unit is expected, such as 500ms, 30s or 5m"
        seconds = _with_unit(_one(value), TIME_UNITS, rule)
        return _bounded(seconds, minimum, days * 86400.0, f"at least {minimum:g}s and at most {days}d")

    return ValueType("time", parse, "s")


def byte_size(minimum: int, maximum: int) -> ValueType[int]:
    """A size such as `64kb`, given in bytes; from `minimum` to `maximum` bytes."""

    def parse(value: object) -> int:
        rule = "a size with its unit is expected, such as 512b, 64kb or 1gb"
        size = int(_with_unit(_one(value).lower(), BYTE_UNITS, rule))
        return _bounded(size, minimum, maximum, f"from {minimum}b to {maximum}b")

    return ValueType("byte size", parse, "b")


def list_of(item: ValueType[T]) -> ValueType[tuple[T, ...]]:
    """A list, or one text with commas between the items."""

    def parse(value: object) -> tuple[T, ...]:
        parts = _split(value) if isinstance(value, str) else _many(value)
        if "" in parts:
            raise ValueError("the list holds an empty item")
        return tuple(item.parse(part) for part in parts)

    return ValueType(f"list of {item.name}", parse)


def restricted(base: ValueType[T], name: str, check: Callable[[T], None]) -> ValueType[T]:
    """`base`, with the further rule `check`, which raises ValueError."""

    def parse(value: object) -> T:
        parsed = base.parse(value)
        check(parsed)
        return parsed

    return ValueType(name, parse, base.unit)


def optional(base: ValueType[T]) -> ValueType[T | None]:
    """`base`, for a setting whose default is to be absent."""
    return ValueType(base.name, base.parse, base.unit)


def _parse_text(value: object) -> str:
    raw = _one(value)
    if not raw:
        raise ValueError("it is empty")
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in raw):
        raise ValueError("it holds a control character")
    return raw


def _parse_secret(value: object) -> str | None:
    if not isinstance(value, str) or not value:
        raise ValueError("it is empty")
    return value


def _parse_boolean(value: object) -> bool:
    raw = _one(value)
    if raw not in ("true", "false"):
        raise ValueError("it can only be [true] or [false]")
    return raw == "true"


def _parse_ports(value: object) -> PortRange:
    found = _PORTS.fullmatch(_one(value))
    if not found:
        raise ValueError("a port or a range of ports is expected, such as 9200, 9200-9300, or 0 for any free one")
    first = int(found[1])
    last = int(found[2]) if found[2] else first
    if max(first, last) > MAX_PORT:
        raise ValueError(f"a port is at most {MAX_PORT}")
    if last < first or (first == 0 and last != 0):
        raise ValueError("the range must go from a lower port, not 0, to a higher one")
    return PortRange(first, last)


text: ValueType[str] = ValueType("text", _parse_text)
secret: ValueType[str | None] = ValueType("secret", _parse_secret)
boolean: ValueType[bool] = ValueType("true|false", _parse_boolean)
ports: ValueType[PortRange] = ValueType("port or range", _parse_ports)


def _one(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it takes one value, not a list")
    return value


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",")) if value.strip() else ()


def _many(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("a list is expected")
    return tuple(_one(part) for part in value)


def _with_unit(raw: str, units: Mapping[str, float], rule: str) -> float:
    found = _NUMBER_AND_UNIT.fullmatch(raw)
    if raw == "0":
        return 0
    if not found or found[2] not in units:
        raise ValueError(rule)
    return int(found[1]) * units[found[2]]


def _bounded(number: N, minimum: N, maximum: N, rule: str) -> N:
    if not minimum <= number <= maximum:
        raise ValueError(f"it must be {rule}")
    return number


def _or(allowed: tuple[str, ...]) -> str:
    return " or ".join(f"[{name}]" for name in allowed)
