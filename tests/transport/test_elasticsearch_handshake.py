"""Recorded bytes of Elasticsearch, and what a node answers, byte by byte: nothing of ours writes or reads them here.

The requests are those of an Elasticsearch 8.19.0 that had the node among its `discovery.seed_hosts` (es-wire §1, §2).
"""

from __future__ import annotations

import asyncio

import pytest

from isthmus.wire.version import build_hash
from tests.transport.stage import TIMEOUT, Stage

# The length, the request's id, "handshake", header version 7170099, the header's length. The header: no request
# headers, no response headers, no features, the action. The body: no parent task, 4 bytes, TransportVersion 8841064.
TCP_HANDSHAKE = (
    bytes.fromhex("4553 00000031 0000000000000001 08 006d6833 0000001a 00 00 00 16")
    + b"internal:tcp/handshake"
    + bytes.fromhex("00 04 e8ce9b04")
)
TCP_ANSWER = bytes.fromhex("4553 00000017 0000000000000001 09 006d6833 00000002 00 00 e8ce9b04")

# The same of a 9.1: header version 8800000, which has no features and carries the release behind the version.
TCP_HANDSHAKE_OF_9 = (
    bytes.fromhex("4553 00000036 0000000000000001 08 00864700 00000019 00 00 16")
    + b"internal:tcp/handshake"
    + bytes.fromhex("00 0a c093ac04 05")
    + b"9.1.0"
)
TCP_ANSWER_TO_9 = bytes.fromhex("4553 0000001f 0000000000000001 09 00864700 00000002 00 00 e8ce9b04 07") + b"8.19.99"

# Header version 8841064 from here on. One request header: who asks.
TRANSPORT_HANDSHAKE = (
    bytes.fromhex("4553 00000085 0000000000000002 00 0086e768 00000073 01 1e")
    + b"_xpack_security_authentication"
    + b"\x34"
    + b"6M6bBAEHX3N5c3RlbQJ4MQhfX2F0dGFjaAhfX2F0dGFjaAAABAA="
    + bytes.fromhex("00 1c")
    + b"internal:transport/handshake"
    + bytes.fromhex("00")
)

REQUEST_PEERS = (
    bytes.fromhex("4553 00000036 0000000000000003 00 0086e768 00000023 00 00 20")
    + b"internal:discovery/request_peers"
    + bytes.fromhex("00 00")
)


def transport_answer() -> bytes:
    """Who the node `server` of the stage says it is: release, build, node, cluster."""
    build = build_hash().encode()
    body = b"".join(
        (
            bytes.fromhex("bfbef403"),
            bytes([len(build)]),
            build,
            b"\x06server\x09id-server\x0arun-server\x09localhost\x09127.0.0.1",
            bytes.fromhex("04 7f000001"),
            b"\x09127.0.0.1",
            bytes.fromhex("00002454 00 01"),
            b"\x04data\x01d\x01",
            bytes.fromhex("bfbef403 a3a0ab03 a3a0ab03 c0ff8804"),
            b"\x06server",
            b"\x04test",
        )
    )
    head = bytes.fromhex("0000000000000002 01 0086e768 00000002 00 00")
    return b"ES" + (len(head) + len(body)).to_bytes(4, "big") + head + body


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [(TCP_HANDSHAKE, TCP_ANSWER), (TCP_HANDSHAKE_OF_9, TCP_ANSWER_TO_9)],
    ids=["8.19", "9.1"],
)
async def test_the_tcp_handshake_is_answered(stage: Stage, request_bytes: bytes, expected: bytes) -> None:
    server = await stage.server()
    reader, writer = await stage.open(server)
    writer.write(request_bytes)
    assert await _next(reader, len(expected)) == expected


async def test_a_plain_client_learns_name_version_and_node(stage: Stage) -> None:
    server = await stage.server()
    reader, writer = await stage.open(server)
    writer.write(TCP_HANDSHAKE + TRANSPORT_HANDSHAKE)
    assert await _next(reader, len(TCP_ANSWER)) == TCP_ANSWER
    assert await _next(reader, len(transport_answer())) == transport_answer()


async def test_bytes_that_come_one_by_one_are_answered_alike(stage: Stage) -> None:
    server = await stage.server()
    reader, writer = await stage.open(server)
    for byte in TCP_HANDSHAKE + TRANSPORT_HANDSHAKE:
        writer.write(bytes([byte]))
        await writer.drain()
    answers = TCP_ANSWER + transport_answer()
    assert await _next(reader, len(answers)) == answers


async def test_an_action_of_elasticsearch_that_is_not_ours_is_answered_as_not_found(stage: Stage) -> None:
    """A remote transport exception (103) whose cause is an action_not_found (101); the connection goes on."""
    server = await stage.server(trust_network=True)
    reader, writer = await stage.open(server)
    writer.write(REQUEST_PEERS + TRANSPORT_HANDSHAKE)
    where = f"[server][127.0.0.1:{server.port}][internal:discovery/request_peers]".encode()
    action = b"internal:discovery/request_peers"
    why = b"no handler for action [" + action + b"]"
    none = bytes.fromhex("00 00 00 00")  # no stack, nothing suppressed, no headers, no metadata
    cause = (
        bytes.fromhex("01 00 65 01") + bytes([len(why)]) + why + b"\0" + none + b"\x01" + bytes([len(action)]) + action
    )
    body = bytes.fromhex("01 00 67 01") + bytes([len(where)]) + where + cause + none
    head = bytes.fromhex("0000000000000003 03 0086e768 00000002 00 00")
    expected = b"ES" + (len(head) + len(body)).to_bytes(4, "big") + head + body
    assert await _next(reader, len(expected)) == expected
    assert await _next(reader, len(transport_answer())) == transport_answer()


async def test_a_pong_follows_a_ping_and_nothing_else(stage: Stage) -> None:
    server = await stage.server()
    reader, writer = await stage.open(server)
    ping = bytes.fromhex("4553 ffffffff")
    writer.write(ping + TCP_HANDSHAKE)
    assert await _next(reader, 6 + len(TCP_ANSWER)) == ping + TCP_ANSWER


async def _next(reader: asyncio.StreamReader, size: int) -> bytes:
    async with asyncio.timeout(TIMEOUT):
        return await reader.readexactly(size)
