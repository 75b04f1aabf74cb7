"""The answering side of a connection: finds the handler of a request and sends what it returns.

A handler that returns bytes is answered on the spot, without a task. One that returns something to await gets a
task, and when too many of those run, no more requests are read from that peer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from isthmus.errors import IsthmusError
from isthmus.transport.channel import Channel
from isthmus.transport.errors import ActionNotFoundError, AnonymousPeerError
from isthmus.transport.limits import TransportLimits
from isthmus.transport.registry import ActionRegistry, Entry, RequestChannel
from isthmus.transport.trust import identify
from isthmus.wire.compression import scheme_of
from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.exceptions import HINT, encode_exception
from isthmus.wire.foreign import ForeignProtocolError
from isthmus.wire.frames import (
    COMPRESSED,
    ERROR,
    HANDSHAKE,
    PING,
    PING_BYTES,
    RESPONSE,
    Buffer,
    Frame,
    FrameLimits,
    encode_response,
)
from isthmus.wire.handshake import TCP_HANDSHAKE

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity

log = logging.getLogger(__name__)

_SHOWN = 200  # of an action's name: a peer that asks for what is not there must not get more back than it sent


@dataclass(frozen=True)
class Serving:
    """What all inbound connections share. `name()` is this node's name, for error messages."""

    registry: ActionRegistry
    limits: TransportLimits
    trust_network: bool
    name: Callable[[], str]
    opened: Callable[[InboundConnection], None]
    dropped: Callable[[InboundConnection, MalformedError], None]
    closed: Callable[[InboundConnection], None]


class InboundConnection:
    """A connection that a peer opened. `address` is the peer's `ip:port`; `trusted` peers may call any action."""

    def __init__(self, address: str, serving: Serving) -> None:
        self.address = address
        self.identity: PeerIdentity | None = None
        self.trusted = False
        self.is_open = False
        self.channel = Channel(self, serving.limits)
        self._serving = serving
        self._frame_limits = serving.limits.anonymous_frames
        self._find = serving.registry.find
        self._tasks: set[asyncio.Future[object]] = set()
        self._is_full = False
        self._heard = False
        self._heard_at: float | None = None
        self._expelled_at: float | None = None

    def close_soon(self, error: MalformedError) -> None:
        """Close the connection because of `error`, after the answers of this turn."""
        self._serving.dropped(self, error)
        asyncio.get_running_loop().call_soon(self.channel.close)

    def expel(self) -> None:
        """Take no more requests, and close when those in flight are answered, at the latest when the grace is over."""
        if self._expelled_at is not None or self.channel.is_closing:
            return
        self._expelled_at = asyncio.get_running_loop().time()
        self.channel.hold()
        if not self._tasks:
            asyncio.get_running_loop().call_soon(self.channel.close)

    def vouched(self) -> None:
        """The peer has proved itself by something better than a certificate: it no longer gives way to others.

        Its messages may be as large as those of one with a certificate.
        """
        if not self.trusted and self.is_open:
            self.trusted = True
            self._frame_limits = self._serving.limits.frames
            self.channel.bound(self._frame_limits)
            self._serving.opened(self)

    # Called by the channel

    def opened(self, channel: Channel) -> FrameLimits:
        self.identity = identify(channel.transport)
        self.trusted = self._serving.trust_network or (self.identity is not None and self.identity.verified)
        self.is_open = True
        self._serving.opened(self)
        if self.trusted:
            self._frame_limits = self._serving.limits.frames
        else:  # what waits for many anonymous peers that do not read must not add up
            channel.transport.set_write_buffer_limits(high=self._frame_limits.max_message)
        return self._frame_limits

    def receive(self, frame: Frame) -> None:
        self._heard = True
        if frame is PING:
            self.channel.send(PING_BYTES)
            return
        if frame.status & RESPONSE:
            raise MalformedError("it sent an answer where only requests are due")
        if frame.status & HANDSHAKE and frame.action != TCP_HANDSHAKE:
            raise MalformedError(f"it sent {frame.action[:_SHOWN]!r} as a tcp handshake")
        entry = self._find(frame.action)
        if entry is None or not (self.trusted or entry.anonymous):
            self._fail(frame, self._unserved(frame.action[:_SHOWN]))
            return
        body = frame.plain_body(self._frame_limits) if frame.status & COMPRESSED else frame.body
        self._handle(frame, entry, body)

    def writing_paused(self) -> None:
        self.channel.hold()

    def writing_resumed(self) -> None:
        self.channel.release()

    def violated(self, error: MalformedError) -> None:
        if isinstance(error, ForeignProtocolError) and error.protocol == "HTTP":
            self.channel.send(http_refusal())
            self.channel.close()
        self._serving.dropped(self, error)

    def closed(self, cause: Exception | None) -> None:
        self.is_open = False
        for task in self._tasks:
            task.cancel()
        self._serving.closed(self)

    # Called by the sweeper

    def sweep(self, now: float) -> None:
        self.channel.sweep(now)
        if self._expelled_at is not None:
            if not self._tasks or now - self._expelled_at > self._serving.limits.grace:
                self.channel.close()
            return
        if self.trusted or self.channel.is_closing:
            return
        if self._heard or self._heard_at is None:
            self._heard = False
            self._heard_at = now
        elif now - self._heard_at > self._serving.limits.anonymous_idle_timeout and not self._tasks:
            self.drop(LimitExceededError("an anonymous peer said nothing for too long"))

    def drop(self, error: MalformedError) -> None:
        """End the connection at once because of `error`."""
        self._serving.dropped(self, error)
        self.channel.abort(error)

    # Inside

    def _unserved(self, action: str) -> IsthmusError:
        if self.trusted:
            return ActionNotFoundError(f"no handler for action [{action}]")
        return AnonymousPeerError(
            f"action [{action}] needs a peer with a verified certificate, and this one is anonymous",
            hint="give the peer a certificate of a CA that this node trusts; "
            "with client_authentication none or optional, or without TLS, only handshakes are served",
        )

    def _handle(self, frame: Frame, entry: Entry, body: Buffer) -> None:
        try:
            result = entry.handler(body, RequestChannel(self, frame))
            if type(result) is bytes:
                self._reply(frame, result)
            elif isinstance(result, Awaitable):
                self._start(frame, entry, result)
            else:
                self._reply(frame, _encoded(entry, result))
        except Exception as error:  # whatever a handler raises is the asker's answer
            self._fail(frame, error)

    def _start(self, frame: Frame, entry: Entry, result: Awaitable[object]) -> None:
        task = asyncio.ensure_future(result)
        self._tasks.add(task)
        task.add_done_callback(partial(self._finish, frame, entry))
        if not self._is_full and len(self._tasks) >= self._serving.limits.max_outstanding:
            self._is_full = True
            self.channel.hold()

    def _finish(self, frame: Frame, entry: Entry, task: asyncio.Future[object]) -> None:
        self._tasks.discard(task)
        if self._is_full:
            self._is_full = False
            self.channel.release()
        if task.cancelled():
            return
        try:
            self._reply(frame, _encoded(entry, task.result()))
        except Exception as error:  # see `_handle`
            self._fail(frame, error)

    def _reply(self, frame: Frame, body: bytes) -> None:
        if len(body) > self._serving.limits.frames.max_message - self._serving.limits.frames.max_header:
            raise LimitExceededError(f"the answer to [{frame.action}] has {len(body)} bytes, more than a message may")
        status = frame.status
        scheme = scheme_of(frame.body) if status & COMPRESSED else None
        self.channel.send(
            *encode_response(frame.request_id, body, version=frame.version, status=status & HANDSHAKE, scheme=scheme)
        )

    def _fail(self, frame: Frame, error: Exception) -> None:
        if not isinstance(error, IsthmusError):
            log.error("action [%s] of [%s] failed", frame.action, self.address, exc_info=error)
            error = IsthmusError("an internal error, see the log of the node that answered")
        local = self.channel.transport.get_extra_info("sockname")
        action = frame.action[:_SHOWN]
        body = encode_exception(
            f"[{self._serving.name()}][{local[0]}:{local[1]}][{action}]",
            error.type,
            error.status,
            f"{error.where}: {error.reason}" if error.where else error.reason,
            metadata={HINT: [error.hint]} if error.hint else None,
            action=action,
        )
        status = frame.status & HANDSHAKE | ERROR
        self.channel.send(*encode_response(frame.request_id, body, version=frame.version, status=status))


def _encoded(entry: Entry, result: object) -> bytes:
    if entry.encode is not None:
        return entry.encode(result)
    if not isinstance(result, bytes):
        raise TypeError(f"a handler returned {type(result).__name__} in place of bytes")
    return result


def http_refusal() -> bytes:
    """Return the answer to a peer that speaks HTTP on the transport port."""
    text = b"This port speaks Elasticsearch's transport protocol. The REST API is on the HTTP port.\n"
    head = f"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n"
    return head.encode("ascii") + b"Connection: close\r\n\r\n" + text
