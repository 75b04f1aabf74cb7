"""openssl's own client and server meet ours: who is let in, who is turned away with which alert."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import peer_identity
from tests.certificates import Authority, Issued, make_ca
from tests.tls.handshakes import BOTH, explained, node

SECONDS = 20.0
GREETING = b"come in\n"
PROTOCOLS = pytest.mark.parametrize("protocol", BOTH)
FLAGS = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}


@dataclass(frozen=True)
class Meeting:
    """How our side saw it, and all that openssl said."""

    ssl_object: ssl.SSLObject
    error: ssl.SSLError | None
    said: str


@PROTOCOLS
def test_s_client_is_let_in_and_verifies_us(protocol: str, ca: Authority, tmp_path: Path) -> None:
    channel = node(tmp_path / "n", ca.intermediate().issue("n"), [ca.certificate])
    guest = ca.intermediate().issue("guest")
    met = s_client(channel, *identity_options(tmp_path, guest, ca), FLAGS[protocol])
    assert GREETING.decode() in met.said
    assert "Verify return code: 0 (ok)" in met.said
    assert re.search(rf"New, {protocol}, Cipher is", met.said)
    identity = peer_identity(met.ssl_object)
    assert identity is not None
    assert identity.verified
    assert identity.chain == (guest.certificate, *guest.chain)


@PROTOCOLS
def test_s_client_of_another_ca_hears_unknown_ca(protocol: str, ca: Authority, tmp_path: Path) -> None:
    alien = make_ca("another CA").issue("alien")
    channel = node(tmp_path / "n", ca.issue("n"), [ca.certificate])
    met = s_client(channel, *identity_options(tmp_path, alien, ca), FLAGS[protocol])
    assert "alert unknown ca" in met.said
    assert GREETING.decode() not in met.said
    refusal = explained(met.ssl_object, met.error, [ca.certificate])
    assert refusal is not None
    assert "[CN=alien]" in refusal.who
    assert "no CA trusted here issued it" in refusal.why


@pytest.mark.parametrize(
    ("options", "alert"),
    [
        (["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"], "alert protocol version"),
        (["-tls1_2", "-cipher", "AES128-SHA"], "alert handshake failure"),
        (["-tls1_2", "-sigalgs", "ECDSA+SHA1", "-cipher", "DEFAULT:@SECLEVEL=0"], "alert handshake failure"),
    ],
)
def test_s_client_finds_nothing_weak(options: Sequence[str], alert: str, ca: Authority, tmp_path: Path) -> None:
    channel = node(tmp_path / "n", ca.issue("n"), [ca.certificate])
    met = s_client(channel, *identity_options(tmp_path, ca.issue("guest"), ca), *options)
    assert alert in met.said
    assert met.error is not None


@PROTOCOLS
def test_s_client_gets_neither_tickets_nor_compression(protocol: str, ca: Authority, tmp_path: Path) -> None:
    channel = node(tmp_path / "n", ca.issue("n"), [ca.certificate])
    met = s_client(channel, *identity_options(tmp_path, ca.issue("guest"), ca), FLAGS[protocol], "-comp")
    assert GREETING.decode() in met.said
    assert "Compression: NONE" in met.said
    assert "TLS session ticket:" not in met.said
    assert "New Session Ticket arrived" not in met.said


@PROTOCOLS
def test_s_server_is_met_and_its_chain_is_seen(protocol: str, ca: Authority, tmp_path: Path) -> None:
    issued = ca.intermediate().issue("host")
    channel = node(tmp_path / "n", ca.issue("n"), [ca.certificate])
    with s_server(*identity_options(tmp_path, issued, ca), FLAGS[protocol]) as port:
        ssl_object, error = dial(channel, port)
    assert error is None
    identity = peer_identity(ssl_object)
    assert identity is not None
    assert identity.chain == (issued.certificate, *issued.chain)


@PROTOCOLS
def test_s_server_of_another_ca_is_refused_and_seen(protocol: str, ca: Authority, tmp_path: Path) -> None:
    alien = make_ca("another CA").issue("alien")
    channel = node(tmp_path / "n", ca.issue("n"), [ca.certificate])
    with s_server(*identity_options(tmp_path, alien, ca), FLAGS[protocol]) as port:
        refusal = explained(*dial(channel, port), [ca.certificate])
    assert refusal is not None
    assert "[CN=alien]" in refusal.who
    assert "no CA trusted here issued it" in refusal.why


def identity_options(folder: Path, own: Issued, ca: Authority) -> list[str]:
    """What openssl needs to present `own` and to verify against `ca`."""
    certificate, key = own.write(folder, "theirs")
    above = folder / "above.crt"
    above.write_bytes(own.chain_pem.removeprefix(own.certificate_pem))
    authority, _ = ca.write(folder, "authority")
    chain = ["-cert_chain", str(above)] if own.chain else []
    return ["-cert", str(certificate), "-key", str(key), *chain, "-CAfile", str(authority), "-verify_return_error"]


def s_client(channel: TlsChannel, *options: str) -> Meeting:
    """Let `openssl s_client` dial us once; who is let in gets GREETING."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(SECONDS)
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        command = ["openssl", "s_client", "-connect", address, "-verify_ip", "127.0.0.1", "-ign_eof", *options]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            sock, _ = listening.accept()
            with sock:
                ssl_object, error = shake_hands(channel.server_context, sock, greeting=GREETING)
            said, _ = process.communicate(timeout=SECONDS)
    return Meeting(ssl_object, error, said.decode(errors="replace"))


@contextmanager
def s_server(*options: str) -> Iterator[int]:
    """Let `openssl s_server` listen, and verify who dials; gives its port."""
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-Verify", "3", *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        found = (re.match(r"ACCEPT 127\.0\.0\.1:(\d+)", line) for line in process.stdout)
        port = next((int(one[1]) for one in found if one), None)
        assert port is not None, "s_server ended before it listened"
        yield port
        process.kill()


def dial(channel: TlsChannel, port: int) -> tuple[ssl.SSLObject, ssl.SSLError | None]:
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as sock:
        return shake_hands(channel.client_context, sock, server_hostname="127.0.0.1")


def shake_hands(
    context: ssl.SSLContext, sock: socket.socket, *, server_hostname: str | None = None, greeting: bytes = b""
) -> tuple[ssl.SSLObject, ssl.SSLError | None]:
    """Shake hands over a socket and send the alert, if it comes to one, or the greeting."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    ssl_object = context.wrap_bio(incoming, outgoing, server_hostname is None, server_hostname)
    error = None
    while True:
        try:
            ssl_object.do_handshake()
            ssl_object.write(greeting)
            break
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
            _feed(incoming, sock.recv(65536))
        except ssl.SSLError as failure:
            error = failure
            break
    sock.sendall(outgoing.read())
    return ssl_object, error


def _feed(incoming: ssl.MemoryBIO, data: bytes) -> None:
    if data:
        incoming.write(data)
    else:
        incoming.write_eof()
