"""Actions of our own: typed MessagePack messages under names that begin `internal:isthmus/`."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from isthmus.wire.errors import MalformedError
from isthmus.wire.frames import Buffer

if TYPE_CHECKING:
    from isthmus.transport.connection import Connection

Req = TypeVar("Req")
Resp = TypeVar("Resp")
T = TypeVar("T")

PREFIX = "internal:isthmus/"

_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True)
class Action(Generic[Req, Resp]):
    """An action's name and the types of its request and response (msgspec structs)."""

    name: str
    request: type[Req]
    response: type[Resp]

    def __post_init__(self) -> None:
        if not self.name.startswith(PREFIX):
            raise ValueError(f"{self.name} does not begin with {PREFIX}")


async def call(connection: Connection, action: Action[Req, Resp], request: Req, *, timeout: float) -> Resp:
    """Ask a peer and return its answer.

    Raises RemoteError with what the peer answered, UnavailableError if the connection or the time (seconds) ran out,
    MalformedError if the answer is not of the type agreed.
    """
    return decode(await connection.exchange(action.name, encode(request), timeout=timeout), action.response)


def encode(message: object) -> bytes:
    """Return a message's bytes."""
    return _encoder.encode(message)


def decode(body: Buffer, message_type: type[T]) -> T:
    """Return the message in `body`; raises MalformedError. Its size is that of the frame, its depth is bounded."""
    try:
        message: T = _decoder(cast("Hashable", message_type)).decode(body)
    except (msgspec.DecodeError, RecursionError) as cause:
        raise MalformedError(f"a message is no {message_type.__name__}: {cause}") from cause
    return message


@lru_cache(maxsize=1024)
def _decoder(message_type: type[Any]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(message_type)
