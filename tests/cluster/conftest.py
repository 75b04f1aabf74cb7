"""Whole nodes of a cluster in one process: real transport on loopback, real stores, no REST."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import pytest

from isthmus.cluster.links import Links
from isthmus.cluster.messages import Member
from isthmus.cluster.service import ClusterService, Rules
from isthmus.cluster.timing import Timing
from isthmus.security.forwarding.guard import Guard
from isthmus.security.roles.registry import built_in_permission
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore
from isthmus.tls.live import TlsChannel
from isthmus.transport.registry import ActionRegistry
from isthmus.transport.service import TransportService
from isthmus.wire.nodes import DiscoveryNode

SOON = 10.0
QUICK = Timing(
    find_peers_interval=0.05,
    request_peers_timeout=2.0,
    connect_timeout=2.0,
    check_interval=0.05,
    check_timeout=0.5,
    publish_timeout=3.0,
    probe_interval=0.1,
)


GUARD = Guard(built_in_permission, lambda _index: ())


async def _nothing() -> None:
    """Nothing is to be done when these nodes have joined."""


class LocalNode:
    """One node on a folder; `cluster` and `state` are what the rest of a node would use."""

    def __init__(self, name: str, folder: Path, rules: Rules, tls: TlsChannel | None = None) -> None:
        self.name = name
        self.tls = tls
        self._folder = folder
        self._rules = rules

    async def start(self) -> LocalNode:
        """Bind a free port and look for the cluster."""
        self._folder.mkdir(exist_ok=True)
        self.store = StateStore(self._folder / "state.sqlite")
        self.state = ReplicatedMap(self.store)
        self.registry = ActionRegistry(GUARD)
        run = f"{self.name}-{id(self)}-{asyncio.get_running_loop().time()}"
        self._port = 0
        self.transport = TransportService(
            local_node=lambda: DiscoveryNode(
                self.name, f"id-{self._folder.name}", run, "127.0.0.1", "127.0.0.1", ("127.0.0.1", self._port)
            ),
            cluster_name=self._rules.cluster_name,
            registry=self.registry,
            tls=self.tls,
            trust_network=self.tls is None,
        )
        [(host, self._port)] = await self.transport.bind(["127.0.0.1"], [0])
        member = Member(
            name=self.name,
            id=f"id-{self._folder.name}",
            ephemeral_id=run,
            host=host,
            ip=host,
            transport_address=f"{host}:{self._port}",
            http_address=None,
            roles=("data", "master"),
            attributes={},
            version="8.19.99",
            build_hash="test",
        )
        self.links = Links(self.transport, QUICK.connect_timeout)
        self.cluster = ClusterService(member, self._rules, self.store, self.state, self.links, QUICK, _nothing)
        self.cluster.register(self.registry)
        self.cluster.start()
        return self

    @property
    def address(self) -> str:
        """The transport address, `host:port`."""
        return self.cluster.membership.me.transport_address

    @property
    def names(self) -> list[str]:
        """The names of the members that this node sees."""
        return sorted(member.name for member in self.cluster.membership.members)

    async def sees(self, *names: str) -> None:
        """Wait until this node has an owner and sees exactly these members."""
        await self.until(lambda: self.cluster.membership.owner is not None and self.names == sorted(names))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until `holds()` after some change of the membership."""
        assert await self.cluster.membership.wait_until(holds, SOON), (
            self.name,
            self.names,
            self.cluster.membership.trouble,
        )

    def value(self, key: str) -> bytes | None:
        """The value that this node's copy holds."""
        entry = self.state.get(key)
        return None if entry is None else entry.value

    async def stop(self) -> None:
        """Leave in order."""
        await self.cluster.stop()
        await self.transport.close()
        self.store.close()


class Seed(Protocol):
    """Whatever has a transport address, `host:port`."""

    @property
    def address(self) -> str: ...


class Network:
    """Makes nodes and ends those that are left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nodes: list[LocalNode] = []

    async def start(
        self,
        name: str,
        *seeds: Seed,
        initial: bool = False,
        cluster: str = "logs",
        folder: str | None = None,
        single_node: bool = False,
        tls: TlsChannel | None = None,
    ) -> LocalNode:
        """Start a node; `initial`: it is the first of cluster.initial_master_nodes."""
        rules = Rules(cluster, initial, single_node=single_node, seeds=[seed.address for seed in seeds])
        node = await LocalNode(name, self._folder / (folder or name), rules, tls).start()
        self._nodes.append(node)
        return node

    async def stop(self, node: LocalNode) -> None:
        """Stop a node."""
        self._nodes.remove(node)
        await node.stop()

    async def close(self) -> None:
        """Stop all that are left."""
        for node in list(reversed(self._nodes)):
            await self.stop(node)


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    network = Network(tmp_path)
    yield network
    await network.close()
