"""Every alien meets one live node that requires certificates and checks them in full: refused, and explained.

The aliens dial with `ssl` alone, as careless as OpenSSL lets them be; what a node would have to dial is a real one.
"""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from isthmus.demo.nodes import NodeProcess, wait_for
from tests.certificates import CLIENT, SERVER, Authority, Issued
from tests.live.site import OWNER, SOON, Site, port_of
from tests.tls.handshakes import careless
from tests.tls.test_aliens import (
    Alien,
    dragging_many_along,
    expired,
    leaf_as_ca,
    missing_intermediate,
    nested_too_deep,
    not_yet_valid,
    other_ca,
    same_name_other_key,
    short_rsa_key,
    signed_by_itself,
    signed_with_sha1,
)

pytestmark = pytest.mark.live
VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)


def server_only(ca: Authority, _: Path) -> Issued:
    return ca.issue("alien", usages=[SERVER])


WHO_DIAL_IN: list[tuple[Alien, str, str]] = [
    (other_ca, r"no CA trusted here issued it: .*\[CN=another CA\]", "add its CA to certificate_authorities"),
    (same_name_other_key, "the name of a trusted CA but another key", "issue the certificate anew with that CA"),
    (signed_by_itself, "self-signed and not trusted here", "issue it a certificate of this cluster's CA"),
    (expired, r"its certificate expired on 20\d\d-", "renew it"),
    (not_yet_valid, r"its certificate is not valid before 20\d\d-", "set the clocks"),
    (server_only, "the extended key usage lacks clientAuth", "issue it with both"),
    (leaf_as_ca, "was used as a CA but is none", "issue the certificate with a real CA"),
    (missing_intermediate, r"its issuer \[CN=intermediate CA\] was neither sent", "put the intermediate certificate"),
    (signed_with_sha1, "too weak: .*SHA1", "issue it anew"),
    (short_rsa_key, "too weak: .*1024 bits", "issue it anew"),
]
ALIENS = pytest.mark.parametrize(("alien", "why", "mend"), WHO_DIAL_IN, ids=[row[0].__name__ for row in WHO_DIAL_IN])


@pytest.fixture(scope="module")
def node(shared_site: Site) -> NodeProcess:
    node = shared_site.start(OWNER)
    shared_site.wait_for_members(node, OWNER)
    return node


# Who dials in


@VERSIONS
@ALIENS
def test_an_alien_that_dials_in_is_refused_and_explained(
    alien: Alien, why: str, mend: str, version: ssl.TLSVersion, shared_site: Site, node: NodeProcess, tmp_path: Path
) -> None:
    issued = alien(shared_site.ca, tmp_path)
    address = _is_refused(node, _at(version, careless(tmp_path / "alien", issued, server=False)))
    told = _explained(node, address)
    assert re.search(why, told), told
    assert mend in told
    assert f"[{issued.certificate.subject.rfc4514_string()}]" in told
    assert f"issued by [{issued.certificate.issuer.rfc4514_string()}]" in told
    assert issued.certificate.fingerprint(SHA256()).hex() in told


@VERSIONS
def test_who_shows_no_certificate_is_refused(version: ssl.TLSVersion, node: NodeProcess, tmp_path: Path) -> None:
    address = _is_refused(node, _at(version, careless(tmp_path, None, server=False)))
    told = _explained(node, address)
    assert f"peer [{address}] without a certificate: it presented no certificate, and one is required" in told
    assert "give it a certificate and key of a CA trusted here" in told


def test_tls_1_1_is_refused(shared_site: Site, node: NodeProcess, tmp_path: Path) -> None:
    old = careless(tmp_path, shared_site.ca.issue("old"), server=False)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        _at(ssl.TLSVersion.TLSv1_1, old)
    told = _explained(node, _is_refused(node, old))
    assert "it speaks no TLS version that is enabled on both sides" in told
    assert "enable TLSv1.2 or TLSv1.3" in told


@pytest.mark.parametrize(
    ("speech", "why", "answer"),
    [
        (b"ES\0\0\0\x13" + bytes(19), "without TLS, and TLS is on here", b"\x15\x03"),
        (b"GET / HTTP/1.1\r\nHost: node\r\n\r\n", "plain HTTP, and this is the transport port", b"HTTP/1.1 4"),
        (b"hello, is anybody there?\n", "does not speak TLS", b"\x15\x03"),
    ],
    ids=["frames", "HTTP", "words"],
)
def test_plain_text_is_refused_and_recognised(speech: bytes, why: str, answer: bytes, node: NodeProcess) -> None:
    with socket.create_connection(("127.0.0.1", port_of(node.transport)), SOON) as sock:
        address = _own_address(sock)
        sock.sendall(speech)
        assert sock.makefile("rb").read().startswith(answer)
    assert why in _explained(node, address)


@VERSIONS
@pytest.mark.parametrize("alien", [nested_too_deep, dragging_many_along])
def test_a_chain_that_is_too_long_is_dropped(
    alien: Alien, version: ssl.TLSVersion, shared_site: Site, node: NodeProcess, tmp_path: Path
) -> None:
    issued = alien(shared_site.ca, tmp_path)
    told = _explained(node, _is_dropped(node, _at(version, careless(tmp_path, issued, server=False))))
    assert "its certificate chain is longer than allowed" in told
    assert issued.certificate.fingerprint(SHA256()).hex() in told


@VERSIONS
def test_a_chain_of_hundreds_is_dropped_unread(
    version: ssl.TLSVersion, shared_site: Site, node: NodeProcess, tmp_path: Path
) -> None:
    issued = shared_site.ca.issue("alien")
    huge = Issued(issued.certificate, issued.key, (issued.certificate,) * 500)
    address = _is_dropped(node, _at(version, careless(tmp_path, huge, server=False)))
    assert "more certificates than a handshake may hold" in _explained(node, address)


def test_a_trusted_certificate_opens_the_same_door(shared_site: Site, node: NodeProcess, tmp_path: Path) -> None:
    context = careless(tmp_path, shared_site.ca.issue("trusted"), server=False)
    sock = socket.create_connection(("127.0.0.1", port_of(node.transport)), SOON)
    assert _sign_of_life(sock, context) == _PING


# Who is dialled: a joining node is dialled back


def test_a_node_that_may_only_be_a_client_is_refused(shared_site: Site, node: NodeProcess) -> None:
    issued = shared_site.ca.issue("clientonly", usages=[CLIENT])
    alien = _try_to_join(shared_site, node, "clientonly", issued)
    _both_are_told(
        node, alien, issued, "the extended key usage lacks clientAuth .* or serverAuth", "issue it with both"
    )
    assert shared_site.names(node) == [OWNER]


def test_a_wrong_host_name_is_refused(shared_site: Site, node: NodeProcess) -> None:
    issued = shared_site.ca.issue("elsewhere", dns=["elsewhere.example.com"], ips=[])
    alien = _try_to_join(shared_site, node, "elsewhere", issued)
    why = r"does not hold the name or address \[127\.0\.0\.1\].* it holds .*\[elsewhere\.example\.com\]"
    _both_are_told(node, alien, issued, why, "issue it anew with --dns or --ip for that name")
    assert shared_site.names(node) == [OWNER]


def test_a_wrong_host_name_is_accepted_where_only_the_certificate_is_checked(site: Site) -> None:
    lax = site.start(OWNER, settings={"xpack.security.transport.ssl.verification_mode": "certificate"})
    issued = site.ca.issue("elsewhere", dns=["elsewhere.example.com"], ips=[])
    _try_to_join(site, lax, "elsewhere", issued)
    site.wait_for_members(lax, OWNER, "elsewhere")


def _try_to_join(site: Site, node: NodeProcess, name: str, issued: Issued) -> NodeProcess:
    """Start a node that asks once, lest what it tells is lost among repetitions."""
    return site.start(name, seeds=[node], issued=issued, settings={"discovery.find_peers_interval": "60s"})


def _both_are_told(node: NodeProcess, alien: NodeProcess, issued: Issued, why: str, mend: str) -> None:
    here = str(node.wait_until_logged(f"refused to let [{alien.folder.name}] join")["message"])
    there = str(alien.wait_until_logged("cannot be reached back")["message"])
    for told in (here, there):
        assert re.search(why, told), told
        assert mend in told
        assert alien.transport in told
        assert f"[{issued.certificate.subject.rfc4514_string()}]" in told
        assert issued.certificate.fingerprint(SHA256()).hex() in told
    assert alien.stop() == 0


# After all that; the last test of this module


def test_afterwards_the_node_still_serves_and_has_leaked_no_connection(shared_site: Site, node: NodeProcess) -> None:
    shared_site.wait_for_members(node, OWNER)
    process = psutil.Process(node.pid)

    def listens_only() -> bool:
        return {one.status for one in process.net_connections("inet")} == {psutil.CONN_LISTEN}

    wait_for(listens_only, SOON, "the node to have no connection left")
    errors = [entry for entry in node.log_entries() if entry["log.level"].strip() not in ("INFO", "WARN")]
    assert errors == []


# Dialling


_PING = b"ES\xff\xff\xff\xff"


def _at(version: ssl.TLSVersion, context: ssl.SSLContext) -> ssl.SSLContext:
    context.maximum_version = version
    context.minimum_version = version
    return context


def _is_refused(node: NodeProcess, context: ssl.SSLContext) -> str:
    """Dial and ask for a sign of life; it must end in an alert. Return the address that was dialled from."""
    sock = socket.create_connection(("127.0.0.1", port_of(node.transport)), SOON)
    address = _own_address(sock)
    with sock, pytest.raises(ssl.SSLError, match="ALERT"):
        _sign_of_life(sock, context)
    return address


def _is_dropped(node: NodeProcess, context: ssl.SSLContext) -> str:
    """Dial and ask for a sign of life; there must be none. Return the address that was dialled from."""
    sock = socket.create_connection(("127.0.0.1", port_of(node.transport)), SOON)
    address = _own_address(sock)
    with sock, suppress(ssl.SSLError, ConnectionError):
        assert _sign_of_life(sock, context) == b""
    return address


def _sign_of_life(sock: socket.socket, context: ssl.SSLContext) -> bytes:
    with context.wrap_socket(sock) as tls:
        tls.sendall(_PING)
        return tls.recv(16)


def _own_address(sock: socket.socket) -> str:
    host, port = sock.getsockname()
    return f"{host}:{port}"


def _explained(node: NodeProcess, address: str) -> str:
    entry: dict[str, Any] = node.wait_until_logged(f"refused the connection from [{address}]")
    assert entry["log.level"].strip() == "WARN"
    return str(entry["message"])
