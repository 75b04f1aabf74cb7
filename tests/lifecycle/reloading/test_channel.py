"""A channel that serves on a real port, and its files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from isthmus.lifecycle.reloading.channel import ChannelReload
from isthmus.lifecycle.reloading.observe import served_at
from isthmus.tls.config import ChannelConfig, StoreConfig
from isthmus.tls.judging import Judge
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import PeerIdentity
from tests.certificates import Authority, Issued, make_ca
from tests.tls.handshakes import config

PASSWORD = "p12 passw0rd"


@pytest.fixture(scope="module")
def ca() -> Authority:
    return make_ca("CA")


class Reloaded:
    """A reload whose expulsions and renewals are written down in their order."""

    def __init__(self, asked: ChannelConfig) -> None:
        self.tls = TlsChannel(asked)
        self.done: list[str] = []
        self.judges: list[Judge] = []
        self.reload = ChannelReload("transport", self.tls, self._expel, self._renew)

    def _expel(self, judge: Judge) -> int:
        self.done.append("expel")
        self.judges.append(judge)
        return 0

    async def _renew(self) -> None:
        self.done.append("renew")

    @property
    def leaf(self) -> x509.Certificate:
        return self.tls.generation.chain[0]


@asynccontextmanager
async def listening(tls: TlsChannel) -> AsyncIterator[tuple[str, int]]:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=tls.server_context) as server:
        yield server.sockets[0].getsockname()[:2]


def trust(folder: Path, *authorities: Authority) -> None:
    (folder / "ca.crt").write_bytes(b"".join(one.certificate_pem for one in authorities))


def peer(issued: Issued) -> PeerIdentity:
    return PeerIdentity((issued.certificate, *issued.chain), verified=True, protocol="TLSv1.3", cipher="any")


async def test_a_new_certificate_is_served_seen_from_outside_and_shown_to_peers_anew(
    ca: Authority, tmp_path: Path
) -> None:
    channel = Reloaded(config(tmp_path, ca.issue("node"), [ca.certificate]))
    async with listening(channel.tls) as address:
        channel.reload.bound = [address]
        issued = ca.issue("node")
        issued.write(tmp_path)
        report = await channel.reload.reload()
        assert await served_at(address, channel.tls) == issued.certificate
    assert (report.result, report.reason, report.trusted) == ("reloaded", None, 1)
    assert channel.done == ["renew"]


@pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("name", ["node.example.com", "*.example.com"])
async def test_the_dial_sees_what_is_served_whatever_names_it_bears(
    ca: Authority, tmp_path: Path, protocol: str, name: str
) -> None:
    issued = ca.issue("node", dns=[name], ips=[])
    tls = TlsChannel(config(tmp_path, issued, [ca.certificate], supported_protocols=(protocol,)))
    async with listening(tls) as address:
        assert await served_at(address, tls) == issued.certificate


async def test_p35_a_port_that_goes_on_serving_the_old_certificate_is_a_failure(ca: Authority, tmp_path: Path) -> None:
    """NATS leaf nodes: a reload reported OK though the old certificate is still served."""
    asked = config(tmp_path, ca.issue("node"), [ca.certificate])
    channel, stale = Reloaded(asked), TlsChannel(asked)
    async with listening(stale) as address:
        channel.reload.bound = [address]
        ca.issue("node").write(tmp_path)
        report = await channel.reload.reload()
        shown = f"shows serial {stale.generation.chain[0].serial_number:x}"
        assert report.result == "failed"
        assert shown in str(report.reason)
        assert any(shown in warning for warning in channel.reload.warnings)
        assert (await channel.reload.reload()).result == "failed"
        stale.replace(channel.tls.generation)
        assert (await channel.reload.reload()).result == "unchanged"
    assert channel.reload.warnings == []


async def test_p35_what_was_not_seen_is_looked_for_with_each_poll(ca: Authority, tmp_path: Path) -> None:
    asked = config(tmp_path, ca.issue("node"), [ca.certificate])
    channel, stale = Reloaded(asked), TlsChannel(asked)
    async with listening(stale) as address:
        channel.reload.bound = [address]
        ca.issue("node").write(tmp_path)
        await channel.reload.reload()
        stale.replace(channel.tls.generation)
        await channel.reload.check()
    assert channel.reload.warnings == []


async def test_trust_that_grows_disturbs_nobody(ca: Authority, tmp_path: Path) -> None:
    channel = Reloaded(config(tmp_path, ca.issue("node"), [ca.certificate]))
    trust(tmp_path, ca, make_ca("new CA"))
    assert (await channel.reload.reload()).trusted == 2
    assert channel.done == []


async def test_when_trust_shrinks_connections_are_renewed_before_those_of_the_old_ca_end(
    ca: Authority, tmp_path: Path
) -> None:
    new = make_ca("new CA")
    channel = Reloaded(config(tmp_path, new.issue("node"), [ca.certificate, new.certificate]))
    trust(tmp_path, new)
    assert (await channel.reload.reload()).result == "reloaded"
    assert channel.done == ["renew", "expel"]
    (judge,) = channel.judges
    assert "no longer leads to a CA that is trusted here" in str(judge(peer(ca.issue("old"))))
    assert judge(peer(new.issue("new"))) is None
    assert judge(peer(new.intermediate().issue("below"))) is None
    assert judge(replace(peer(ca.issue("anonymous")), verified=False)) is None


async def test_files_that_say_the_same_in_other_bytes_change_nothing(ca: Authority, tmp_path: Path) -> None:
    channel = Reloaded(config(tmp_path, ca.issue("node"), [ca.certificate]))
    with (tmp_path / "ca.crt").open("ab") as file:
        file.write(b"# a comment\n")
    before = channel.tls.generation
    assert (await channel.reload.reload()).result == "unchanged"
    assert channel.tls.generation is before


def write_p12(path: Path, issued: Issued, password: str) -> None:
    encryption = BestAvailableEncryption(password.encode())
    path.write_bytes(serialize_key_and_certificates(b"node", issued.key, issued.certificate, None, encryption))


async def test_a_keystore_with_another_password_is_told_and_the_last_good_one_serves(
    ca: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "node.p12"
    write_p12(path, ca.issue("node"), PASSWORD)
    identity = StoreConfig("keystore.path", path, "pkcs12", PASSWORD)
    channel = Reloaded(replace(config(tmp_path, ca.issue("unused"), [ca.certificate]), identity=identity))
    before = channel.leaf
    write_p12(path, ca.issue("node"), "an0ther")
    caplog.set_level(logging.DEBUG)
    for _ in range(2):
        report = await channel.reload.reload()
        assert report.result == "failed"
    assert "password" in str(report.reason)
    assert str(path) in str(report.reason)
    assert channel.leaf == before
    assert caplog.text.count("cannot be used") == 1
    assert PASSWORD not in caplog.text
    issued = ca.issue("node")
    write_p12(path, issued, PASSWORD)
    assert (await channel.reload.reload()).result == "reloaded"
    assert channel.leaf == issued.certificate


@pytest.mark.parametrize(
    "spoil",
    [Path.unlink, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"\0" * 10_000_000)],
    ids=["gone", "empty", "10 MB of nothing"],
)
async def test_what_cannot_be_used_is_a_failure_with_its_reason(
    ca: Authority, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    channel = Reloaded(config(tmp_path, ca.issue("node"), [ca.certificate]))
    spoil(tmp_path / "node.crt")
    report = await channel.reload.reload()
    assert report.result == "failed"
    assert "node.crt" in str(report.reason)
    assert report.serial_number == f"{channel.leaf.serial_number:x}"


async def test_a_judge_of_latecomers_lets_in_whom_a_later_generation_trusts_again(
    ca: Authority, tmp_path: Path
) -> None:
    """A rotation that goes back, or the next one, widens trust while those of the last narrowing still judge."""
    other = make_ca("other")
    stranger = peer(other.issue("n2"))
    channel = Reloaded(config(tmp_path, ca.issue("node"), [ca.certificate, other.certificate]))
    for authorities, is_expelled in (([ca], True), ([ca, other], False), ([ca], True)):
        trust(tmp_path, *authorities)
        await channel.reload.reload()
        assert [judge(stranger) is not None for judge in channel.judges] == [is_expelled] * len(channel.judges)
    assert len(channel.judges) == 2
