"""Actions of our own: typed MessagePack messages under names that begin `internal:isthmus/`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
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
class ForNodes:
    """An action that nodes ask for on their own behalf, and nobody else."""


FOR_NODES = ForNodes()


def _none(_request: object) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class ForUsers:
    """An action that is asked for on behalf of users, as a part of one of the user's `actions` (with `*` patterns).

    The user's action must be granted on each of the `indices` that the request names, or at all if it names none; in
    its place those that it `needs`, where the request tells more exactly what is done. `nodes`: nodes ask for it on
    their own behalf as well.
    """

    actions: tuple[str, ...]
    indices: Callable[[Any], Iterable[str]] = _none
    needs: Callable[[Any], Iterable[str]] | None = None
    nodes: bool = False


@dataclass(frozen=True)
class Action(Generic[Req, Resp]):
    """An action's name, the types of its request and response (msgspec structs), and for whom it is asked."""

    name: str
    request: type[Req]
    response: type[Resp]
    asked: ForNodes | ForUsers

    def __post_init__(self) -> None:
        if not self.name.startswith(PREFIX):
            raise ValueError(f"{self.name} does not begin with {PREFIX}")


async def call(
    connection: Connection, action: Action[Req, Resp], request: Req, *, headers: Mapping[str, str], timeout: float
) -> Resp:
    """Ask a peer and return its answer; `headers` say for whom.

    Raises RemoteError with what the peer answered, UnavailableError if the connection or the time (seconds) ran out,
    MalformedError if the answer is not of the type agreed.
    """
    answer = await connection.exchange(action.name, encode(request), headers=headers, timeout=timeout)
    return decode(answer, action.response)


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
