"""The asking side of a connection: requests out, answers in."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from isthmus.transport.channel import Channel
from isthmus.transport.errors import NodeDisconnectedError, ReceiveTimeoutError, RemoteError
from isthmus.transport.limits import TransportLimits
from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.exceptions import HINT, decode_exception
from isthmus.wire.frames import (
    COMPRESSED,
    ERROR,
    NO_HEADERS,
    PING,
    PING_BYTES,
    RESPONSE,
    Buffer,
    Frame,
    FrameLimits,
    encode_handshake_request,
    encode_request,
)
from isthmus.wire.nodes import DiscoveryNode

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity

log = logging.getLogger(__name__)


class _Pending:
    """A request that waits for its answer."""

    __slots__ = ("action", "deadline", "future", "timeout")

    def __init__(self, future: asyncio.Future[Frame], deadline: float, timeout: float, action: str) -> None:
        self.future = future
        self.deadline = deadline
        self.timeout = timeout
        self.action = action


class Connection:
    """A connection that this node opened. `address` is the peer's `ip:port`.

    `node` and `version` (the peer's TransportVersion) are known once the handshakes are done, and nobody else gets
    to see a connection before that. `identity` is what the peer presented, None without TLS.
    """

    node: DiscoveryNode
    version: int

    def __init__(self, address: str, limits: TransportLimits) -> None:
        self.address = address
        self.identity: PeerIdentity | None = None
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._ids = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._callbacks: list[Callable[[], object]] = []
        self._gone: asyncio.Future[Exception | None] = self._loop.create_future()
        self._retires_at: float | None = None
        self._expelled: str | None = None
        self.channel = Channel(self, limits)

    def __repr__(self) -> str:
        return f"Connection({self.address})"

    # For the rest of the node

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be asked any more."""
        return self.channel.is_closing or self._expelled is not None

    async def request(
        self, action: str, body: Buffer = b"", *, headers: Mapping[str, str] = NO_HEADERS, timeout: float
    ) -> bytes:
        """Ask the peer for `action` and return the answer's body; `timeout` in seconds.

        Raises RemoteError if the peer answers with an error, NodeDisconnectedError, ReceiveTimeoutError, or
        LimitExceededError if the body is larger than any peer would take.
        """
        answer = await self.exchange(action, body, headers=headers, timeout=timeout)
        return answer if isinstance(answer, bytes) else bytes(answer)

    async def exchange(
        self,
        action: str,
        body: Buffer = b"",
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        timeout: float,
        scheme: bytes | None = None,
    ) -> Buffer:
        """Like `request`, without copying a large answer; `scheme` compresses request and answer."""
        if len(body) > self._limits.frames.max_message - self._limits.frames.max_header:
            raise LimitExceededError(f"a request of {len(body)} bytes is larger than a message may be")
        if self._waiting or self._is_full():
            await self._wait_for_room(timeout)
        request_id = next(self._ids)
        pending = self._expect(request_id, action, timeout)
        self.channel.send(*encode_request(request_id, action, body, headers=headers, scheme=scheme))
        frame = await self._answer(request_id, pending)
        return frame.plain_body(self._limits.frames) if frame.status & COMPRESSED else frame.body

    async def shake_hands(self, action: str, body: bytes, header_version: int, *, timeout: float) -> Frame:
        """Ask in a frame with an older header, as the tcp handshake does, and return the whole answer."""
        request_id = next(self._ids)
        pending = self._expect(request_id, action, timeout)
        self.channel.send(encode_handshake_request(request_id, action, body, header_version))
        return await self._answer(request_id, pending)

    def add_close_callback(self, callback: Callable[[], object]) -> None:
        """Have `callback()` called once the connection has ended; soon if it has already."""
        if self._gone.done():
            self._loop.call_soon(callback)
        else:
            self._callbacks.append(callback)

    def ping(self) -> None:
        """Show the peer, and what is between, that this side is still there."""
        self.channel.send(PING_BYTES)

    def close(self) -> None:
        """End the connection in order; requests without an answer fail."""
        self.channel.close()

    def retire(self) -> None:
        """Close the connection once it is idle, at the latest when the grace for requests in flight is over.

        Whoever still holds it may ask on it until then.
        """
        if self._retires_at is None:
            self._retires_at = self._loop.time() + self._limits.grace

    def expel(self, reason: str) -> None:
        """Ask nothing more because of `reason`, and close when what was asked is answered; see `retire`."""
        self._expelled = reason
        self.retire()
        if not self._pending:
            self.channel.close()

    @property
    def is_expelled(self) -> bool:
        """Whether this node itself ended the connection, because of who the peer is."""
        return self._expelled is not None

    async def wait_closed(self) -> Exception | None:
        """Wait until the connection has ended and return the cause, None if it was closed in order."""
        return await asyncio.shield(self._gone)

    # Called by the channel

    def opened(self, channel: Channel) -> FrameLimits:
        return self._limits.frames

    def receive(self, frame: Frame) -> None:
        if frame is PING:
            return
        status = frame.status
        if not status & RESPONSE:
            raise MalformedError("it sent a request where only answers are due")
        pending = self._pending.pop(frame.request_id, None)
        if pending is None or pending.future.done():
            return  # given up, or answered twice, as Elasticsearch does for a bad API key
        if status & ERROR:
            pending.future.set_exception(self._remote_error(frame))
        else:
            pending.future.set_result(frame)
        if self._waiting:
            self._wake()

    def writing_paused(self) -> None:
        """Nothing to do: `exchange` looks at the channel."""

    def writing_resumed(self) -> None:
        self._wake()

    def violated(self, error: MalformedError) -> None:
        log.warning("dropped the connection to [%s]: %s", self.address, error)

    def closed(self, cause: Exception | None) -> None:
        pending, self._pending = self._pending, {}
        for request in pending.values():
            if not request.future.done():
                request.future.set_exception(self._disconnected(request.action, cause))
        self._gone.set_result(cause)
        self._wake()
        for callback in self._callbacks:
            self._loop.call_soon(callback)
        self._callbacks.clear()

    # Called by the sweeper

    def sweep(self, now: float) -> None:
        self.channel.sweep(now)
        if self._retires_at is not None and (not self._pending or now >= self._retires_at):
            self.channel.close()
        for pending in self._pending.values():
            if now >= pending.deadline and not pending.future.done():
                pending.future.set_exception(
                    ReceiveTimeoutError(
                        f"no answer to [{pending.action}] within {pending.timeout:g} s", where=f"[{self.address}]"
                    )
                )

    # Inside

    def _expect(self, request_id: int, action: str, timeout: float) -> _Pending:
        if self.is_closed:
            raise self._disconnected(action, None)
        pending = _Pending(self._loop.create_future(), self._loop.time() + timeout, timeout, action)
        self._pending[request_id] = pending
        return pending

    async def _answer(self, request_id: int, pending: _Pending) -> Frame:
        try:
            return await pending.future
        finally:
            self._pending.pop(request_id, None)

    def _is_full(self) -> bool:
        return self.channel.is_paused or len(self._pending) >= self._limits.max_outstanding

    async def _wait_for_room(self, timeout: float) -> None:
        try:
            async with asyncio.timeout(timeout):
                while self._is_full() and not self.is_closed:
                    turn: asyncio.Future[None] = self._loop.create_future()
                    self._waiting.append(turn)
                    await turn
        except TimeoutError as cause:
            raise ReceiveTimeoutError(
                f"the peer did not take a request for {timeout:g} s", where=f"[{self.address}]"
            ) from cause
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                if not self.is_closed:
                    return

    def _remote_error(self, frame: Frame) -> Exception:
        try:
            error = decode_exception(frame.plain_body(self._limits.anonymous_frames)).true_cause
        except MalformedError as malformed:
            return malformed
        hints = error.metadata.get(HINT)
        return RemoteError(
            error.type, error.status, error.reason, hint=hints[0] if hints else None, where=f"[{self.address}]"
        )

    def _disconnected(self, action: str, cause: Exception | None) -> NodeDisconnectedError:
        reason = (
            f"the connection ended before [{action}] was answered" if cause is None else f"connection lost: {cause}"
        )
        error = NodeDisconnectedError(self._expelled or reason, where=f"[{self.address}]")
        error.__cause__ = cause
        return error
