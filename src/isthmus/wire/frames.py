"""Frames: what stands at the head of a message, and how messages are put together (es-wire §1).

    0  'E' 'S'      6  i64 request id      15  i32 TransportVersion          23    variable header
    2  i32 length  14  status bits         19  i32 size of variable header   23+v  body

The variable header holds request headers, response headers and, in a request, the action's name.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import msgspec

from isthmus.wire.compression import compress, decompress
from isthmus.wire.primitives import Writer
from isthmus.wire.version import TRANSPORT_VERSION

RESPONSE = 1
ERROR = 2
COMPRESSED = 4
HANDSHAKE = 8

HANDSHAKE_HEADER_VERSIONS = (6080099, 7170099, 8800000)
PING_BYTES = b"ES\xff\xff\xff\xff"

Buffer = bytes | memoryview
Parts = tuple[bytes, Buffer]

FIXED = struct.Struct(">2siqBii")
LENGTH = struct.Struct(">2si")
COUNTED = FIXED.size - LENGTH.size  # the length counts what follows itself
FEATURES_BEFORE = 8000099  # older headers hold a list of features before the action

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
NO_RESPONSE_HEADERS: Mapping[str, list[str]] = MappingProxyType({})


@dataclass(frozen=True)
class FrameLimits:
    """The most that a frame may announce: bytes of the message (also expanded), of its header, and header entries."""

    max_message: int = 100 * 1024 * 1024
    max_header: int = 64 * 1024
    max_header_entries: int = 128


class Frame(msgspec.Struct, gc=False):
    """One message. `action` is empty in a response; `body` is as it travelled, see `plain_body`."""

    request_id: int
    status: int
    version: int
    action: str
    headers: Mapping[str, str]
    response_headers: Mapping[str, list[str]]
    body: Buffer

    def plain_body(self, limits: FrameLimits) -> Buffer:
        """Return the body, expanded if it was compressed; raises MalformedError or LimitExceededError."""
        return decompress(self.body, limits.max_message) if self.status & COMPRESSED else self.body


PING = Frame(0, 0, 0, "", NO_HEADERS, NO_RESPONSE_HEADERS, b"")


def encode_request(
    request_id: int,
    action: str,
    body: Buffer = b"",
    *,
    headers: Mapping[str, str] = NO_HEADERS,
    scheme: bytes | None = None,
) -> Parts:
    """Return a request as head and body; `scheme` compresses the body."""
    header = _request_header(action, headers) if headers else _plain_request_header(action)
    if scheme is None:
        return _head(request_id, 0, TRANSPORT_VERSION, header, len(body)), body
    packed = compress(body, scheme)
    return _head(request_id, COMPRESSED, TRANSPORT_VERSION, header, len(packed)), packed


def encode_handshake_request(request_id: int, action: str, body: bytes, version: int) -> bytes:
    """Return a whole frame of the tcp handshake, whose header bears an older `version`."""
    header = Writer()
    header.raw(b"\0\0")
    if version < FEATURES_BEFORE:
        header.vint(0)
    header.string(action)
    return _head(request_id, HANDSHAKE, version, bytes(header), len(body)) + body


def encode_response(
    request_id: int,
    body: Buffer,
    *,
    version: int = TRANSPORT_VERSION,
    status: int = 0,
    scheme: bytes | None = None,
    headers: Mapping[str, list[str]] = NO_RESPONSE_HEADERS,
) -> Parts:
    """Return a response as head and body. `version` and `scheme` are those of the request.

    `status` adds bits to RESPONSE: HANDSHAKE, or ERROR, which is never compressed.
    """
    header = b"\0\0" if not headers else _response_header(headers)
    if scheme is None or status & ERROR:
        return _head(request_id, RESPONSE | status, version, header, len(body)), body
    packed = compress(body, scheme)
    return _head(request_id, RESPONSE | COMPRESSED | status, version, header, len(packed)), packed


def _head(request_id: int, status: int, version: int, header: bytes, body_size: int) -> bytes:
    length = COUNTED + len(header) + body_size
    return FIXED.pack(b"ES", length, request_id, status, version, len(header)) + header


@lru_cache(maxsize=512)
def _plain_request_header(action: str) -> bytes:
    return _request_header(action, NO_HEADERS)


def _request_header(action: str, headers: Mapping[str, str]) -> bytes:
    header = Writer()
    header.map_of(headers, header.string, header.string)
    header.vint(0)
    header.string(action)
    return bytes(header)


def _response_header(headers: Mapping[str, list[str]]) -> bytes:
    header = Writer()
    header.vint(0)
    header.map_of(headers, header.string, lambda values: header.list_of(values, header.string))
    return bytes(header)
