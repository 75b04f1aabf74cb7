"""Searches of every kind, right and wrong and deep, against an index of a live node: each is answered or refused.

In CI they are the same each time. `ISTHMUS_FUZZ_EXAMPLES=20000` makes more, and others each time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from isthmus.demo.nodes import NodeProcess
from tests.live.fuzzing.asking import Asker
from tests.live.fuzzing.judging import complaints
from tests.live.fuzzing.making import Wire
from tests.live.fuzzing.populating import populate
from tests.live.fuzzing.trees import searches
from tests.live.site import OWNER, PASSWORD, Site

EXAMPLES = int(os.environ.get("ISTHMUS_FUZZ_EXAMPLES", "300"))
BOUND = 20.0  # seconds, on a machine that does other things too
JSON = (("Content-Type", "application/json"),)

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def node(shared_site: Site) -> NodeProcess:
    node = shared_site.start(OWNER)
    shared_site.wait_for_members(node, OWNER)
    populate(shared_site, node)
    return node


@pytest.fixture(scope="module")
def asker(shared_site: Site, node: NodeProcess) -> Iterator[Asker]:
    asker = Asker(node.http, shared_site.root / "ca.crt", PASSWORD, BOUND)
    yield asker
    asker.close()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="ISTHMUS_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(body=searches())
def test_a_search_is_answered_or_refused(asker: Asker, body: dict[str, Any]) -> None:
    wire = Wire("POST /{index}/_search", "POST", "/docs/_search", JSON, json.dumps(body).encode())
    reply = asker.ask(wire)
    assert complaints(wire, reply) == []
    assert reply.status in (200, 400, 404), reply.body[:500]


def test_no_search_was_a_fault_of_the_node(node: NodeProcess) -> None:
    assert node.is_alive
    assert [entry for entry in node.log_entries() if entry["log.level"].strip() not in ("INFO", "WARN")] == []
    assert "panicked" not in node.output()
