"""Constant requests to every node, on kept and on new connections, each of which must be answered rightly."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import aiohttp

from tests.interop.client import Client, Refused
from tests.interop.cluster import NAMES, Cluster

INDEX = "load"
PAUSE = 0.02


@dataclass
class Tally:
    """What was asked, by kind, and what failed. `kept` are the clients with one connection each."""

    asked: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0
    kept: list[Client] = field(default_factory=list)
    new_connections: int = 0

    def __str__(self) -> str:
        kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(self.asked.items()))
        return (
            f"{self.asked.total()} requests ({kinds}), {len(self.failed)} failed, slowest {self.slowest:.2f} s; "
            f"{self.new_connections} new connections, {len(self.kept)} kept ones"
        )


@asynccontextmanager
async def constant_requests(cluster: Cluster) -> AsyncIterator[Tally]:
    """Ask both nodes without an end until the block ends."""
    tally, over = Tally(), asyncio.Event()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        kept = [
            await stack.enter_async_context(Client(node.http, cluster.trust, cluster.password, keep_alive=True))
            for node in cluster.nodes
        ]
        fresh = [await stack.enter_async_context(cluster.client(node)) for node in cluster.nodes]
        tally.kept = kept
        await kept[0].ask("PUT", f"/{INDEX}", {"settings": {"number_of_shards": 2, "number_of_replicas": 1}})
        await kept[0].ask("GET", f"/_cluster/health/{INDEX}?wait_for_status=green&timeout=30s")
        running = [
            tasks.create_task(_ask_on(how, f"{how}{at}", clients[at], clients[1 - at], tally, over))
            for how, clients in (("kept", kept), ("new", fresh))
            for at in range(len(NAMES))
        ]
        try:
            yield tally
        finally:
            # A connection that is cancelled within its handshake is never closed, so each ends its last request.
            over.set()
            await asyncio.wait(running)
            tally.new_connections = sum(client.connections for client in fresh)


async def _ask_on(how: str, name: str, one: Client, other: Client, tally: Tally, over: asyncio.Event) -> None:
    for number in count():
        if over.is_set():
            return
        await _noted(f"health ({how})", _health(one), tally)
        await _noted(f"index and search ({how})", _index_and_search(name, number, one, other), tally)
        await asyncio.sleep(PAUSE)


async def _noted(kind: str, request: Awaitable[None], tally: Tally) -> None:
    begun = time.monotonic()
    tally.asked[kind] += 1
    try:
        await request
    except (Refused, aiohttp.ClientError, OSError) as error:
        tally.failed.append(f"{time.strftime('%H:%M:%S')} {kind}: {type(error).__name__}: {error}")
    tally.slowest = max(tally.slowest, time.monotonic() - begun)


async def _health(client: Client) -> None:
    health = await client.ask("GET", "/_cluster/health")
    if (health["status"], health["number_of_nodes"]) != ("green", len(NAMES)):
        raise Refused(f"the cluster is {health['status']} with {health['number_of_nodes']} nodes")


async def _index_and_search(name: str, number: int, one: Client, other: Client) -> None:
    """Written through one node, which sends it to the shard's two copies, and searched through the other."""
    await one.ask("PUT", f"/{INDEX}/_doc/{name}?refresh=true", {"name": name, "number": number})
    query = {"query": {"bool": {"filter": [{"term": {"name": name}}, {"term": {"number": number}}]}}}
    found = await other.ask("POST", f"/{INDEX}/_search", query)
    if found["hits"]["total"]["value"] != 1:
        raise Refused(f"document {number} of {name} was not found")
