"""The ids that clients hold: of points in time, scrolls and asynchronous searches. Pure.

An id says which node keeps what; it is no secret and grants nothing, so it is read as leniently as it may be wrong.
"""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec

from isthmus.errors import UsageError

MAX_LENGTH = 1 << 20
T = TypeVar("T")


class TokenError(UsageError):
    """An id that was not made here."""

    type = "illegal_argument_exception"


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A context and the node that keeps it."""

    node: str
    context: str


class KeptIndices(msgspec.Struct, frozen=True, array_like=True):
    """A context, the node that keeps it, and the names of its indices, each with its place among all."""

    node: str
    context: str
    indices: tuple[tuple[str, int], ...]


class PointInTimeToken(msgspec.Struct, frozen=True, array_like=True, tag="pit"):
    """A point in time: a context on each node that holds some of its indices."""

    contexts: tuple[KeptIndices, ...]


class ScrollToken(msgspec.Struct, frozen=True, array_like=True, tag="scroll"):
    """A scroll, kept by the node that was asked first."""

    kept: Kept


class AsyncToken(msgspec.Struct, frozen=True, array_like=True, tag="async"):
    """An asynchronous search, kept by the node that was asked."""

    kept: Kept


def to_text(token: msgspec.Struct) -> str:
    """Return the id of `token`."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(token)).decode()


def from_text(text: str, kind: type[T], name: str) -> T:
    """Return the token of an id; `name` is what the id is called in the error. Raises TokenError."""
    if len(text) > MAX_LENGTH:
        raise TokenError(f"the {name} is longer than {MAX_LENGTH} characters")
    try:
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(text.encode("ascii")), type=kind)
    except (msgspec.MsgspecError, binascii.Error, ValueError, UnicodeError, RecursionError) as cause:
        raise TokenError(f"Cannot parse {name} [{text[:50]}]", hint="give it as it was answered") from cause
