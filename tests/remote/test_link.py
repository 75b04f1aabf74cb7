"""A link stays up as long as the other side is there, comes back by itself, and says what is wrong in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from isthmus.remote.linking.configuration import RemoteClusterConfig
from isthmus.remote.linking.errors import LinkError
from isthmus.remote.linking.link import Link
from isthmus.remote.linking.subject import headers_of, system_subject
from isthmus.state.replicated import ReplicatedMap
from isthmus.wire.handshake import encode_transport_request
from tests.remote.ports import CREDENTIALS, FarPort
from tests.security.state import own_state

HANDSHAKE = "cluster:internal/remote_cluster/handshake"
SOON = 10.0


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ReplicatedMap]:
    with own_state(tmp_path) as state:
        yield state


@pytest.fixture
async def far(state: ReplicatedMap) -> AsyncIterator[FarPort]:
    port = FarPort(state)
    await port.open()
    yield port
    await port.close()


def config(address: tuple[str, int], **given: Any) -> RemoteClusterConfig:
    base: dict[str, Any] = {
        "alias": "far",
        "mode": "proxy",
        "addresses": ("{}:{}".format(*address),),
        "connections": 2,
        "server_name": None,
        "skip_unavailable": False,
        "scheme": None,
        "ping_interval": None,
    }
    return RemoteClusterConfig(**(base | given))


@asynccontextmanager
async def linked(given: RemoteClusterConfig, *, timeout: float = SOON) -> AsyncIterator[Link]:
    link = Link(given, None, headers, connect_timeout=timeout)
    link.start()
    yield link
    await link.close()


def headers() -> dict[str, str]:
    return headers_of(CREDENTIALS, system_subject("near"))


async def asked(link: Link, timeout: float = SOON) -> bytes:
    return await link.exchange(HANDSHAKE, encode_transport_request(), headers(), timeout)


async def until(condition: Any) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("mode", ["proxy", "sniff"])
async def test_a_link_answers_and_knows_the_cluster(far: FarPort, mode: str) -> None:
    async with linked(config(far.address, mode=mode)) as link:
        assert await asked(link)
        assert link.cluster_name == "far"
        wanted = 2 if mode == "proxy" else 1
        await until(lambda: len(link.connections) == wanted)


async def test_a_link_that_was_idle_for_hours_still_answers(far: FarPort) -> None:
    async with linked(config(far.address, connections=1)) as link:
        await asked(link)
        later = asyncio.get_running_loop().time() + 4 * 3600
        (connection,) = link.connections
        connection.sweep(later)
        assert await asked(link)
        assert link.connections == [connection]


async def test_a_link_comes_back_when_the_cluster_does(far: FarPort) -> None:
    async with linked(config(far.address)) as link:
        await asked(link)
        await far.close()
        await until(lambda: not link.connections)
        with pytest.raises(LinkError, match=r"Unable to connect to \[far\].*cannot be reached"):
            await asked(link)
        assert link.trouble is not None
        await far.open()
        await until(lambda: link.connections)
        assert await asked(link)
        assert link.trouble is None


async def test_a_cluster_that_hangs_is_given_up_in_time() -> None:
    waiting: list[asyncio.StreamWriter] = []

    def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting.append(writer)

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()[:2]
    async with linked(config(address), timeout=0.2) as link:
        with pytest.raises(LinkError, match=r"Unable to connect to \[far\]"):
            await asked(link, timeout=0.5)
    server.close()
    for writer in waiting:
        writer.close()
        await writer.wait_closed()


async def test_another_cluster_at_the_same_address_is_not_taken_for_it(far: FarPort, state: ReplicatedMap) -> None:
    async with linked(config(far.address, connections=1)) as link:
        await asked(link)
        await far.close()
        other = FarPort(state, "other")
        other.address = far.address
        await other.open()
        await until(lambda: link.trouble is not None and "was [far] before" in link.trouble.error.reason)
        await other.close()


async def test_what_is_in_flight_may_end_when_a_link_is_made_anew(far: FarPort) -> None:
    async with linked(config(far.address, connections=1)) as link:
        await asked(link)
        (connection,) = link.connections
        pending = asyncio.ensure_future(asked(link))
        await asyncio.sleep(0)
        leaving = asyncio.ensure_future(link.retire())
        assert await pending
        await leaving
        assert connection.is_closed
