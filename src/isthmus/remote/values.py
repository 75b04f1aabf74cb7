"""Values of another cluster's requests as JSON has them. Pure."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from isthmus.wire.errors import MalformedError
from isthmus.wire.generic import (
    Byte,
    BytesRef,
    Date,
    Float,
    HashMap,
    Long,
    ObjectArray,
    Short,
    Text,
    ZonedDateTime,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_F32: Final = struct.Struct(">f")


def plain(value: Any) -> Any:
    """Return a generic value as JSON has it. Raises MalformedError for one that JSON has not."""
    made = _PLAIN.get(type(value))
    if made is None:
        raise MalformedError(f"a request has a value of the type {type(value).__name__}, which is not supported")
    return made(value)


def shortest(number: float) -> float:
    """Return the number that is written with the fewest digits of all that are the same in 32 bits."""
    packed = _F32.pack(number)
    for digits in range(6, 10):
        short = float(f"{number:.{digits}g}")
        if _F32.pack(short) == packed:
            return short
    return number


def given(members: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Return the members that say something: those that are neither None nor what holds anyway."""
    return {
        name: value
        for name, value in members.items()
        if value is not None and not (name in defaults and defaults[name] == value)
    }


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise MalformedError("a request has a term that is no text, which is not supported") from cause


def _moment(value: ZonedDateTime) -> str:
    try:
        moment = _EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanos // 1_000)
    except OverflowError as cause:
        raise MalformedError("a request has a date beyond the year 9999, which is not supported") from cause
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _list(values: Any) -> list[Any]:
    return [plain(one) for one in values]


def _object(values: Any) -> dict[str, Any]:
    return {str(key): plain(one) for key, one in values.items()}


def _as_it_is(value: Any) -> Any:
    return value


_PLAIN: Final[dict[type, Callable[[Any], Any]]] = {
    **dict.fromkeys((type(None), bool, str, int, float), _as_it_is),
    **dict.fromkeys((Long, Short, Byte), int),
    **dict.fromkeys((list, tuple, ObjectArray), _list),
    **dict.fromkeys((dict, HashMap), _object),
    Float: shortest,
    BytesRef: lambda value: _text(value.value),
    Text: lambda value: value.value,
    Date: lambda value: value.millis,
    ZonedDateTime: _moment,
}
