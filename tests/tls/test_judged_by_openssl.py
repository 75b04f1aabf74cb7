"""openssl's own client and server meet ours: what is accepted, what is refused, what is resumed."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509

from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import WitnessedObject, peer_identity, presented_by
from tests.certificates import Authority, Issued, make_ca
from tests.tls.handshakes import BOTH, config, explained

SECONDS = 20.0
PROTOCOLS = pytest.mark.parametrize("protocol", BOTH)


class Doorkeeper:
    """A listener of ours; it says in `guests` who came in and in `refused` who did not and why."""

    def __init__(self, channel: TlsChannel) -> None:
        self.channel = channel
        self.guests: list[str] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._greet, "127.0.0.1", 0, ssl=self.channel.server_context)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        identity = peer_identity(writer.get_extra_info("ssl_object"))
        self.guests.append(identity.chain[0].subject.rfc4514_string() if identity else "nobody")
        writer.write(b"come in\n")
        await reader.read()
        writer.close()


def arguments(folder: Path, own: Issued, ca: Authority) -> list[str]:
    """What openssl needs to present `own` and to trust `ca`."""
    certificate, key = own.write(folder, "theirs")
    authority, _ = ca.write(folder, "authority")
    above = ["-cert_chain", str(certificate)] if own.chain else []
    return ["-cert", str(certificate), "-key", str(key), *above, "-CAfile", str(authority), "-verify_return_error"]


async def s_client(port: int, *options: str) -> str:
    """Let `openssl s_client` connect, read and leave; return all it said."""
    process = await asyncio.create_subprocess_exec(
        "openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-verify_ip", "127.0.0.1", *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    said = b""
    async with asyncio.timeout(SECONDS):
        while b"come in" not in said and (line := await process.stdout.readline()):
            said += line
        process.stdin.close()
        said += await process.stdout.read()
        await process.wait()
    return said.decode(errors="replace")


@PROTOCOLS
async def test_openssl_s_client_is_let_in_and_verifies_us(protocol: str, ca: Authority, tmp_path: Path) -> None:
    channel = TlsChannel(config(tmp_path / "n", ca.intermediate().issue("n"), [ca.certificate]))
    door = Doorkeeper(channel)
    async with door.listening() as port:
        said = await s_client(port, *arguments(tmp_path, ca.issue("guest"), ca), _flag(protocol))
    assert "come in" in said
    assert "Verify return code: 0 (ok)" in said
    assert re.search(rf"New, {protocol}, Cipher is", said)
    assert door.guests == ["CN=guest"]


@PROTOCOLS
async def test_openssl_s_client_of_another_ca_is_turned_away_with_the_alert_unknown_ca(
    protocol: str, ca: Authority, tmp_path: Path
) -> None:
    told: list[tuple[ssl.SSLError, WitnessedObject]] = []
    asked = config(tmp_path / "n", ca.issue("n"), [ca.certificate])
    door = Doorkeeper(TlsChannel(asked, lambda error, connection: told.append((error, connection))))
    alien = make_ca("another CA").issue("alien")
    async with door.listening() as port:
        said = await s_client(port, *arguments(tmp_path, alien, ca), _flag(protocol))
    assert "alert unknown ca" in said
    assert "come in" not in said
    assert door.guests == []
    ((error, connection),) = told
    refusal = explained(connection, error, [ca.certificate])
    assert refusal is not None
    assert "[CN=alien]" in refusal.who
    assert "no CA trusted here issued it" in refusal.why


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"], "alert protocol version"),
        (["-tls1_2", "-cipher", "AES128-SHA"], "alert handshake failure"),
        (["-tls1_2", "-sigalgs", "ECDSA+SHA1", "-cipher", "DEFAULT:@SECLEVEL=0"], "alert handshake failure"),
    ],
)
async def test_openssl_s_client_finds_nothing_weak(
    options: Sequence[str], said: str, ca: Authority, tmp_path: Path
) -> None:
    door = Doorkeeper(TlsChannel(config(tmp_path / "n", ca.issue("n"), [ca.certificate])))
    async with door.listening() as port:
        assert said in await s_client(port, *arguments(tmp_path, ca.issue("guest"), ca), *options)
    assert door.guests == []


async def test_openssl_s_client_gets_neither_tickets_nor_compression_nor_renegotiation(
    ca: Authority, tmp_path: Path
) -> None:
    door = Doorkeeper(TlsChannel(config(tmp_path / "n", ca.issue("n"), [ca.certificate])))
    async with door.listening() as port:
        for flag in ("-tls1_2", "-tls1_3"):
            said = await s_client(port, *arguments(tmp_path, ca.issue("guest"), ca), flag, "-comp")
            assert "Compression: NONE" in said
            assert "TLS session ticket:" not in said
            assert "New Session Ticket arrived" not in said


@asynccontextmanager
async def s_server(*options: str) -> AsyncIterator[int]:
    """Let `openssl s_server` listen and verify who dials."""
    process = await asyncio.create_subprocess_exec(
        "openssl", "s_server", "-accept", "127.0.0.1:0", "-Verify", "3", *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(SECONDS):
            while (found := re.search(rb"^ACCEPT 127\.0\.0\.1:(\d+)", await process.stdout.readline())) is None:
                assert process.returncode is None
        yield int(found[1])
    finally:
        process.kill()
        await process.communicate()


async def meet(port: int, channel: TlsChannel) -> tuple[x509.Certificate, ...]:
    """Dial openssl's server and return whom we met."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=channel.client_context)
    identity = peer_identity(writer.get_extra_info("ssl_object"))
    writer.transport.abort()
    assert identity is not None
    assert identity.verified
    return identity.chain


@PROTOCOLS
async def test_openssl_s_server_is_met_and_its_chain_is_seen(protocol: str, ca: Authority, tmp_path: Path) -> None:
    issued = ca.intermediate().issue("host")
    channel = TlsChannel(config(tmp_path / "n", ca.issue("n"), [ca.certificate]))
    async with s_server(*arguments(tmp_path, issued, ca), _flag(protocol)) as port:
        assert await meet(port, channel) == (issued.certificate, *issued.chain)


@PROTOCOLS
async def test_openssl_s_server_of_another_ca_is_refused_and_seen(protocol: str, ca: Authority, tmp_path: Path) -> None:
    alien = make_ca("another CA").issue("alien")
    channel = TlsChannel(config(tmp_path / "n", ca.issue("n"), [ca.certificate]))
    seen: list[tuple[ssl.SSLError, WitnessedObject]] = []
    context = channel.generation.client_context
    context.on_failed = lambda error, connection: seen.append((error, connection))  # type: ignore[attr-defined]
    async with s_server(*arguments(tmp_path, alien, ca), _flag(protocol)) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await meet(port, channel)
    ((_, connection),) = seen
    assert presented_by(connection) == (alien.certificate,)


def _flag(protocol: str) -> str:
    return {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}[protocol]
