"""Peers that are no longer trusted are shown the door, once what they asked is answered; all others stay."""

from __future__ import annotations

import asyncio

import pytest

from isthmus.tls.judging import Judge
from isthmus.tls.witness import PeerIdentity
from isthmus.transport.connection import Connection
from isthmus.transport.errors import ConnectError, NodeDisconnectedError
from isthmus.transport.limits import TransportLimits
from isthmus.transport.registry import ActionRegistry, RequestChannel
from isthmus.transport.service import TransportService
from isthmus.wire.frames import Buffer
from tests.certificates import Authority
from tests.transport.stage import TIMEOUT, Server, Stage

QUICK = TransportLimits(grace=0.2)


class Slow:
    """An action `slow` that is answered when the test says so, and tells when it was asked."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()
        self.actions = ActionRegistry()
        self.actions.register("slow", self._handle)

    async def _handle(self, body: Buffer, _channel: RequestChannel) -> bytes:
        self.asked.set()
        await self.go.wait()
        return bytes(body)


def away_with(name: str) -> Judge:
    """Judge by the common name."""

    def judge(identity: PeerIdentity) -> str | None:
        return "away with it" if identity.chain[0].subject.rfc4514_string() == f"CN={name}" else None

    return judge


async def dial(
    stage: Stage, server: Server, authority: Authority, name: str, limits: TransportLimits | None = None
) -> tuple[TransportService, Connection]:
    client = stage.client(tls=stage.tls(authority.issue(name), [authority]), limits=limits)
    return client, await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)


async def ended(connection: Connection) -> None:
    async with asyncio.timeout(TIMEOUT):
        await connection.wait_closed()


async def test_exactly_the_peers_that_are_judged_so_are_expelled(stage: Stage, authority: Authority) -> None:
    server = await stage.server(tls=stage.tls(authority.issue("server"), [authority]))
    _, bad = await dial(stage, server, authority, "bad")
    _, good = await dial(stage, server, authority, "good")
    assert server.service.expel(away_with("bad")) == 1
    await ended(bad)
    assert await good.request("echo", b"still here", timeout=TIMEOUT) == b"still here"
    assert (await server.refusal()).reason == "away with it"


async def test_what_an_expelled_peer_asked_before_is_answered(stage: Stage, authority: Authority) -> None:
    slow = Slow()
    server = await stage.server(tls=stage.tls(authority.issue("server"), [authority]), actions=slow.actions)
    _, connection = await dial(stage, server, authority, "bad")
    answer = asyncio.ensure_future(connection.request("slow", b"in flight", timeout=TIMEOUT))
    await slow.asked.wait()
    server.service.expel(away_with("bad"))
    slow.go.set()
    assert await answer == b"in flight"
    await ended(connection)


async def test_what_an_expelled_peer_asks_afterwards_is_not_done(stage: Stage, authority: Authority) -> None:
    slow = Slow()
    server = await stage.server(tls=stage.tls(authority.issue("server"), [authority]), actions=slow.actions)
    _, connection = await dial(stage, server, authority, "bad")
    first = asyncio.ensure_future(connection.request("slow", b"before", timeout=TIMEOUT))
    await slow.asked.wait()
    slow.asked.clear()
    server.service.expel(away_with("bad"))
    second = asyncio.ensure_future(connection.request("slow", b"after", timeout=TIMEOUT))
    await asyncio.sleep(0)
    slow.go.set()
    assert await first == b"before"
    with pytest.raises(NodeDisconnectedError):
        await second
    assert not slow.asked.is_set()


async def test_a_request_that_takes_longer_than_the_grace_ends_with_the_connection(
    stage: Stage, authority: Authority
) -> None:
    slow = Slow()
    server = await stage.server(
        tls=stage.tls(authority.issue("server"), [authority]), actions=slow.actions, limits=QUICK
    )
    _, connection = await dial(stage, server, authority, "bad")
    answer = asyncio.ensure_future(connection.request("slow", timeout=TIMEOUT))
    await slow.asked.wait()
    server.service.expel(away_with("bad"))
    with pytest.raises(NodeDisconnectedError):
        await answer


async def test_a_peer_that_this_node_dialled_is_asked_nothing_more(stage: Stage, authority: Authority) -> None:
    slow = Slow()
    server = await stage.server(tls=stage.tls(authority.issue("bad"), [authority]), actions=slow.actions)
    client, connection = await dial(stage, server, authority, "client")
    answer = asyncio.ensure_future(connection.request("slow", b"in flight", timeout=TIMEOUT))
    await slow.asked.wait()
    assert client.expel(away_with("bad")) == 1
    assert connection.is_closed
    with pytest.raises(NodeDisconnectedError, match="away with it"):
        await connection.request("slow", timeout=TIMEOUT)
    slow.go.set()
    assert await answer == b"in flight"
    await ended(connection)


async def test_a_peer_whose_handshake_was_under_way_is_judged_when_it_arrives(
    stage: Stage, authority: Authority
) -> None:
    server = await stage.server(tls=stage.tls(authority.issue("server"), [authority]))
    server.service.expel(away_with("bad"))
    with pytest.raises(ConnectError):
        await dial(stage, server, authority, "bad")
    await dial(stage, server, authority, "good")


async def test_a_retired_connection_serves_until_it_is_idle(stage: Stage, authority: Authority) -> None:
    slow = Slow()
    server = await stage.server(tls=stage.tls(authority.issue("server"), [authority]), actions=slow.actions)
    _, connection = await dial(stage, server, authority, "client")
    connection.retire()
    answer = asyncio.ensure_future(connection.request("slow", b"late", timeout=TIMEOUT))
    await slow.asked.wait()
    slow.go.set()
    assert await answer == b"late"
    await ended(connection)
