"""Cuts a stream of bytes into frames.

`FrameDecoder` owns the memory that bytes are received into: take `get_buffer()`, fill some of it, say `received(n)`
and ask `next_frame()` until it has none. Small frames are cut out of one buffer; the body of a frame that does not
fit grows in memory of its own, as fast as it arrives and no faster, and is handed over without a copy. What a
frame announces is checked against the limits as soon as it can be read, long before the frame is complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.foreign import ENOUGH, ForeignProtocolError, recognise
from isthmus.wire.frames import (
    COUNTED,
    FEATURES_BEFORE,
    FIXED,
    HANDSHAKE,
    HANDSHAKE_HEADER_VERSIONS,
    LENGTH,
    NO_HEADERS,
    NO_RESPONSE_HEADERS,
    PING,
    RESPONSE,
    Buffer,
    Frame,
    FrameLimits,
)
from isthmus.wire.primitives import Reader
from isthmus.wire.version import TRANSPORT_VERSION

_IDLE_CAPACITY = 16 * 1024
_CAPACITY = 128 * 1024
_CACHED_HEADER = 256


class FrameDecoder:
    """Cuts received bytes into frames. After an error it is of no more use: the stream has lost its step."""

    def __init__(self, limits: FrameLimits) -> None:
        self.limits = limits
        self.frames = 0  # completed so far, pings included
        self._memory = memoryview(bytearray(_IDLE_CAPACITY))
        self._was_full = False
        self._start = 0
        self._end = 0
        self._large: _Large | None = None

    @property
    def in_frame(self) -> bool:
        """Whether bytes of a frame are there that is not complete (or not yet asked for)."""
        return self._large is not None or self._end > self._start

    def get_buffer(self) -> memoryview:
        """Return memory to receive into, never empty; valid until the next call of any method."""
        if self._large is not None:
            return self._large.room()
        if self._start == self._end:
            self._start = self._end = 0
            if self._was_full:
                self._widen()
        elif self._end > len(self._memory) // 2:
            self._make_room()
        return self._memory[self._end :]

    def received(self, size: int) -> None:
        """Take note that the first `size` bytes of the last buffer are filled."""
        if self._large is not None:
            self._large.have += size
        else:
            self._end += size
            self._was_full = self._end == len(self._memory)

    def feed(self, data: Buffer) -> Iterator[Frame]:
        """Yield the frames that `data` completes."""
        rest = memoryview(data)
        while rest:
            room = self.get_buffer()
            size = min(len(room), len(rest))
            room[:size] = rest[:size]
            self.received(size)
            rest = rest[size:]
            while (frame := self.next_frame()) is not None:
                yield frame

    def next_frame(self) -> Frame | None:
        """Return the next complete frame (PING for a ping), or None if more bytes are needed.

        Raises MalformedError, LimitExceededError or ForeignProtocolError as soon as the bytes show it.
        """
        if self._large is not None:
            return self._finish_large(self._large)
        start = self._start
        have = self._end - start
        if have < FIXED.size:
            return self._short(have) if have else None
        marker, length, request_id, status, version, header_size = FIXED.unpack_from(self._memory, start)
        if marker != b"ES" or length < COUNTED:
            return self._irregular(have)
        self._check(length, status, version, header_size)
        body_start = start + FIXED.size + header_size
        if body_start > self._end:
            return None
        stop = start + LENGTH.size + length
        if stop > self._end and stop - start <= len(self._memory):
            return None
        header = bytes(self._memory[start + FIXED.size : body_start])
        action, headers, response_headers = _read_header(header, status, version, self.limits)
        frame = Frame(request_id, status, version, action, headers, response_headers, b"")
        if stop > self._end:
            self._begin_large(frame, body_start, stop - body_start)
            return None
        frame.body = bytes(self._memory[body_start:stop])
        self._start = stop
        self.frames += 1
        return frame

    def _check(self, length: int, status: int, version: int, header_size: int) -> None:
        limits = self.limits
        if length > limits.max_message:
            raise LimitExceededError(f"a message announces {length} bytes, {limits.max_message} are allowed")
        if header_size > limits.max_header:
            raise LimitExceededError(f"a header announces {header_size} bytes, {limits.max_header} are allowed")
        if not 0 <= header_size <= length - COUNTED:
            raise MalformedError(f"a header of {header_size} bytes stands in a message of {length}")
        if status > 15:
            raise MalformedError(f"a message has the unknown status bits {status:#04x}")
        if version != TRANSPORT_VERSION and not (status & HANDSHAKE and version in HANDSHAKE_HEADER_VERSIONS):
            raise MalformedError(
                f"a message is of TransportVersion {version}, this node speaks {TRANSPORT_VERSION} only",
                hint="the peer must be Elasticsearch 8.19 or later",
            )

    def _begin_large(self, frame: Frame, body_start: int, size: int) -> None:
        self._large = _Large(frame, size, self._memory[body_start : self._end])
        self._start = self._end = 0

    def _finish_large(self, large: _Large) -> Frame | None:
        if large.have < large.size:
            return None
        self._large = None
        self.frames += 1
        large.frame.body = large.memory.toreadonly()
        return large.frame

    def _short(self, have: int) -> Frame | None:
        first = bytes(self._memory[self._start : self._start + min(have, ENOUGH)])
        if not b"ES".startswith(first[:2]):
            self._foreign(first)
            return None
        if have < LENGTH.size:
            return None
        _, length = LENGTH.unpack_from(first)
        return self._irregular(have) if length < COUNTED or length > self.limits.max_message else None

    def _irregular(self, have: int) -> Frame | None:
        first = bytes(self._memory[self._start : self._start + min(have, ENOUGH)])
        marker, length = LENGTH.unpack_from(first)
        if marker != b"ES":
            self._foreign(first)
            return None
        if length == -1:
            self._start += LENGTH.size
            self.frames += 1
            return PING
        if length > 0:
            self._check(length, 0, TRANSPORT_VERSION, 0)
        raise MalformedError(f"a message announces {length} bytes")

    def _foreign(self, first: bytes) -> None:
        """Raise, unless more bytes are needed to tell what this is."""
        if self.frames:
            raise MalformedError(f"after {self.frames} frames comes something that is none")
        protocol = recognise(first)
        if protocol is not None:
            raise ForeignProtocolError(protocol, f"the peer does not speak the transport protocol ({protocol})")

    def _widen(self) -> None:
        """A busy connection gets more memory, so that one read takes more frames."""
        self._was_full = False
        if len(self._memory) < _CAPACITY:
            self._memory = memoryview(bytearray(2 * len(self._memory)))

    def _make_room(self) -> None:
        have = self._end - self._start
        target = self._memory
        if self._start == 0 and self._end == len(target):
            target = memoryview(bytearray(2 * len(target)))  # frames that nobody asked for yet fill it
        target[:have] = self._memory[self._start : self._end]
        self._memory = target
        self._start, self._end = 0, have


class _Large:
    """The body of a frame that does not fit into the decoder's buffer, growing as it arrives."""

    __slots__ = ("frame", "have", "memory", "size")

    def __init__(self, frame: Frame, size: int, beginning: memoryview) -> None:
        self.frame = frame
        self.size = size
        self.have = len(beginning)
        self.memory = memoryview(bytearray(min(size, max(_CAPACITY, 2 * self.have))))
        self.memory[: self.have] = beginning

    def room(self) -> memoryview:
        if self.have == len(self.memory):
            larger = memoryview(bytearray(min(self.size, 2 * len(self.memory))))
            larger[: self.have] = self.memory
            self.memory = larger
        return self.memory[self.have :]


_Header = tuple[str, Mapping[str, str], Mapping[str, list[str]]]


def _read_header(header: bytes, status: int, version: int, limits: FrameLimits) -> _Header:
    if status & RESPONSE and header == b"\0\0":
        return "", NO_HEADERS, NO_RESPONSE_HEADERS
    if len(header) <= _CACHED_HEADER and header.startswith(b"\0\0") and not status & (RESPONSE | HANDSHAKE):
        return _read_plain_request_header(header), NO_HEADERS, NO_RESPONSE_HEADERS
    reader = Reader(header)
    headers = reader.bounded_map_of(reader.string, limits.max_header_entries)
    response_headers = reader.bounded_map_of(lambda: reader.list_of(reader.string), limits.max_header_entries)
    action = "" if status & RESPONSE else _read_action(reader, version)
    reader.expect_end()
    return action, headers, response_headers


@lru_cache(maxsize=512)
def _read_plain_request_header(header: bytes) -> str:
    reader = Reader(header)
    reader.raw(2)
    action = reader.string()
    reader.expect_end()
    return action


def _read_action(reader: Reader, version: int) -> str:
    if version < FEATURES_BEFORE:
        reader.list_of(reader.string)
    return reader.string()
