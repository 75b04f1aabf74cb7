"""Peers that misbehave are dropped, the reason is told, and everybody else is served."""

from __future__ import annotations

import asyncio
import ssl
import struct
from pathlib import Path

import pytest

from isthmus.transport.errors import ConnectError
from isthmus.transport.limits import TransportLimits
from isthmus.transport.registry import ActionRegistry
from isthmus.wire.compression import DEFLATE, LZ4, compress
from isthmus.wire.decoder import FrameDecoder
from isthmus.wire.frames import (
    ERROR,
    HANDSHAKE,
    PING_BYTES,
    RESPONSE,
    Frame,
    FrameLimits,
    encode_handshake_request,
    encode_request,
    encode_response,
)
from isthmus.wire.handshake import (
    TCP_HANDSHAKE,
    TRANSPORT_HANDSHAKE,
    decode_tcp_response,
    decode_transport_response,
    encode_tcp_request,
)
from isthmus.wire.primitives import Writer
from isthmus.wire.version import TRANSPORT_VERSION
from tests.certificates import Authority, Issued
from tests.transport.stage import TIMEOUT, Server, Stage

LIMITS = TransportLimits(
    frames=FrameLimits(max_message=1024 * 1024, max_header=4096, max_header_entries=16),
    frame_timeout=0.2,
    tls_handshake_timeout=0.2,
    anonymous_idle_timeout=0.2,
    stalled_write_timeout=0.2,
    sweep_interval=0.02,
    write_high_water=64 * 1024,
)


def request(
    action: str, body: bytes = b"", *, scheme: bytes | None = None, headers: dict[str, str] | None = None
) -> bytes:
    return b"".join(encode_request(1, action, body, headers=headers or {}, scheme=scheme))


async def answer(reader: asyncio.StreamReader) -> Frame:
    decoder = FrameDecoder(FrameLimits())
    async with asyncio.timeout(TIMEOUT):
        while True:
            data = await reader.read(64 * 1024)
            assert data, "the connection was closed"
            for frame in decoder.feed(data):
                return frame


async def is_dropped(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(TIMEOUT):
            return await reader.read() == b""
    except ConnectionError:
        return True


async def still_serves(stage: Stage, server: Server) -> bool:
    connection = await stage.connect(server)
    return await connection.request("echo", b"still here", timeout=TIMEOUT) == b"still here"


DEFLATE_BOMB = compress(b"\0" * 8 * 1024 * 1024, DEFLATE)
LZ4_BOMB = compress(b"\0" * 8 * 1024 * 1024, LZ4)
ES_HEADER = struct.Struct(">2siqBii")


def bomb(packed: bytes) -> bytes:
    header = b"\0\0\x04echo"
    return ES_HEADER.pack(b"ES", 17 + len(header) + len(packed), 1, 4, TRANSPORT_VERSION, len(header)) + header + packed


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ES_HEADER.pack(b"ES", 2**31 - 1, 1, 0, TRANSPORT_VERSION, 4), "announces 2147483647 bytes"),
        (ES_HEADER.pack(b"ES", 1_000_000, 1, 0, TRANSPORT_VERSION, 900_000), "header announces 900000"),
        (request("echo", headers={str(n): "" for n in range(400)}), "400 entries"),
        (bomb(DEFLATE_BOMB), "expand past the limit"),
        (bomb(LZ4_BOMB), "expand past the limit"),
        (b"".join(encode_response(1, b"")), "an answer where only requests are due"),
        (encode_handshake_request(1, "echo", b"", 7170099), "as a tcp handshake"),
        (PING_BYTES + b"garbage", "comes something that is none"),
        (b"\0" * 100, "does not speak the transport protocol"),
        (b"hello\r\n", "does not speak the transport protocol"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "it speaks SSH"),
        (bytes.fromhex("16030100050100000102"), "it speaks TLS, and TLS is off here"),
        (ES_HEADER.pack(b"ES", 17, 1, 0, 8500061, 0), "TransportVersion 8500061"),
    ],
)
async def test_a_peer_that_sends_what_it_must_not_is_dropped(stage: Stage, data: bytes, reason: str) -> None:
    server = await stage.server(trust_network=True, limits=LIMITS)
    bystander = await stage.connect(server)
    reader, writer = await stage.open(server)
    writer.write(data)
    assert await is_dropped(reader)
    assert reason in (await server.refusal()).reason
    assert await bystander.request("echo", b"x", timeout=TIMEOUT) == b"x"
    assert await still_serves(stage, server)


async def test_a_browser_is_told_where_it_is(stage: Stage, authority: Authority) -> None:
    tls = stage.tls(authority.issue("server"), [authority])
    for server in (await stage.server(limits=LIMITS), await stage.server(limits=LIMITS, tls=tls)):
        reader, writer = await stage.open(server)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost:9300\r\n\r\n")
        async with asyncio.timeout(TIMEOUT):
            text = (await reader.read()).decode()
        assert text.startswith("HTTP/1.1 400 ")
        assert "transport protocol" in text
        assert "it speaks plain HTTP" in (await server.refusal()).reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"ES\0\0\0\x20", "without TLS, and TLS is on here"),
        (b"hello\r\n", "does not speak TLS"),
        (b"\x16\x03\x01\x00\x05hello", "the TLS handshake failed"),
        (b"\x16\x03\x01", "in time"),
        (b"", "said nothing"),
    ],
)
async def test_a_peer_that_does_not_speak_tls_is_refused(
    stage: Stage, authority: Authority, data: bytes, reason: str
) -> None:
    server = await stage.server(tls=stage.tls(authority.issue("server"), [authority]), limits=LIMITS)
    _, writer = await stage.open(server)
    writer.write(data)
    assert reason in (await server.refusal()).reason
    connection = await stage.connect(server, tls=stage.tls(authority.issue("client"), [authority]))
    assert await connection.request("echo", b"x", timeout=TIMEOUT) == b"x"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_certificate_chain_of_hundreds_is_refused(
    stage: Stage, authority: Authority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    server = await stage.server(tls=stage.tls(authority.issue("server"), [authority]), limits=LIMITS)
    issued = authority.issue("alien")
    crowd = tuple(authority.intermediate(f"CA {number}").certificate for number in range(300))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = version
    context.load_cert_chain(*Issued(issued.certificate, issued.key, crowd).write(tmp_path))
    context.load_verify_locations(cadata=authority.certificate_pem.decode())
    assert await is_refused(server, context)
    assert "more certificates than a handshake may hold" in (await server.refusal()).reason


async def is_refused(server: Server, context: ssl.SSLContext) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        try:
            return await is_dropped(reader)
        finally:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    except OSError:
        return True


async def test_a_frame_that_is_never_finished_is_dropped(stage: Stage) -> None:
    server = await stage.server(trust_network=True, limits=LIMITS)
    for data in (b"E", request("echo", b"x" * 1000)[:-1], request("echo", b"x" * 500_000)[:-1]):
        reader, writer = await stage.open(server)
        writer.write(data)
        assert await is_dropped(reader)
        assert "did not finish a message" in (await server.refusal()).reason


async def test_a_known_peer_may_be_silent_and_an_anonymous_one_may_not(stage: Stage) -> None:
    wary = await stage.server(limits=LIMITS)
    reader, writer = await stage.open(wary)
    writer.write(request(TRANSPORT_HANDSHAKE, b"\0"))
    assert (await answer(reader)).status == RESPONSE
    trusting = await stage.server(limits=LIMITS, trust_network=True)
    silent, silent_writer = await stage.open(trusting)
    assert "said nothing for too long" in (await wary.refusal()).reason
    assert await is_dropped(reader)
    silent_writer.write(request("echo", b"x"))
    assert (await answer(silent)).body == b"x"


async def test_an_anonymous_peer_may_only_send_little(stage: Stage) -> None:
    server = await stage.server(limits=TransportLimits())
    reader, writer = await stage.open(server)
    writer.write(request("echo", b"x" * 100_000))
    assert await is_dropped(reader)
    assert "65536 are allowed" in (await server.refusal()).reason


@pytest.mark.parametrize("scheme", [DEFLATE, LZ4])
async def test_an_anonymous_peer_may_not_expand_much_either(stage: Stage, scheme: bytes) -> None:
    server = await stage.server(limits=TransportLimits())
    reader, writer = await stage.open(server)
    writer.write(b"".join(encode_request(1, TRANSPORT_HANDSHAKE, b"\0" * 1_000_000, scheme=scheme)))
    assert await is_dropped(reader)
    assert "expand past the limit of 65536" in (await server.refusal()).reason


async def test_a_peer_that_does_not_read_is_not_served_without_end(stage: Stage) -> None:
    answered = 0

    def large(_body: object, _channel: object) -> bytes:
        nonlocal answered
        answered += 1
        return b"x" * 100_000

    actions = ActionRegistry()
    actions.register("large", large)
    server = await stage.server(trust_network=True, limits=LIMITS, actions=actions)
    _, writer = await stage.open(server, limit=1)
    writer.write(request("large") * 10_000)
    assert "it read nothing" in (await server.refusal()).reason
    assert answered < 1_000


async def test_an_anonymous_peer_that_does_not_read_has_little_waiting_for_it(stage: Stage) -> None:
    answered = 0

    def large(_body: object, _channel: object) -> bytes:
        nonlocal answered
        answered += 1
        return b"x" * 10_000

    actions = ActionRegistry()
    actions.register("large", large, anonymous=True)
    limits = TransportLimits(write_high_water=1 << 30, stalled_write_timeout=0.2, sweep_interval=0.02)
    server = await stage.server(limits=limits, actions=actions)
    _, writer = await stage.open(server, limit=1)
    writer.write(request("large") * 10_000)
    assert "it read nothing" in (await server.refusal()).reason
    assert answered < 5_000  # the kernel alone takes some hundreds


async def test_an_answer_does_not_repeat_a_long_name_of_an_action(stage: Stage) -> None:
    server = await stage.server()
    reader, writer = await stage.open(server)
    asked = request("x" * 8_000)
    writer.write(asked)
    refused = await answer(reader)
    assert refused.status == RESPONSE | ERROR
    assert len(refused.body) < len(asked) / 4


async def test_a_ping_is_answered_by_a_ping(stage: Stage) -> None:
    server = await stage.server()
    reader, writer = await stage.open(server)
    writer.write(PING_BYTES)
    assert await asyncio.wait_for(reader.readexactly(6), TIMEOUT) == PING_BYTES


async def test_a_request_may_be_the_first_frame(stage: Stage) -> None:
    """Five of the six channels of a node connection of Elasticsearch never shake hands."""
    server = await stage.server(trust_network=True)
    reader, writer = await stage.open(server)
    writer.write(request("echo", b"first"))
    assert (await answer(reader)).body == b"first"


@pytest.mark.parametrize("version", [7170099, 8800000])
async def test_a_handshake_as_elasticsearch_sends_it_is_answered(stage: Stage, version: int) -> None:
    server = await stage.server()
    reader, writer = await stage.open(server)
    writer.write(encode_handshake_request(7, TCP_HANDSHAKE, encode_tcp_request(version), version))
    frame = await answer(reader)
    assert (frame.request_id, frame.status, frame.version) == (7, RESPONSE | HANDSHAKE, version)
    assert decode_tcp_response(frame.body, version).version == TRANSPORT_VERSION
    writer.write(request(TRANSPORT_HANDSHAKE, b"\0"))
    told = decode_transport_response((await answer(reader)).body)
    assert (told.node.name, told.cluster_name) == ("server", "test")


async def test_a_peer_of_an_older_version_hears_ours_and_is_let_go(stage: Stage) -> None:
    server = await stage.server()
    offer = Writer()
    offer.vint(8500061)
    body = Writer()
    body.u8(0)
    body.byte_string(bytes(offer))
    reader, writer = await stage.open(server)
    writer.write(encode_handshake_request(7, TCP_HANDSHAKE, bytes(body), 7170099))
    frame = await answer(reader)
    assert decode_tcp_response(frame.body, 7170099).version == TRANSPORT_VERSION
    assert await is_dropped(reader)
    assert "TransportVersion 8500061" in (await server.refusal()).reason


async def test_a_broken_handshake_is_answered_with_an_error(stage: Stage) -> None:
    server = await stage.server()
    reader, writer = await stage.open(server)
    writer.write(request(TRANSPORT_HANDSHAKE, b"\0\0"))
    assert (await answer(reader)).status == RESPONSE | ERROR


@pytest.mark.parametrize(
    ("speech", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the peer speaks HTTP"),
        (bytes.fromhex("15030300020228"), "the peer speaks TLS"),
        (b"220 mail.example.com\r\n", "does not speak the transport protocol"),
        (request("echo"), "a request where only answers are due"),
        (b"".join(encode_response(1, b"nonsense", version=7170099, status=HANDSHAKE)), "left over"),
        (ES_HEADER.pack(b"ES", 2**31 - 1, 1, 1, TRANSPORT_VERSION, 0), "announces 2147483647 bytes"),
        (b"", "closed the connection during the handshake"),
    ],
)
async def test_a_server_that_is_none_is_explained_to_the_dialler(stage: Stage, speech: bytes, reason: str) -> None:
    port = await stage.impostor(speech)
    with pytest.raises(ConnectError, match=reason):
        await stage.client().open_connection("127.0.0.1", port, timeout=TIMEOUT)
