"""Every route of a live node, asked rightly and wrongly: it answers as Elasticsearch does, and stays as it was.

In CI the requests are the same each time. `ISTHMUS_FUZZ_ROUNDS=500 ISTHMUS_FUZZ_SEED=7` makes more, and others: a
round is one request to every route and takes about two seconds. A failure shows the request.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest

from isthmus.demo.nodes import NodeProcess, wait_for
from isthmus.node.indices import FOLDER
from isthmus.query import body
from isthmus.query.aggregations import registry
from isthmus.query.parsing import QUERIES
from isthmus.rest.routing import Route
from tests.docs.api_page import all_routes
from tests.live.fuzzing import language
from tests.live.fuzzing.asking import Asker, DroppedError
from tests.live.fuzzing.judging import complaints
from tests.live.fuzzing.making import Wire, make
from tests.live.fuzzing.populating import populate, reset
from tests.live.site import OWNER, PASSWORD, SOON, Site

ROUNDS = int(os.environ.get("ISTHMUS_FUZZ_ROUNDS", "6"))
SEED = int(os.environ.get("ISTHMUS_FUZZ_SEED", "1"))
AT_ONCE = 3
BOUND = 20.0  # seconds, on a machine that does other things too
MIB = 1 << 20

pytestmark = pytest.mark.live


def test_every_query_aggregation_and_key_has_an_example() -> None:
    assert set(language.QUERIES) == set(QUERIES)
    assert set(language.AGGREGATIONS) == {*registry.SUPPORTED, *registry.WITH_QUERIES}
    assert set(language.KEYS) == set(body.SUPPORTED)


def test_every_route_answers_whatever_it_is_asked(site: Site) -> None:
    node = site.start(OWNER)
    site.wait_for_members(node, OWNER)
    populate(site, node)
    table = sorted(all_routes(), key=lambda route: (route.path, route.method))
    found: list[str] = []
    before = 0
    for number in range(ROUNDS):
        found += _round(partial(_asker, site, node), random.Random(f"{SEED}/{number}"), table)
        assert node.is_alive, found
        reset(site, node)
        if number == ROUNDS // 3:
            before = psutil.Process(node.pid).memory_info().rss
    assert not found, "\n\n".join(sorted(set(found)))
    assert psutil.Process(node.pid).memory_info().rss < before + 64 * MIB
    assert _unforeseen(node) == []
    wait_for(lambda: len(_folders(node)) == 1, SOON, "the folders of all indices but one to be gone")


def _folders(node: NodeProcess) -> list[Path]:
    return list((node.folder / "data" / FOLDER).iterdir())


def _asker(site: Site, node: NodeProcess) -> Asker:
    return Asker(node.http, site.root / "ca.crt", PASSWORD, BOUND)


def _round(asker: Callable[[], Asker], chance: random.Random, table: Sequence[Route]) -> list[str]:
    wires = [make(chance, route) for route in table]
    chance.shuffle(wires)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = pool.map(lambda start: _ask_all(asker(), wires[start::AT_ONCE]), range(AT_ONCE))
        return [one for part in parts for one in part]


def _ask_all(asker: Asker, wires: Sequence[Wire]) -> list[str]:
    found = []
    for wire in wires:
        try:
            wrong = complaints(wire, asker.ask(wire))
        except DroppedError as error:
            wrong = [f"the connection ended without an answer: {error}"]
        except TimeoutError:
            wrong = [f"no answer within {BOUND:g} s"]
        found += [f"{wire.route}: {one}\n    {wire.told()}" for one in wrong]
    asker.close()
    return found


def _unforeseen(node: NodeProcess) -> list[str]:
    entries = [str(entry) for entry in node.log_entries() if entry["log.level"].strip() not in ("INFO", "WARN")]
    return [*entries, *(line for line in node.output().splitlines() if "Traceback" in line or "panicked" in line)]
