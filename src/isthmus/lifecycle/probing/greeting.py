"""The one question that proves a client accepted, and what the answer tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from isthmus.lifecycle.probing.line import TlsLine
from isthmus.transport.limits import TransportLimits
from isthmus.wire.authentication import system_user
from isthmus.wire.decoder import FrameDecoder
from isthmus.wire.errors import MalformedError
from isthmus.wire.exceptions import decode_exception
from isthmus.wire.frames import ERROR, RESPONSE, Frame, encode_handshake_request, encode_request
from isthmus.wire.handshake import (
    HEADER_VERSION,
    TCP_HANDSHAKE,
    TRANSPORT_HANDSHAKE,
    decode_tcp_response,
    decode_transport_response,
    encode_tcp_request,
    encode_transport_request,
)

Channel = Literal["transport", "http"]

_NAME = "isthmus-probe"
_STATUS_LINE = 64


@dataclass(frozen=True)
class Handshake:
    """Who a node says it is; `version` is its release (`8.19.0`)."""

    cluster_name: str
    node_name: str
    version: str
    transport_version: int


@dataclass(frozen=True)
class Greeting:
    """What was answered: `speaks` is transport, HTTP, or empty where nothing that is known came.

    `handshake` is there if a node told who it is; `remark` is what it said instead, or its HTTP status line.
    """

    speaks: Literal["transport", "HTTP", ""] = ""
    handshake: Handshake | None = None
    remark: str = ""


async def greet(line: TlsLine, channel: Channel, host: str) -> Greeting:
    """Ask over an open `line` and wait for the answer. Raises OSError (ssl.SSLError on an alert) if none comes."""
    return await (_greet_http(line, host) if channel == "http" else _greet_transport(line))


async def _greet_http(line: TlsLine, host: str) -> Greeting:
    await line.send(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii", "replace"))
    answer = b""
    while len(answer) < _STATUS_LINE and b"\n" not in answer and (more := await line.receive()):
        answer += more
    if not answer:
        raise ConnectionError("it closed the connection without an answer")
    if not answer.startswith(b"HTTP/"):
        return Greeting(remark="it answers something that is not HTTP")
    status = answer.partition(b"\n")[0][:_STATUS_LINE].decode("ascii", "replace").strip()
    return Greeting("HTTP", remark="".join(one if one.isprintable() else "?" for one in status))


async def _greet_transport(line: TlsLine) -> Greeting:
    frames = FrameDecoder(TransportLimits().anonymous_frames)
    await line.send(encode_handshake_request(1, TCP_HANDSHAKE, encode_tcp_request(HEADER_VERSION), HEADER_VERSION))
    try:
        first = await _answer(line, frames, 1)
    except MalformedError as error:
        return Greeting("HTTP" if getattr(error, "protocol", "") == "HTTP" else "", remark=str(error))
    try:
        version = decode_tcp_response(_body(first), first.version).version
        await line.send(
            b"".join(encode_request(2, TRANSPORT_HANDSHAKE, encode_transport_request(), headers=system_user(_NAME)))
        )
        answer = decode_transport_response(_body(await _answer(line, frames, 2)))
    except (MalformedError, ConnectionError) as error:
        return Greeting("transport", remark=str(error))
    who = Handshake(answer.cluster_name, answer.node.name, release(answer.release_id), version)
    return Greeting("transport", who)


async def _answer(line: TlsLine, frames: FrameDecoder, request_id: int) -> Frame:
    while True:
        data = await line.receive()
        if not data:
            raise ConnectionError("it closed the connection without an answer")
        for frame in frames.feed(data):
            if frame.status & RESPONSE and frame.request_id == request_id:
                return frame


def _body(frame: Frame) -> bytes:
    body = bytes(frame.plain_body(TransportLimits().anonymous_frames))
    if frame.status & ERROR:
        raise MalformedError(f"it answers with an error: {decode_exception(body).true_cause.reason}")
    return body


def release(release_id: int) -> str:
    """Write a release id (8190099) as people do (8.19.0)."""
    return f"{release_id // 1_000_000}.{release_id // 10_000 % 100}.{release_id // 100 % 100}"
