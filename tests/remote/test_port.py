"""The port for other clusters under attack: what it does not serve, and what it does not take."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from isthmus.errors import IsthmusError, UsageError
from isthmus.remote.incoming.calls import expression
from isthmus.remote.linking.subject import headers_of, system_subject
from isthmus.remote.server.port import HANDSHAKE, MAX_HEADERS, MAX_UNPROVED_MESSAGE, NODES
from isthmus.security.api_keys.stored import API_KEYS
from isthmus.state.replicated import ReplicatedMap
from isthmus.transport.connection import Connection
from isthmus.transport.departures import Departures
from isthmus.transport.errors import RemoteError
from isthmus.transport.handshakes import settle_version
from isthmus.transport.limits import TransportLimits
from isthmus.wire.compression import DEFLATE
from isthmus.wire.frames import COMPRESSED, encode_request
from isthmus.wire.handshake import decode_transport_response, encode_transport_request
from isthmus.wire.search.resolving import NODES_REQUEST, NODES_RESPONSE
from tests.remote.ports import CREDENTIALS, KEY, MAX_HEADER, FarPort
from tests.security.state import own_state

TIMEOUT = 5.0


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ReplicatedMap]:
    with own_state(tmp_path) as state:
        yield state


@pytest.fixture
async def address(state: ReplicatedMap) -> AsyncIterator[tuple[str, int]]:
    port = FarPort(state)
    await port.open()
    yield port.address
    await port.close()


@asynccontextmanager
async def connected(address: tuple[str, int]) -> AsyncIterator[Connection]:
    async def introduce(connection: Connection, *, timeout: float) -> None:
        connection.version = await settle_version(connection, timeout)

    departures = Departures(None, TransportLimits(), introduce)
    yield await departures.open(*address, server_name=None, timeout=TIMEOUT)
    await departures.close()


def headers(**more: str) -> dict[str, str]:
    return headers_of(CREDENTIALS, system_subject("n")) | more


async def asked(
    address: tuple[str, int], action: str, given: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    async with connected(address) as connection:
        return await connection.request(action, body, headers=headers() if given is None else given, timeout=TIMEOUT)


async def test_who_has_a_key_learns_who_is_there(address: tuple[str, int]) -> None:
    answer = decode_transport_response(await asked(address, HANDSHAKE, body=encode_transport_request()))
    assert (answer.cluster_name, answer.node.name) == ("far", "one")
    body = NODES_REQUEST.encode({"parent": None, "remote_cluster_server": True})
    assert [one.name for one in NODES_RESPONSE.decode(await asked(address, NODES, body=body))] == ["one"]


@pytest.mark.parametrize("action", [HANDSHAKE, NODES, "indices:data/read/search"])
async def test_without_a_key_nobody_learns_anything(address: tuple[str, int], action: str) -> None:
    with pytest.raises(RemoteError, match="require transport header") as refused:
        await asked(address, action, {}, encode_transport_request())
    assert (refused.value.type, refused.value.status) == ("security_exception", 401)


@pytest.mark.parametrize(
    "action",
    [
        "internal:transport/handshake",
        "internal:isthmus/search",
        "indices:data/write/bulk",
        "cluster:admin/settings/update",
    ],
)
async def test_what_is_not_listed_is_not_served(address: tuple[str, int], action: str) -> None:
    with pytest.raises(RemoteError) as refused:
        await asked(address, action)
    assert refused.value.type in ("action_not_found_transport_exception", "security_exception")
    assert "needs a peer" in refused.value.reason or "no handler" in refused.value.reason


async def test_what_the_key_does_not_grant_is_refused(address: tuple[str, int]) -> None:
    with pytest.raises(RemoteError, match=r"action \[cluster:monitor/health\] is unauthorized") as refused:
        await asked(address, "cluster:monitor/health")
    assert refused.value.status == 403


async def test_a_node_itself_may_not_search(address: tuple[str, int]) -> None:
    with pytest.raises(RemoteError, match=r"\[indices:data/read/search\] is unauthorized"):
        await asked(address, "indices:data/read/search")


async def test_a_key_that_is_invalidated_ends_an_open_connection_at_once(
    address: tuple[str, int], state: ReplicatedMap
) -> None:
    async with connected(address) as connection:
        given = headers()
        await connection.request(HANDSHAKE, encode_transport_request(), headers=given, timeout=TIMEOUT)
        gone = msgspec.structs.replace(KEY, invalidation=5)
        await state.put(API_KEYS.key("k1"), API_KEYS.encode(gone))
        with pytest.raises(RemoteError, match="has been invalidated"):
            await connection.request(HANDSHAKE, encode_transport_request(), headers=given, timeout=TIMEOUT)


@pytest.mark.parametrize(
    "given",
    [
        headers(**{"X-Opaque-Id": "x" * MAX_HEADER}),
        headers(**{f"h{number}": "" for number in range(MAX_HEADERS)}),
    ],
)
async def test_a_header_that_is_too_large_ends_the_connection(address: tuple[str, int], given: dict[str, str]) -> None:
    with pytest.raises(IsthmusError, match=r"ended|lost|closed"):
        await asked(address, HANDSHAKE, given, encode_transport_request())


async def test_large_messages_are_taken_of_those_alone_who_have_shown_a_key(address: tuple[str, int]) -> None:
    large = bytes(2 * MAX_UNPROVED_MESSAGE)
    given = headers()
    async with connected(address) as connection:
        await connection.request(HANDSHAKE, encode_transport_request(), headers=given, timeout=TIMEOUT)
        with pytest.raises(RemoteError, match="left over"):
            await connection.request(HANDSHAKE, large, headers=given, timeout=TIMEOUT)
    with pytest.raises(IsthmusError, match=r"ended|lost|closed"):
        await asked(address, HANDSHAKE, given, large)


async def test_a_bomb_is_not_expanded(address: tuple[str, int]) -> None:
    squeeze = zlib.compressobj(wbits=-15)
    bomb = DEFLATE + squeeze.compress(bytes(64 << 20)) + squeeze.flush()
    async with connected(address) as connection:
        parts = encode_request(7, HANDSHAKE, b"", headers=headers())
        frame = bytearray(b"".join(parts) + bomb)
        frame[2:6] = (len(frame) - 6).to_bytes(4, "big")
        frame[14] |= COMPRESSED
        connection.channel.send(bytes(frame))
        async with asyncio.timeout(TIMEOUT):
            await connection.wait_closed()


@pytest.mark.parametrize("name", ["a:b", "a,b", "", "far:logs-1"])
def test_names_that_are_no_names_here_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of an index of this cluster"):
        expression(["logs-1", name])
