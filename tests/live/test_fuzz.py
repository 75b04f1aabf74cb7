"""Ten thousand broken openings against a node as a process: it still serves, and nothing of them is left in it."""

from __future__ import annotations

import asyncio
import random

import psutil
import pytest

from isthmus.demo.nodes import NodeProcess, wait_for
from isthmus.tls.live import TlsChannel
from tests.live.site import OWNER, SOON, Site, port_of
from tests.tls.handshakes import config
from tests.transport.test_fuzz import broken, client_hello, good_frames, in_crowds, speak, speak_tls

FRAMES = 3_000
OPENINGS = 6_000
INSIDE_TLS = 1_000
MIB = 1 << 20

pytestmark = pytest.mark.live


def test_a_node_outlives_ten_thousand_broken_openings(site: Site) -> None:
    node = site.start(OWNER)
    site.wait_for_members(node, OWNER)
    process = psutil.Process(node.pid)
    before = process.memory_info().rss
    trusted = TlsChannel(config(site.root / "fuzzer", site.ca.issue("fuzzer"), [site.ca.certificate]))
    asyncio.run(_feed(port_of(node.transport), trusted))
    assert site.names(node) == [OWNER]
    wait_for(lambda: _listens_only(process), SOON, "the node to have no connection left")
    assert process.memory_info().rss < before + 64 * MIB
    assert _unforeseen(node) == []


async def _feed(port: int, trusted: TlsChannel) -> None:
    chance = random.Random(9300)
    frames, openings = good_frames(), [client_hello(trusted)]
    await in_crowds(FRAMES, lambda: speak(port, broken(chance, frames)))
    await in_crowds(OPENINGS, lambda: speak(port, broken(chance, openings + frames[:1])))
    await in_crowds(INSIDE_TLS, lambda: speak_tls(port, trusted, broken(chance, frames)))


def _listens_only(process: psutil.Process) -> bool:
    return {one.status for one in process.net_connections("inet")} == {psutil.CONN_LISTEN}


def _unforeseen(node: NodeProcess) -> list[str]:
    return [entry["message"] for entry in node.log_entries() if entry["log.level"].strip() not in ("INFO", "WARN")]
