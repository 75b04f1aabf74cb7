"""An index moves from node to node under its writers and searchers; nobody notices, and a killed node loses nothing.

ISTHMUS_MOVE_ROUNDS is how many moves are cut off by a kill (default: 3).
"""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch.helpers import scan

from isthmus.demo.nodes import NodeProcess, wait_for
from tests.live.site import SOON, Site

ROUNDS = int(os.environ.get("ISTHMUS_MOVE_ROUNDS", "3"))
INDEX = "logs"
DATA = ("second", "third")


class Worker(threading.Thread):
    """Does `work(number)` with numbers that rise, until it is told to stop."""

    def __init__(self, work: Callable[[int], str]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._stopped = threading.Event()
        self.done: list[str] = []
        self.failures: list[str] = []

    def run(self) -> None:
        for number in itertools.count():
            if self._stopped.is_set():
                return
            try:
                self.done.append(self._work(number))
            except (ApiError, TransportError) as error:
                self.failures.append(str(error))
                time.sleep(0.05)

    def stop(self) -> None:
        self._stopped.set()
        self.join(SOON)


def writer(client: Elasticsearch, name: str) -> Worker:
    """Writes new documents, and keeps the ids that were acknowledged."""

    def write(number: int) -> str:
        id_ = f"{name}-{number}"
        client.index(index=INDEX, id=id_, document={"n": number, "text": "a line of text " * 10})
        return id_

    return Worker(write)


def searcher(client: Elasticsearch) -> Worker:
    """Searches and gets."""

    def search(_: int) -> str:
        answer = client.search(index=INDEX, query={"match": {"text": "line"}})
        assert answer["_shards"]["failed"] == 0
        return str(client.get(index=INDEX, id="seed-0")["_id"])

    return Worker(search)


def three(site: Site) -> dict[str, NodeProcess]:
    """Three nodes, of which `second` holds an index of 2,000 documents."""
    first = site.start("first")
    nodes = {"first": first} | {name: site.start(name, seeds=[first]) for name in DATA}
    site.wait_for_members(first, *nodes, seconds=SOON)
    with site.client(nodes["second"]) as client:
        client.indices.create(index=INDEX)
    with site.client(first) as client:
        operations: list[dict[str, Any]] = []
        for number in range(2_000):
            operations += [{"index": {"_id": f"seed-{number}"}}, {"n": number, "text": "a line of text " * 10}]
        client.bulk(index=INDEX, operations=operations, refresh=True)
    return nodes


def holder(client: Elasticsearch) -> str:
    """The name of the node that holds the index."""
    nodes: Any = client.cat.nodes(format="json", full_id=True, h="id,name").body
    shards: Any = client.cat.shards(index=INDEX, format="json", h="id").body
    return next(str(node["name"]) for node in nodes if node["id"] == shards[0]["id"])


def move(client: Elasticsearch, source: str, target: str) -> None:
    order = {"index": INDEX, "shard": 0, "from_node": source, "to_node": target}
    client.cluster.reroute(commands=[{"move": order}])


def found(client: Elasticsearch) -> set[str]:
    """The ids of all documents, by a scroll."""
    client.indices.refresh(index=INDEX)
    return {hit["_id"] for hit in scan(client, index=INDEX, size=5_000, query={"_source": False})}


def kill_and_start(site: Site, nodes: Mapping[str, NodeProcess], *names: str) -> None:
    """Kill nodes and start them again, one by one, until all are members."""
    for name in names:
        nodes[name].kill()
        nodes[name].start()
        nodes[name].wait_until_bound()
    site.wait_for_members(nodes["first"], *nodes)


def wait_until_writes_go_on(writing: Worker) -> None:
    enough = len(writing.done) + 20
    wait_for(lambda: len(writing.done) > enough, SOON, "writes to go on")


def test_an_index_moves_back_and_forth_under_load_and_no_request_fails(site: Site) -> None:
    nodes = three(site)
    clients = [site.client(node) for node in nodes.values()]
    with site.client(nodes["first"]) as asking:
        asking.indices.put_settings(index=INDEX, settings={"index.refresh_interval": "200ms"})
        writers = [writer(client, f"w{number}") for number, client in enumerate(clients)]
        workers = [*writers, *(searcher(client) for client in clients)]
        for worker in workers:
            worker.start()
        source, target = DATA
        for _ in range(4):
            time.sleep(0.5)
            move(asking, source, target)
            asking.cluster.health(wait_for_no_relocating_shards=True, timeout="20s")
            assert holder(asking) == target
            source, target = target, source
        for worker in workers:
            worker.stop()
        assert [worker.failures for worker in workers] == [[]] * 6
        assert min(len(worker.done) for worker in workers) > 10
        assert {one for worker in writers for one in worker.done} <= found(asking)
        rows: Any = asking.cat.recovery(index=INDEX, format="json").body
        assert [row["stage"] for row in rows if row["type"] == "peer"] == ["done"]
    for client in clients:
        client.close()


def test_a_node_that_is_killed_in_the_middle_of_a_move_loses_nothing(site: Site) -> None:
    nodes = three(site)
    chance = random.Random(5)
    with site.client(nodes["first"]) as asking, site.client(nodes["first"]) as line:
        writing = writer(line, "w")
        writing.start()
        for number in range(ROUNDS):
            source = holder(asking)
            target = next(name for name in DATA if name != source)
            move(asking, source, target)
            time.sleep(chance.uniform(0.0, 0.4))
            kill_and_start(site, nodes, (source, target)[number % 2])
            wait_until_writes_go_on(writing)
            asking.cluster.health(wait_for_no_relocating_shards=True, timeout="20s")
        writing.stop()
        everything = {f"seed-{number}" for number in range(2_000)} | set(writing.done)
        assert everything <= found(asking)


def test_a_move_goes_on_or_is_undone_when_the_owner_of_the_state_is_killed_in_the_middle(site: Site) -> None:
    nodes = three(site)
    chance = random.Random(7)
    with site.client(nodes["second"]) as asking, site.client(nodes["third"]) as line:
        writing = writer(line, "w")
        writing.start()
        for _ in range(ROUNDS):
            source = holder(asking)
            move(asking, source, next(name for name in DATA if name != source))
            time.sleep(chance.uniform(0.0, 0.4))
            kill_and_start(site, nodes, "first")
            wait_until_writes_go_on(writing)
            asking.cluster.health(wait_for_no_relocating_shards=True, timeout="20s")
        writing.stop()
        kill_and_start(site, nodes, *DATA)
    with site.client(nodes["first"]) as asking:
        everything = {f"seed-{number}" for number in range(2_000)} | set(writing.done)
        assert everything <= found(asking)
