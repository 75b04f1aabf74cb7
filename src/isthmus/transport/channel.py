"""One connection's bytes: frames in, frames out, nothing more.

Frames that are sent within one turn of the event loop leave in one write, so that a burst of small messages makes
one TLS record and one system call. Whoever holds a channel gets no more frames from it, and soon no more bytes.
"""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from isthmus.transport.limits import TransportLimits
from isthmus.wire.decoder import FrameDecoder
from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.frames import Buffer, Frame, FrameLimits

_FLUSH_AT = 256 * 1024


class Receiver(Protocol):
    """What stands behind a channel."""

    def opened(self, channel: Channel) -> FrameLimits:
        """The connection is there; return the limits of its frames."""

    def receive(self, frame: Frame) -> None:
        """A frame came. May raise MalformedError to have the connection dropped."""

    def writing_paused(self) -> None:
        """The peer reads slower than this side writes."""

    def writing_resumed(self) -> None:
        """The peer has caught up."""

    def violated(self, error: MalformedError) -> None:
        """The peer sent what it must not; the connection is dropped after this call unless it was closed in it."""

    def closed(self, cause: Exception | None) -> None:
        """The connection has ended; `cause` is None if it was closed in order."""


class Channel(asyncio.BufferedProtocol):
    """The protocol object of one connection, on either side."""

    def __init__(self, receiver: Receiver, limits: TransportLimits) -> None:
        self._receiver = receiver
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._out: list[Buffer] = []
        self._out_size = 0
        self._flushing = False
        self._holds = 0
        self._paused_since: float | None = None
        self._stuck_at = -1
        self._stuck_since = 0.0
        self._error: MalformedError | None = None
        self.is_closing = False

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=self._limits.write_high_water)
        self._decoder = FrameDecoder(self._receiver.opened(self))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._decoder.get_buffer()

    def buffer_updated(self, nbytes: int) -> None:
        self._decoder.received(nbytes)
        self._drain()

    def pause_writing(self) -> None:
        self._paused_since = self._loop.time()
        self._receiver.writing_paused()

    def resume_writing(self) -> None:
        self._paused_since = None
        self._receiver.writing_resumed()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closing = True
        self._out.clear()
        self._receiver.closed(self._error or exc)

    # Called by the receiver

    @property
    def is_paused(self) -> bool:
        """Whether the peer reads too slowly to be sent more."""
        return self._paused_since is not None

    def bound(self, limits: FrameLimits) -> None:
        """Take frames within `limits` from the next on."""
        self._decoder.limits = limits

    def send(self, head: bytes, body: Buffer = b"") -> None:
        """Send one frame with the others of this turn; silently nothing on a connection that has ended."""
        if self.is_closing:
            return
        self._out.append(head)
        if body:
            self._out.append(body)
        self._out_size += len(head) + len(body)
        if self._out_size >= _FLUSH_AT:
            self._flush()
        elif not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush_turn)

    def hold(self) -> None:
        """Take no more frames until `release` was called as often as this."""
        self._holds += 1
        if self._holds == 1 and not self.is_closing:
            self.transport.pause_reading()

    def release(self) -> None:
        """Undo one `hold`."""
        self._holds -= 1
        if self._holds == 0 and not self.is_closing:
            self._loop.call_soon(self._go_on)

    def close(self) -> None:
        """Send what waits, then end the connection in order."""
        if not self.is_closing:
            self._flush()
            self.is_closing = True
            self.transport.close()

    def abort(self, error: MalformedError | None = None) -> None:
        """End the connection at once; `error` is what the receiver hears as the cause."""
        self._error = self._error or error
        self.is_closing = True
        self.transport.abort()

    def sweep(self, now: float) -> None:
        """Drop a peer that began a frame too long ago, or does not read what it asked for."""
        if self.is_closing:
            return
        limits = self._limits
        if self._paused_since is not None and now - self._paused_since > limits.stalled_write_timeout:
            self._violate(LimitExceededError(f"it read nothing for {limits.stalled_write_timeout:g} s"))
        elif self._holds or not self._decoder.in_frame:
            self._stuck_at = -1
        elif self._stuck_at != self._decoder.frames:
            self._stuck_at = self._decoder.frames
            self._stuck_since = now
        elif now - self._stuck_since > limits.frame_timeout:
            self._violate(LimitExceededError(f"it did not finish a message within {limits.frame_timeout:g} s"))

    # Inside

    def _drain(self) -> None:
        decoder, receive = self._decoder, self._receiver.receive
        try:
            while not (self._holds or self.is_closing):
                frame = decoder.next_frame()
                if frame is None:
                    return
                receive(frame)
        except MalformedError as error:
            self._violate(error)

    def _violate(self, error: MalformedError) -> None:
        self._error = error
        self._receiver.violated(error)
        if not self.is_closing:
            self.abort(error)

    def _go_on(self) -> None:
        if self._holds or self.is_closing:
            return
        self.transport.resume_reading()
        self._drain()

    def _flush_turn(self) -> None:
        self._flushing = False
        self._flush()

    def _flush(self) -> None:
        if not self._out or self.is_closing:
            return
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        self._out_size = 0
        self.transport.write(data)
