"""Nodes find each other, share the state, and come to no harm when the owner goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
import pytest

from isthmus.cluster import messages
from isthmus.cluster.links import split_address
from isthmus.cluster.messages import JoinRequest, PeerStanding
from isthmus.cluster.takeover import TakeOverRefusedError
from isthmus.security.forwarding.asking import ask
from isthmus.state.errors import MasterNotDiscoveredError, VersionConflictError
from isthmus.state.history import Position
from isthmus.transport.registry import ActionRegistry
from isthmus.transport.service import TransportService
from isthmus.wire.nodes import DiscoveryNode
from tests.cluster.conftest import GUARD, SOON, LocalNode, Network
from tests.cluster.values import member


@dataclass(frozen=True)
class Elasticsearch:
    """A node that shakes hands, and serves nothing of ours."""

    address: str


@pytest.fixture
async def elasticsearch() -> AsyncIterator[Elasticsearch]:
    service = TransportService(
        local_node=lambda: DiscoveryNode(
            "es-1", "id", "run", "127.0.0.1", "127.0.0.1", ("127.0.0.1", 9300), version=8190099
        ),
        cluster_name="logs",
        registry=ActionRegistry(),
        trust_network=True,
    )
    [(host, port)] = await service.bind(["127.0.0.1"], [0])
    yield Elasticsearch(f"{host}:{port}")
    await service.close()


class Vanishing:
    """A node that asks for a seat, takes nothing that is published to it, and goes away."""

    def __init__(self) -> None:
        self._published_to = asyncio.Event()
        registry = ActionRegistry(GUARD)
        registry.serve(messages.PUBLISH, lambda _request, _channel: self._take())
        self._service = TransportService(
            local_node=lambda: DiscoveryNode("gone", "id", "run-gone", "127.0.0.1", "127.0.0.1", ("127.0.0.1", 9300)),
            cluster_name="logs",
            registry=registry,
            trust_network=True,
        )

    async def join_and_vanish(self, owner: LocalNode) -> None:
        """Ask `owner` for a seat, and end every connection as soon as it begins to give one."""
        [(host, port)] = await self._service.bind(["127.0.0.1"], [0])
        me = msgspec.structs.replace(member("gone"), transport_address=f"{host}:{port}")
        connection = await self._service.open_connection(*split_address(owner.address), timeout=SOON)
        asked = asyncio.ensure_future(
            ask(connection, messages.JOIN, JoinRequest(me, None, Position(0, 0)), timeout=SOON)
        )
        await asyncio.wait_for(self._published_to.wait(), SOON)
        await self._service.close()
        await asyncio.gather(asked, return_exceptions=True)

    async def _take(self) -> Position:
        self._published_to.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_second_node_joins_the_first_and_both_see_both(network: Network) -> None:
    a = await network.start("a", initial=True)
    await a.sees("a")
    b = await network.start("b", a)
    await b.sees("a", "b")
    await a.sees("a", "b")
    assert a.cluster.cluster_uuid == b.cluster.cluster_uuid


async def test_a_write_on_any_node_is_on_every_node_when_it_is_acknowledged(network: Network) -> None:
    a = await network.start("a", initial=True)
    b, c = await network.start("b", a), await network.start("c", a)
    for node in (a, b, c):
        await node.sees("a", "b", "c")
    revision = await b.state.put("k", b"from b")
    assert [node.value("k") for node in (a, b, c)] == [b"from b"] * 3
    with pytest.raises(VersionConflictError) as caught:
        await c.state.put("k", b"too late", expected=revision - 1)
    assert caught.value.status == 409
    assert await c.state.put("k", b"from c", expected=revision) == revision + 1
    assert a.value("k") == b"from c"


async def test_a_late_node_gets_the_whole_state_before_it_counts_as_a_member(network: Network) -> None:
    a = await network.start("a", initial=True)
    await a.sees("a")
    for number in range(20):
        await a.state.put(f"k{number}", b"v")
    b = await network.start("b", a)
    await b.sees("a", "b")
    assert b.store.snapshot() == a.store.snapshot()


async def test_a_node_that_stops_leaves_the_list_and_may_come_back_under_its_name(network: Network) -> None:
    a = await network.start("a", initial=True)
    b = await network.start("b", a)
    await a.sees("a", "b")
    await network.stop(b)
    await a.sees("a")
    await a.state.put("while away", b"v")
    b = await network.start("b", a)
    await b.sees("a", "b")
    assert b.value("while away") == b"v"


async def test_a_joiner_that_vanishes_halfway_loses_its_seat_at_once(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    a = await network.start("a", initial=True)
    await a.sees("a")
    await Vanishing().join_and_vanish(a)
    await a.until(lambda: "node [gone] left" in caplog.text)
    assert "node [gone] left: it gave no sign of life" not in caplog.text
    await a.sees("a")


async def test_while_the_owner_is_down_writes_answer_503_and_reads_go_on(network: Network) -> None:
    a = await network.start("a", initial=True)
    b = await network.start("b", a)
    await b.sees("a", "b")
    await b.state.put("k", b"v")
    await network.stop(a)
    await b.until(lambda: b.cluster.membership.owner is None)
    with pytest.raises(MasterNotDiscoveredError, match=r"\[a\]"):
        await b.state.put("k", b"w")
    assert b.value("k") == b"v"
    assert b.names == ["b"]


async def test_a_member_restarted_while_the_owner_is_down_still_reads(network: Network) -> None:
    a = await network.start("a", initial=True)
    b = await network.start("b", a)
    await b.sees("a", "b")
    await b.state.put("k", b"v")
    await network.stop(a)
    await network.stop(b)
    b = await network.start("b")
    await b.until(lambda: "cannot be reached" in (b.cluster.membership.trouble or ""))
    assert b.value("k") == b"v"
    with pytest.raises(MasterNotDiscoveredError):
        await b.state.put("k", b"w")


async def test_nothing_acknowledged_is_lost_when_the_owner_is_back(network: Network) -> None:
    a = await network.start("a", initial=True)
    b = await network.start("b", a)
    await b.sees("a", "b")
    await b.state.put("k", b"v")
    await network.stop(a)
    await b.until(lambda: b.cluster.membership.owner is None)
    a = await network.start("a", b, initial=True)
    await a.sees("a")
    assert a.value("k") == b"v"
    assert a.cluster.cluster_uuid == b.cluster.cluster_uuid


async def test_a_copy_takes_over_and_the_old_owner_is_refused(network: Network) -> None:
    a = await network.start("a", initial=True)
    b = await network.start("b", a)
    c = await network.start("c", a, b)
    for node in (a, b, c):
        await node.sees("a", "b", "c")
    await b.state.put("k", b"v")
    with pytest.raises(TakeOverRefusedError, match=r"\[a\] is alive"):
        await b.cluster.take_over()
    await network.stop(a)
    for node in (b, c):
        await node.until(lambda node=node: node.cluster.membership.owner is None)  # type: ignore[misc]
    term = await b.cluster.take_over()
    assert term.number == 2
    await c.sees("b", "c")
    await c.state.put("k", b"w")
    old = await network.start("a", b, initial=True)
    await old.until(lambda: old.cluster.membership.refused)
    assert "another node took over" in (old.cluster.membership.trouble or "")
    with pytest.raises(MasterNotDiscoveredError):
        await old.state.put("k", b"old")
    assert b.value("k") == b"w"


async def test_an_owner_that_was_cut_off_refuses_itself_when_its_successor_speaks_to_it(network: Network) -> None:
    a = await network.start("a", initial=True)
    b = await network.start("b", a)
    await b.sees("a", "b")
    await network.stop(a)
    await b.until(lambda: b.cluster.membership.owner is None)
    await b.cluster.take_over()
    await network.stop(b)
    a = await network.start("a", initial=True)
    await a.sees("a")  # nobody tells it: it owns its term again
    b = await network.start("b", a)
    await a.until(lambda: a.cluster.membership.refused)
    await b.sees("b")
    with pytest.raises(MasterNotDiscoveredError, match="took over"):
        await a.state.put("k", b"old")


async def test_a_second_initial_master_is_refused(network: Network) -> None:
    a = await network.start("a", initial=True)
    await a.sees("a")
    b = await network.start("b", a, initial=True)
    await b.until(lambda: b.cluster.membership.refused)
    assert "exists already" in (b.cluster.membership.trouble or "")
    assert a.names == ["a"]


async def test_two_nodes_of_one_name_are_not_members_at_once(network: Network) -> None:
    a = await network.start("a", initial=True)
    b = await network.start("b", a)
    await a.sees("a", "b")
    twin = await network.start("b", a, folder="b-again")
    await twin.until(lambda: "already a member" in (twin.cluster.membership.trouble or ""))
    assert a.cluster.membership.members == [a.cluster.membership.me, b.cluster.membership.me]


async def test_a_node_of_another_clusters_name_is_not_let_in(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    a = await network.start("a", initial=True)
    await a.sees("a")
    other = await network.start("b", a, cluster="metrics")
    await other.until(lambda: "no node of the cluster was reached" in (other.cluster.membership.trouble or ""))
    assert "metrics" in caplog.text
    assert a.names == ["a"]


async def test_a_seed_host_that_is_an_elasticsearch_is_explained(
    network: Network, elasticsearch: Elasticsearch, caplog: pytest.LogCaptureFixture
) -> None:
    node = await network.start("a", elasticsearch)
    await node.until(lambda: "no node of the cluster was reached" in (node.cluster.membership.trouble or ""))
    assert "node [es-1] of release 8.19.0 is no node of Isthmus" in caplog.text
    assert node.cluster.membership.owner is None


async def test_a_single_node_cluster_lets_nobody_in(network: Network) -> None:
    a = await network.start("a", initial=True, single_node=True)
    await a.sees("a")
    b = await network.start("b", a)
    await b.until(lambda: "single-node" in (b.cluster.membership.trouble or ""))
    assert a.names == ["a"]


async def test_concurrent_writes_from_all_nodes_leave_equal_copies(network: Network) -> None:
    a = await network.start("a", initial=True)
    nodes = [a, await network.start("b", a), await network.start("c", a)]
    for node in nodes:
        await node.sees("a", "b", "c")
    writes = [node.state.put(f"{node.name}{n}", b"v") for n in range(15) for node in nodes]
    revisions = await asyncio.gather(*writes)
    assert len(set(revisions)) == len(writes)
    assert len({str(node.store.snapshot()) for node in nodes}) == 1


@pytest.mark.parametrize("address", ["a..b:9300", "\x00:9300", "nowhere", "node:99999", "ü" * 300 + ":1"])
async def test_an_address_that_nobody_can_dial_does_not_cost_the_owner_its_rule(
    address: str, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    a = await network.start("a", initial=True)
    b = await network.start("b", a)
    await a.sees("a", "b")
    host, port = split_address(a.address)
    liar = msgspec.structs.replace(b.cluster.membership.me, transport_address=address, ephemeral_id="liar")
    connection = await b.transport.open_connection(host, port, timeout=SOON)
    said = PeerStanding(liar, a.cluster.cluster_uuid, Position(1, 0), None)
    await ask(connection, messages.PEERS, said, timeout=SOON)
    async with asyncio.timeout(SOON):
        while f"{address} was not reached" not in caplog.text:
            await asyncio.sleep(0.01)
    await a.state.put("after it was tried", b"v")
    await network.stop(a)
    a = await network.start("a", initial=True)
    await a.sees("a")
    assert a.value("after it was tried") == b"v"
    assert "Traceback" not in caplog.text
