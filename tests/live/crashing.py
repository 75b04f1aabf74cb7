"""Writers that remember what was promised to them, a node that is killed beneath them, and what it must know after."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.interop.sides.side import Line, Side, wait_until_served

INDEX = "promises"
MAPPING = {"properties": {"writer": {"type": "keyword"}, "n": {"type": "long"}, "text": {"type": "text"}}}
WRITERS = 2
IDS = 400
BATCH = 60
LEAST_SECONDS, MOST_SECONDS = 0.1, 1.5

State = int | None
"""The number that a document holds; None where there is none."""


@dataclass
class Promises:
    """What one writer sent and what was acknowledged, for documents that nobody else writes.

    The states of a document that are possible after a crash are the last one that was acknowledged and those that
    were sent after it.
    """

    possible: dict[str, list[State]] = field(default_factory=dict)

    def sent(self, states: dict[str, State]) -> None:
        """These states are on their way."""
        for name, state in states.items():
            self.possible.setdefault(name, [None]).append(state)

    def acknowledged(self, states: dict[str, State]) -> None:
        """These states are promised; what was before is over."""
        for name, state in states.items():
            kept = self.possible[name]
            del kept[: kept.index(state)]

    def broken(self, found: dict[str, State]) -> list[str]:
        """Return, a sentence each, the promises that `found` (a state for each document) breaks."""
        return [
            f"[{name}] holds {found.get(name)}, possible is {states}"
            for name, states in self.possible.items()
            if found.get(name) not in states
        ]

    def settle(self, found: dict[str, State]) -> None:
        """What was found is what is."""
        self.possible = {name: [found.get(name)] for name in self.possible}


class Writer(threading.Thread):
    """Sends bulk requests of new versions and deletions, one after the other, until the node does not answer."""

    def __init__(self, side: Side, number: int, promises: Promises, seed: int) -> None:
        super().__init__(daemon=True)
        self._side = side
        self._number = number
        self._promises = promises
        self._chance = random.Random(seed)
        self._counter = seed * 1_000_000
        self.refusal: str | None = None
        self.acknowledged = 0

    def run(self) -> None:
        try:
            with Line(self._side.address) as line:
                while self.refusal is None:
                    self._write(line)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return

    def _write(self, line: Line) -> None:
        states = self._batch()
        self._promises.sent(states)
        answer = line.ask("POST", f"/{INDEX}/_bulk", "".join(self._item(*one) for one in states.items()))
        failed = [item for item in answer.body.get("items", []) if next(iter(item.values()))["status"] not in _FINE]
        if answer.status != 200 or failed:
            self.refusal = f"{answer.status} {str(failed or answer.body)[:500]}"
            return
        self._promises.acknowledged(states)
        self.acknowledged += len(states)

    def _batch(self) -> dict[str, State]:
        names = self._chance.sample(range(IDS), BATCH)
        states: dict[str, State] = {}
        for name in names:
            self._counter += 1
            states[f"{self._number}-{name}"] = None if self._chance.random() < 0.1 else self._counter
        return states

    def _item(self, name: str, state: State) -> str:
        if state is None:
            return json.dumps({"delete": {"_id": name}}) + "\n"
        return json.dumps({"index": {"_id": name}}) + "\n" + json.dumps(document(name, state)) + "\n"


_FINE = (200, 201, 404)  # 404: what is deleted was not there


def document(name: str, state: int) -> dict[str, Any]:
    """The document of a state; its parts belong together, so that half of it can be told."""
    return {"writer": name.partition("-")[0], "n": state, "text": f"state {state} " * 20, "again": {"n": state}}


def prepare(side: Side) -> list[Promises]:
    """Start the node and create the index."""
    side.process.start()
    wait_until_served(side)
    with Line(side.address) as line:
        settings = {"number_of_shards": 1, "number_of_replicas": 0}
        line.must("PUT", f"/{INDEX}", {"settings": settings, "mappings": MAPPING})
    return [Promises() for _ in range(WRITERS)]


def crash(side: Side, promises: Iterable[Promises], seed: int) -> int:
    """Kill the node at a random moment beneath its writers and start it again; return what was acknowledged."""
    writers = [Writer(side, number, one, seed) for number, one in enumerate(promises)]
    for writer in writers:
        writer.start()
    time.sleep(random.Random(seed).uniform(LEAST_SECONDS, MOST_SECONDS))
    side.process.kill()
    for writer in writers:
        writer.join(60.0)
    refused = [writer.refusal for writer in writers if writer.refusal is not None]
    assert refused == []
    side.process.start()
    wait_until_served(side)
    return sum(writer.acknowledged for writer in writers)


def judge(side: Side, promises: Iterable[Promises]) -> None:
    """Every promise holds, no document is there by half, and getting, counting and searching agree."""
    kept = list(promises)
    with Line(side.address) as line:
        _until(lambda: line.ask("POST", f"/{INDEX}/_refresh").status == 200)
        found = _got(line, [name for one in kept for name in one.possible])
        for one in kept:
            assert one.broken(found) == []
            one.settle(found)
        alive = {name: state for name, state in found.items() if state is not None}
        assert line.must("GET", f"/{INDEX}/_count")["count"] == len(alive)
        assert _searched(line) == alive


def _got(line: Line, names: list[str]) -> dict[str, State]:
    found: dict[str, State] = {}
    for at in range(0, len(names), 500):
        for one in line.must("POST", f"/{INDEX}/_mget", {"ids": names[at : at + 500]})["docs"]:
            found[one["_id"]] = one["_source"]["n"] if one["found"] else None
            if one["found"]:
                assert one["_source"] == document(one["_id"], one["_source"]["n"])
    return found


def _searched(line: Line) -> dict[str, State]:
    body = {"query": {"match": {"text": "state"}}, "size": 10_000, "docvalue_fields": ["n"], "_source": False}
    hits = line.must("POST", f"/{INDEX}/_search", body)["hits"]["hits"]
    assert len({hit["_id"] for hit in hits}) == len(hits)
    return {hit["_id"]: hit["fields"]["n"][0] for hit in hits}


def _until(holds: Callable[[], bool]) -> None:
    """A shard that recovers answers 503 for a moment."""
    deadline = time.monotonic() + 60.0
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
