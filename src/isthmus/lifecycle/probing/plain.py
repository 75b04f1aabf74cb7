"""What a port speaks without TLS: asked in Elasticsearch's transport, then in HTTP."""

from __future__ import annotations

import asyncio

from isthmus.lifecycle.probing.line import connected
from isthmus.wire.foreign import ENOUGH, recognise
from isthmus.wire.frames import encode_handshake_request
from isthmus.wire.handshake import HEADER_VERSION, TCP_HANDSHAKE, encode_tcp_request

# A node answers HTTP on its transport port in HTTP, to say that this is the wrong port.
_QUESTIONS = (
    encode_handshake_request(1, TCP_HANDSHAKE, encode_tcp_request(HEADER_VERSION), HEADER_VERSION),
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
)


async def speaks_plainly(address: str, timeout: float) -> str:
    """Name what is spoken (HTTP, transport, SSH), empty if nothing known is; `timeout` seconds for each question."""
    for question in _QUESTIONS:
        protocol = recognise(await _first_bytes(address, question, timeout))
        if protocol is not None and protocol not in ("unknown", "TLS"):
            return protocol
    return ""


async def _first_bytes(address: str, question: bytes, timeout: float) -> bytes:
    loop, answer = asyncio.get_running_loop(), b""
    try:
        async with asyncio.timeout(timeout), connected(address) as sock:
            await loop.sock_sendall(sock, question)
            while len(answer) < ENOUGH and (more := await loop.sock_recv(sock, ENOUGH)):
                answer += more
    except OSError:
        return answer
    return answer
