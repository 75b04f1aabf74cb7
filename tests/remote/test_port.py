"""The port for other clusters under attack: what it does not serve, and what it does not take."""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from isthmus.errors import IsthmusError, UsageError
from isthmus.remote.incoming.calls import expression
from isthmus.remote.server.access import RemoteAccess
from isthmus.remote.server.actions import RemoteActions
from isthmus.remote.server.port import HANDSHAKE, MAX_HEADERS, NODES, RemoteClusterPort
from isthmus.security.api_keys.access import parse_access
from isthmus.security.api_keys.realm import ApiKeys
from isthmus.security.api_keys.stored import API_KEYS, ApiKey
from isthmus.security.authorization.permission import Permission, api_key_permission
from isthmus.security.random_secrets import hash_secret, new_secret
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.state.replicated import ReplicatedMap
from isthmus.transport.connection import Connection
from isthmus.transport.departures import Departures
from isthmus.transport.errors import RemoteError
from isthmus.transport.handshakes import settle_version
from isthmus.transport.limits import TransportLimits
from isthmus.transport.registry import ActionRegistry
from isthmus.wire.authentication import system_authentication
from isthmus.wire.compression import DEFLATE
from isthmus.wire.cross_cluster_access import CREDENTIALS, SUBJECT_INFO, SubjectInfo, encode_subject_info
from isthmus.wire.frames import COMPRESSED, encode_request
from isthmus.wire.handshake import decode_transport_response, encode_transport_request
from isthmus.wire.nodes import DiscoveryNode
from isthmus.wire.search.resolving import NODES_REQUEST, NODES_RESPONSE
from tests.security.state import own_state

SECRET = new_secret()
KEY = ApiKey(
    id="k1",
    name="near",
    type="cross_cluster",
    hash=hash_secret(SECRET),
    creator=User(username="admin"),
    realm=RealmRef("default_native", "native"),
    creation=1,
    role_descriptors=msgspec.Raw(parse_access({"search": [{"names": ["logs-*"]}]}).roles),
)
MAX_HEADER = 16 << 10
TIMEOUT = 5.0


def node(name: str) -> DiscoveryNode:
    return DiscoveryNode(name, f"id-{name}", "e", "127.0.0.1", "127.0.0.1", ("127.0.0.1", 9443))


def permission_of(who: Authentication) -> Permission:
    assert who.api_key is not None
    return api_key_permission(who.api_key.role_descriptors, who.api_key.limited_by, who.api_key.limits)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ReplicatedMap]:
    with own_state(tmp_path) as state:
        yield state


@pytest.fixture
async def address(state: ReplicatedMap) -> AsyncIterator[tuple[str, int]]:
    await state.put(API_KEYS.key("k1"), API_KEYS.encode(KEY))

    def make_actions(registry: ActionRegistry) -> RemoteActions:
        access = RemoteAccess(ApiKeys(state, lambda: 10))
        actions = RemoteActions(registry, access, permission_of, lambda: None)
        actions.serve("indices:data/read/search", lambda _body, _channel: b"found")
        actions.serve("cluster:monitor/health", lambda _body, _channel: b"told")
        return actions

    port = RemoteClusterPort(
        None,
        max_header=MAX_HEADER,
        cluster_name="far",
        local_node=lambda: node("one"),
        nodes=lambda: [node("two")],
        refused=lambda _: None,
        make_actions=make_actions,
    )
    (bound,) = await port.bind(["127.0.0.1"], [0])
    yield bound
    await port.close()


@asynccontextmanager
async def connected(address: tuple[str, int]) -> AsyncIterator[Connection]:
    async def introduce(connection: Connection, *, timeout: float) -> None:
        connection.version = await settle_version(connection, timeout)

    departures = Departures(None, TransportLimits(), introduce)
    yield await departures.open(*address, server_name=None, timeout=TIMEOUT)
    await departures.close()


def headers(**more: str) -> dict[str, str]:
    credentials = base64.b64encode(f"k1:{SECRET}".encode()).decode()
    subject = encode_subject_info(SubjectInfo(system_authentication("n")))
    return {CREDENTIALS: f"ApiKey {credentials}", SUBJECT_INFO: subject, **more}


async def asked(
    address: tuple[str, int], action: str, given: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    async with connected(address) as connection:
        return await connection.request(action, body, headers=headers() if given is None else given, timeout=TIMEOUT)


async def test_who_has_a_key_learns_who_is_there(address: tuple[str, int]) -> None:
    answer = decode_transport_response(await asked(address, HANDSHAKE, body=encode_transport_request()))
    assert (answer.cluster_name, answer.node.name) == ("far", "one")
    body = NODES_REQUEST.encode({"parent": None, "remote_cluster_server": True})
    assert [one.name for one in NODES_RESPONSE.decode(await asked(address, NODES, body=body))] == ["one", "two"]


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
