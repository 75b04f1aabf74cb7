"""Ten thousand broken openings: afterwards the node still serves, and nothing is left of them."""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
from collections.abc import Awaitable, Callable

import psutil
import pytest

from isthmus.tls.live import TlsChannel
from isthmus.transport.limits import TransportLimits
from isthmus.transport.refusals import LINES
from isthmus.wire.compression import DEFLATE, LZ4
from isthmus.wire.frames import PING_BYTES, FrameLimits, encode_handshake_request, encode_request, encode_response
from isthmus.wire.handshake import TCP_HANDSHAKE, TRANSPORT_HANDSHAKE, encode_tcp_request
from tests.certificates import Authority
from tests.transport.stage import TIMEOUT, Stage

FRAMES = 6_000
OPENINGS = 3_500
INSIDE_TLS = 500
AT_ONCE = 64

LIMITS = TransportLimits(frames=FrameLimits(max_message=256 * 1024), close_timeout=1.0, sweep_interval=0.02)
Corrupt = Callable[[random.Random, bytes], bytes]

pytestmark = pytest.mark.asyncio(loop_factories=["uvloop"])


async def test_ten_thousand_broken_openings_leave_nothing_behind(
    stage: Stage, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(9300)
    server_tls = stage.tls(authority.issue("server"), [authority])
    client_tls = stage.tls(authority.issue("client"), [authority])
    plain = await stage.server(trust_network=True, limits=LIMITS)
    secure = await stage.server(tls=server_tls, limits=LIMITS)
    bystander = await stage.connect(secure, tls=client_tls)
    frames, openings = good_frames(), [client_hello(client_tls)]
    files_before = psutil.Process().num_fds()

    await in_crowds(FRAMES, lambda: speak(plain.port, broken(chance, frames)))
    await in_crowds(OPENINGS, lambda: speak(secure.port, broken(chance, openings + frames[:1])))
    await in_crowds(INSIDE_TLS, lambda: speak_tls(secure.port, client_tls, broken(chance, frames)))

    assert await bystander.request("echo", b"still here", timeout=TIMEOUT) == b"still here"
    assert (await stage.connect(secure, tls=client_tls)).node.name == "server"
    assert (await stage.connect(plain)).node.name == "server"
    assert len(plain.refused.all) > FRAMES // 3
    assert len(secure.refused.all) > OPENINGS // 3
    assert len([line for line in caplog.messages if "refused the connection" in line]) <= LINES * 10
    await settled(lambda: plain.service.connection_count == (1, 0) and secure.service.connection_count == (2, 0))
    await settled(lambda: psutil.Process().num_fds() <= files_before + 4)


async def settled(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not holds():
            await asyncio.sleep(0.01)


async def in_crowds(count: int, one: Callable[[], Awaitable[None]]) -> None:
    """Await `one()` `count` times, AT_ONCE at a time."""
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            await one()

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def speak(port: int, data: bytes) -> None:
    """Say `data`, end, and wait until the other side has ended as well."""
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.settimeout(0)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        try:
            async with asyncio.timeout(TIMEOUT):
                await loop.sock_sendall(sock, data)
                sock.shutdown(socket.SHUT_WR)
                while await loop.sock_recv(sock, 4096):
                    continue
        except OSError:
            return  # it was dropped


async def speak_tls(port: int, tls: TlsChannel, data: bytes) -> None:
    """The same, behind a TLS handshake with a good certificate."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=tls.client_context, server_hostname="localhost"
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            writer.write(data)
            await asyncio.sleep(0)
            writer.close()
            await reader.read()
            await writer.wait_closed()
    except OSError:
        return


def good_frames() -> list[bytes]:
    """One of each kind of frame."""
    return [
        encode_handshake_request(1, TCP_HANDSHAKE, encode_tcp_request(), 7170099),
        b"".join(encode_request(2, TRANSPORT_HANDSHAKE, b"\0")),
        b"".join(encode_request(3, "echo", b"body" * 50, headers={"trace.id": "42", "X-Opaque-Id": "☃"})),
        b"".join(encode_request(4, "later", b"body" * 5_000, scheme=DEFLATE)),
        b"".join(encode_request(5, "later", b"body" * 5_000, scheme=LZ4)),
        b"".join(encode_response(6, b"answer", headers={"Warning": ["299"]})),
        PING_BYTES,
    ]


def client_hello(tls: TlsChannel) -> bytes:
    """What a TLS client says first."""
    outgoing = ssl.MemoryBIO()
    client = tls.client_context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def broken(chance: random.Random, good: list[bytes]) -> bytes:
    """Good messages, spoiled in one to three ways."""
    data = b"".join(chance.choices(good, k=chance.randint(1, 3)))
    for _ in range(chance.randint(1, 3)):
        data = chance.choice(CORRUPTIONS)(chance, data)
    return data


def _flip(chance: random.Random, data: bytes) -> bytes:
    spoiled = bytearray(data or b"\0")
    for _ in range(chance.randint(1, 8)):
        spoiled[chance.randrange(min(len(spoiled), 200))] ^= 1 << chance.randrange(8)
    return bytes(spoiled)


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randint(0, len(data))]


def _insert(chance: random.Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.randbytes(chance.randint(1, 40)) + data[at:]


def _remove(chance: random.Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + data[at + chance.randint(1, 20) :]


def _number(chance: random.Random, data: bytes) -> bytes:
    at = chance.randint(0, min(len(data), 40))
    extreme = chance.choice([0, 1, -1, 2**31 - 1, -(2**31), 65_536, 16_777_216])
    return data[:at] + extreme.to_bytes(4, "big", signed=True) + data[at + 4 :]


def _noise(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(chance.randint(0, 300))


CORRUPTIONS: list[Corrupt] = [_flip, _flip, _cut, _insert, _remove, _number, _number, _noise]
