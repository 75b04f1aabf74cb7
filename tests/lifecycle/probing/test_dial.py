"""One dial: what is told of a node, of openssl's server, and of peers that are neither."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from isthmus.lifecycle.probing.dial import Dialled, dial
from isthmus.lifecycle.probing.greeting import Channel
from isthmus.pki.bundles import Bundle
from tests.certificates import Authority, Issued, make_ca
from tests.lifecycle.probing.openssl import Start, servers
from tests.transport.stage import TIMEOUT, Stage

CA = make_ca("trusted CA")
NAMESAKE = make_ca("trusted CA")


def bundle(issued: Issued) -> Bundle:
    """What is dialled with."""
    return Bundle(issued.key, issued.certificate, issued.chain)


async def dialled(
    port: int,
    *,
    identity: Issued | None = None,
    trusted: Sequence[Authority] | None = (CA,),
    server_name: str | None = "localhost",
    channel: Channel = "transport",
    timeout: float = TIMEOUT,
) -> Dialled:
    """Dial a port of this machine."""
    return await dial(
        f"127.0.0.1:{port}",
        identity=bundle(identity) if identity else None,
        trusted=None if trusted is None else [one.certificate for one in trusted],
        server_name=server_name,
        channel=channel,
        timeout=timeout,
    )


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    await stage.close()


@pytest.fixture
async def openssl(tmp_path: Path) -> AsyncIterator[Start]:
    async with servers(tmp_path, CA) as start:
        yield start


async def test_a_node_that_trusts_us_tells_who_it_is_and_the_serial_it_serves(stage: Stage) -> None:
    """P35: what is reported is what was served."""
    served = CA.issue("server")
    server = await stage.server(tls=stage.tls(served, [CA]))
    seen = await dialled(server.port, identity=CA.issue("probe"))
    assert (seen.outcome, seen.why, seen.protocol) == ("accepted", "", "TLSv1.3")
    assert seen.served[0].serial_number == served.certificate.serial_number
    assert seen.asked_for_certificate
    assert seen.handshake is not None
    assert (seen.handshake.cluster_name, seen.handshake.node_name) == ("test", "server")
    assert seen.handshake.version == "8.19.99"


@pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize(
    "identity", [None, make_ca("alien CA").issue(), NAMESAKE.issue()], ids=["none", "alien", "namesake"]
)
async def test_a_node_that_refuses_us_says_so_and_shows_its_chain(
    stage: Stage, identity: Issued | None, protocol: str
) -> None:
    served = CA.issue("server")
    server = await stage.server(tls=stage.tls(served, [CA], protocols=(protocol,)))
    seen = await dialled(server.port, identity=identity)
    assert seen.outcome == "refused_us", seen.why
    assert seen.served[0] == served.certificate
    assert seen.asked_for_certificate


async def test_a_node_whose_certificate_is_refused_shows_it_all_the_same(stage: Stage) -> None:
    served = make_ca("another CA").intermediate().issue("server")
    server = await stage.server(tls=stage.tls(served, [CA]))
    seen = await dialled(server.port, identity=CA.issue())
    assert seen.outcome == "refused_it"
    assert "no CA trusted here issued it" in seen.why
    assert seen.served[:2] == (served.certificate, *served.chain)


async def test_a_name_that_the_certificate_lacks_is_refused_and_unverified_it_is_not(stage: Stage) -> None:
    server = await stage.server(tls=stage.tls(CA.issue(dns=["other"], ips=[]), [CA]))
    identity = CA.issue()
    assert (await dialled(server.port, identity=identity)).outcome == "refused_it"
    assert (await dialled(server.port, identity=identity, server_name=None)).outcome == "accepted"
    assert (await dialled(server.port, identity=identity, trusted=None)).outcome == "accepted"


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_openssl_that_demands_a_certificate_refuses_a_dial_without(openssl: Start, version: str) -> None:
    port = await openssl(CA.issue(), version, "-Verify", "3", "-verify_return_error")
    assert (await dialled(port, channel="http")).outcome == "refused_us"
    assert (await dialled(port, identity=NAMESAKE.issue(), channel="http")).outcome == "refused_us"
    accepted = await dialled(port, identity=CA.issue(), channel="http")
    assert (accepted.outcome, accepted.speaks) == ("accepted", "HTTP")
    assert accepted.accepted_authorities in ((), (CA.certificate.subject.public_bytes(),))


async def test_openssl_names_the_authorities_that_it_accepts(openssl: Start) -> None:
    port = await openssl(CA.issue(), "-verify", "3")
    seen = await dialled(port, channel="http")
    assert (seen.outcome, seen.asked_for_certificate) == ("accepted", True)
    assert seen.accepted_authorities == (CA.certificate.subject.public_bytes(),)


@pytest.mark.parametrize(
    ("speech", "outcome", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no_tls", "it speaks HTTP without TLS"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no_tls", "it speaks SSH without TLS"),
        (b"ES\xff\xff\xff\xff", "no_tls", "it speaks transport without TLS"),
        (b"\0" * 100_000, "no_tls", "it does not speak TLS"),
        (b"", "unreachable", "closed the connection during the handshake"),
        (None, "unreachable", "said nothing"),
    ],
    ids=["http", "ssh", "transport", "garbage", "hangs up", "silent"],
)
async def test_a_port_that_does_not_speak_tls_is_recognised(
    stage: Stage, speech: bytes | None, outcome: str, words: str
) -> None:
    port = await stage.impostor(speech)
    seen = await dialled(port, timeout=0.3 if speech is None else TIMEOUT)
    assert (seen.outcome, words in seen.why) == (outcome, True), seen.why


async def test_a_closed_port_is_unreachable() -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    seen = await dialled(port)
    assert (seen.outcome, seen.served) == ("unreachable", ())
    assert "takes no connection" in seen.why


async def test_a_port_that_answers_nonsense_inside_tls_is_not_taken_for_accepting(openssl: Start) -> None:
    """`-rev` gives back each line turned around."""
    port = await openssl(CA.issue(), "-rev")
    seen = await dialled(port, channel="http", timeout=TIMEOUT)
    assert (seen.outcome, seen.why) == ("unreachable", "it answers something that is not HTTP")


async def test_endless_handshake_bytes_end_the_dial() -> None:
    async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A ServerHello that announces 16 MiB, in records of 16000 bytes.
        record = b"\x16\x03\x03" + (16000).to_bytes(2) + b"\x02\xff\xff\xff" + bytes(15996)
        try:
            while True:
                writer.write(record)
                await writer.drain()
        except ConnectionError:
            writer.transport.abort()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with server:
        seen = await dialled(int(server.sockets[0].getsockname()[1]))
        assert seen.outcome in ("no_tls", "unreachable")
        assert seen.why
