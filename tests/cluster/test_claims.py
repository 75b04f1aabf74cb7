"""An owner steps down for a newer term only if the node that has it says so where it is dialled."""

from __future__ import annotations

import asyncio

import pytest

from isthmus.cluster import messages
from isthmus.cluster.messages import PeerStanding
from isthmus.security.forwarding.asking import ask
from isthmus.state.history import Position
from tests.cluster.conftest import SOON, Network
from tests.cluster.values import member


async def test_a_newer_term_that_nobody_answers_for_does_not_make_an_owner_step_down(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    owner = await network.start("a", initial=True)
    await owner.sees("a")
    liar = await network.start("liar")
    host, _, port = owner.address.rpartition(":")
    connection = await liar.transport.open_connection(host, int(port), timeout=SOON)
    claim = PeerStanding(member("ghost"), owner.cluster.cluster_uuid, Position(99, 99), None)
    await ask(connection, messages.PEERS, claim, timeout=SOON)
    async with asyncio.timeout(SOON):
        while f"{claim.member.transport_address} was not reached" not in caplog.text:
            await owner.state.put("key", b"v")
    await owner.state.put("key", b"v")
    connection.close()
    assert owner.cluster.is_owner
    assert not owner.cluster.membership.refused
