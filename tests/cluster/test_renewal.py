"""Certificates of members change while the cluster goes on: nobody loses a seat, no write fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509

from isthmus.tls.judging import Judge
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import PeerIdentity
from tests.certificates import Authority, make_ca
from tests.cluster.conftest import LocalNode, Network
from tests.tls.handshakes import config


@pytest.fixture(scope="module")
def ca() -> Authority:
    return make_ca("cluster CA")


class Members:
    """An owner, a member and another one, with certificates in folders of their own."""

    def __init__(self, network: Network, ca: Authority, folder: Path) -> None:
        self._network = network
        self._ca = ca
        self._folder = folder
        self.all: list[LocalNode] = []

    async def start(self) -> Sequence[LocalNode]:
        for name in ("a", "b", "c"):
            folder = self._folder / "certificates" / name
            tls = TlsChannel(config(folder, self._ca.issue(name), [self._ca.certificate]))
            self.all.append(await self._network.start(name, *self.all[:1], initial=not self.all, tls=tls))
        for node in self.all:
            await node.sees("a", "b", "c")
        return self.all

    def reissue(self, node: LocalNode) -> x509.Certificate:
        """Have the node serve a new certificate, and return the one before."""
        assert node.tls is not None
        before = node.tls.generation.chain[0]
        self._ca.issue(node.name).write(self._folder / "certificates" / node.name)
        node.tls.replace(node.tls.load())
        return before


@pytest.fixture
async def members(network: Network, ca: Authority, tmp_path: Path) -> Members:
    members = Members(network, ca, tmp_path)
    await members.start()
    return members


def away_with(*leaves: x509.Certificate) -> Judge:
    def judge(identity: PeerIdentity) -> str | None:
        return "it was replaced" if identity.chain[0] in leaves else None

    return judge


async def test_after_a_renewal_of_all_nobody_shows_an_old_certificate_and_no_write_was_lost(
    members: Members, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    done = asyncio.Event()

    async def write(node: LocalNode) -> int:
        count = 0
        while not done.is_set():
            await node.state.put(f"{node.name}-{count}", b"v")
            count += 1
        return count

    writers = [asyncio.ensure_future(write(node)) for node in members.all]
    old = []
    for node in members.all:
        old.append(members.reissue(node))
        await node.cluster.renew_connections()
    for node in members.all:
        await node.cluster.renew_connections()
        node.transport.expel(away_with(*old))
    for node in members.all:
        await node.state.put(f"last of {node.name}", b"v")
    done.set()
    assert min(await asyncio.gather(*writers)) > 0
    assert "left:" not in caplog.text
    assert "was lost" not in caplog.text


async def test_an_owner_whose_old_certificate_is_shown_the_door_reaches_the_member_again_and_keeps_its_seat(
    members: Members, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    owner, member, _ = members.all
    old = members.reissue(owner)
    await member.cluster.renew_connections()
    assert member.transport.expel(away_with(old)) >= 1
    await owner.state.put("after", b"v")
    assert member.value("after") == b"v"
    assert "left:" not in caplog.text


async def test_a_member_whose_old_certificate_is_shown_the_door_reaches_the_owner_again(
    members: Members, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    owner, member, _ = members.all
    old = members.reissue(member)
    await owner.cluster.renew_connections()
    assert owner.transport.expel(away_with(old)) >= 1
    await member.until(lambda: member.transport.connection_count[1] > 0)
    for number in range(3):
        await owner.state.put(f"after {number}", b"v")
    assert member.value("after 2") == b"v"
    assert "left:" not in caplog.text


async def test_a_member_that_is_expelled_for_good_loses_its_seat(members: Members) -> None:
    owner, member, _ = members.all
    assert member.tls is not None
    owner.transport.expel(away_with(member.tls.generation.chain[0]))
    await owner.sees("a", "c")


async def test_a_write_in_the_moment_between_an_old_connection_and_a_new_one_is_made(members: Members) -> None:
    """The old one is closed as soon as it is idle, which may be before the member is told of the new one."""
    owner, member, _ = members.all
    members.reissue(member)
    connection = await member.links.to(owner.cluster.membership.me)
    connection.close()
    await member.state.put("in between", b"v")
    assert owner.value("in between") == b"v"
