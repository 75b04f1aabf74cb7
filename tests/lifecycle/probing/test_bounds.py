"""A probe ends: however many addresses, and whatever a peer does or does not do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from isthmus.lifecycle.probing.line import MOST_BYTES
from isthmus.lifecycle.probing.port import PortReport
from isthmus.lifecycle.probing.probe import at_most, probe
from tests.certificates import make_ca
from tests.lifecycle.probing.openssl import Start, servers
from tests.transport.stage import TIMEOUT, Stage

CA = make_ca("trusted CA")


async def probed(port: int, timeout: float = TIMEOUT) -> PortReport:
    """Probe a port of this machine as nobody."""
    return await probe(f"127.0.0.1:{port}", identity=None, trusted=[CA.certificate], timeout=timeout)


@pytest.fixture
async def openssl(tmp_path: Path) -> AsyncIterator[Start]:
    async with servers(tmp_path, CA) as start:
        yield start


async def test_of_a_thousand_addresses_no_more_than_a_few_are_dialled_at_a_time() -> None:
    now, most = 0, 0

    async def look() -> int:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return now

    assert len(await at_most(16, [look] * 1000)) == 1000
    assert most == 16


async def test_a_silent_port_is_told_as_such(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        report = await probed(await stage.impostor(None), 0.2)
    finally:
        await stage.close()
    assert (report.protocol, report.tls) == ("", False)
    assert "said nothing" in report.nobody.why


async def test_a_peer_that_never_stops_talking_inside_tls_is_cut_off(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*CA.issue().write(tmp_path))
    sent: list[int] = []

    async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent.append(0)
        at = len(sent) - 1
        # A frame of the transport that answers nothing, again and again.
        frame = b"ES" + (17).to_bytes(4) + (99).to_bytes(8) + b"\x01" + bytes(8)
        try:
            while True:
                writer.write(frame * 500)
                sent[at] += 500 * len(frame)
                await writer.drain()
        except (ConnectionError, ssl.SSLError):
            writer.transport.abort()

    server = await asyncio.start_server(pour, "127.0.0.1", 0, ssl=context)
    async with server:
        report = await probed(int(server.sockets[0].getsockname()[1]))
    assert report.tls
    assert report.channel == ""
    assert sent
    # What the sockets of both sides hold besides is a few megabytes.
    assert max(sent) < MOST_BYTES + (16 << 20)


async def test_a_port_that_asks_for_a_certificate_and_verifies_none_is_seen_to_accept_an_alien(openssl: Start) -> None:
    report = await probed(await openssl(CA.issue(), "-verify", "3"))
    assert report.protocol == "HTTP"
    assert report.client_authentication == "optional"
    assert (report.alien, report.namesake) == ("accepted", "accepted")
