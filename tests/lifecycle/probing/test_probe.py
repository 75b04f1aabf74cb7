"""What is told of a port: nodes, openssl's server, and ports without TLS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from isthmus.lifecycle.probing.findings import Expected, findings
from isthmus.lifecycle.probing.port import PortReport
from isthmus.lifecycle.probing.probe import probe
from isthmus.pki.bundles import Bundle
from isthmus.pki.rules import Circumstances
from tests.certificates import DAY, Issued, make_ca
from tests.transport.stage import TIMEOUT, Stage

CA = make_ca("trusted CA")
# Ends before its CA does.
YEAR = (-1, 360)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    await stage.close()


async def probed(port: int, identity: Issued | None = None) -> PortReport:
    """Probe a port of this machine as somebody who trusts CA."""
    bundle = Bundle(identity.key, identity.certificate) if identity else None
    return await probe(f"127.0.0.1:{port}", identity=bundle, trusted=[CA.certificate], timeout=TIMEOUT)


def rules(report: PortReport, certificate: Issued | None = None) -> set[str]:
    """The rules that a port breaks today."""
    today = CA.certificate.not_valid_before_utc + 2 * DAY
    held = {"": certificate.certificate} if certificate else {}
    expected = Expected(trusted=(CA.certificate,), tls=True, certificates=held)
    return {one.rule for one in findings(report, expected, Circumstances(now=today))}


async def test_a_node_that_is_well_has_no_findings_and_refuses_aliens_and_namesakes(stage: Stage) -> None:
    served = CA.issue("server", days=YEAR)
    server = await stage.server(tls=stage.tls(served, [CA]))
    report = await probed(server.port, CA.issue("probe"))
    assert (report.protocol, report.client_authentication) == ("transport", "required")
    assert (report.alien, report.namesake) == ("refused", "refused")
    answers = dict(report.versions)
    assert (answers["TLSv1.2"], answers["TLSv1.3"]) == ("accepted", "accepted")
    assert {answers["TLSv1"], answers["TLSv1.1"]} <= {"refused", "not tried"}
    assert rules(report, served) == set()


async def test_a_transport_port_that_asks_for_no_certificate_is_told(stage: Stage) -> None:
    server = await stage.server(tls=stage.tls(CA.issue(days=YEAR), [CA], client_authentication="none"))
    report = await probed(server.port)
    assert (report.client_authentication, report.alien) == ("none", "not asked")
    assert rules(report) == {"mutual-tls-off"}


async def test_a_version_that_is_switched_off_is_seen_as_refused(stage: Stage) -> None:
    server = await stage.server(tls=stage.tls(CA.issue(days=YEAR), [CA], protocols=("TLSv1.2",)))
    answers = dict((await probed(server.port)).versions)
    assert (answers["TLSv1.2"], answers["TLSv1.3"]) == ("accepted", "refused")


async def test_another_certificate_than_the_file_is_told_by_its_serial(stage: Stage) -> None:
    """P35: a reload that was reported but did not happen is seen."""
    server = await stage.server(tls=stage.tls(CA.issue(days=YEAR), [CA]))
    report = await probed(server.port, CA.issue())
    assert rules(report, CA.issue()) == {"live-other-certificate"}


async def test_names_trust_and_dates_of_what_is_served_are_judged(stage: Stage) -> None:
    served = make_ca("another CA").issue(dns=["other"], ips=[], days=(-1, 20))
    server = await stage.server(tls=stage.tls(served, [CA]))
    found = rules(await probed(server.port, CA.issue()))
    assert {"address-not-covered", "chain-untrusted", "expires-soon"} <= found


@pytest.mark.parametrize(
    ("speech", "protocol", "rule"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP", "live-plain"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH", "live-plain"),
        (b"\0" * 100_000, "", "live-no-tls"),
        (b"", "", "live-unreachable"),
    ],
    ids=["http", "ssh", "garbage", "hangs up"],
)
async def test_a_port_without_tls_is_named_for_what_it_speaks(
    stage: Stage, speech: bytes, protocol: str, rule: str
) -> None:
    """P22: a port that speaks the wrong protocol is recognised."""
    report = await probed(await stage.impostor(speech))
    assert (report.tls, report.protocol) == (False, protocol)
    assert rules(report) == {rule}


async def test_a_node_without_tls_is_recognised_by_its_plain_transport(stage: Stage) -> None:
    server = await stage.server()
    report = await probed(server.port)
    assert (report.tls, report.protocol) == (False, "transport")


async def test_a_closed_port_is_unreachable() -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    assert rules(await probed(port)) == {"live-unreachable"}
