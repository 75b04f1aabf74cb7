"""Who is refused at the door, and what each side is told."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.certificates import CLIENT, SERVER, Authority, Issued, make_ca, self_signed
from tests.tls.handshakes import channel, config, exchange, shake_hands

Alien = Callable[[Authority, Path], Issued]


def other_ca(_: Authority, __: Path) -> Issued:
    return make_ca("another CA").issue("alien")


def same_name_other_key(ca: Authority, _: Path) -> Issued:
    return make_ca("cluster CA").issue("alien")


def signed_by_itself(_: Authority, __: Path) -> Issued:
    return self_signed("alien")


def expired(ca: Authority, _: Path) -> Issued:
    return ca.issue("alien", days=(-30, -1))


def not_yet_valid(ca: Authority, _: Path) -> Issued:
    return ca.issue("alien", days=(1, 30))


def server_only(ca: Authority, _: Path) -> Issued:
    return ca.issue("alien", usages=[SERVER])


def client_only(ca: Authority, _: Path) -> Issued:
    return ca.issue("alien", usages=[CLIENT])


def leaf_as_ca(ca: Authority, _: Path) -> Issued:
    leaf = ca.issue("leaf")
    issued = Authority(leaf.certificate, leaf.key).issue("alien")
    return Issued(issued.certificate, issued.key, (leaf.certificate,))


def missing_intermediate(ca: Authority, _: Path) -> Issued:
    issued = ca.intermediate().issue("alien")
    return Issued(issued.certificate, issued.key)


def short_rsa_key(ca: Authority, _: Path) -> Issued:
    return ca.issue("alien", key=rsa.generate_private_key(public_exponent=65537, key_size=1024))


def signed_with_sha1(ca: Authority, folder: Path) -> Issued:
    """Made by openssl: `cryptography` no longer signs so."""
    plain = ca.issue("alien")
    ca.write(folder, "signer")
    plain.write(folder, "plain")
    for command in (
        "openssl req -new -key plain.key -subj /CN=alien -out alien.csr",
        "openssl x509 -req -in alien.csr -CA signer.crt -CAkey signer.key -sha1 -days 9 -out sha1.crt -set_serial 7",
    ):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return Issued(x509.load_pem_x509_certificate((folder / "sha1.crt").read_bytes()), plain.key)


REFUSED: list[tuple[Alien, str]] = [
    (other_ca, "no CA trusted here issued it"),
    (same_name_other_key, "the name of a trusted CA but another key"),
    (signed_by_itself, "self-signed"),
    (expired, "expired"),
    (not_yet_valid, "not valid before"),
    (leaf_as_ca, "used as a CA but is none"),
    (missing_intermediate, "neither sent along"),
    (short_rsa_key, "1024|weak|small"),
    (signed_with_sha1, "SHA-?1|weak|sha1"),
]
ROWS = pytest.mark.parametrize(("alien", "why"), REFUSED, ids=[alien.__name__ for alien, _ in REFUSED])


@pytest.fixture
def ca() -> Authority:
    return make_ca("cluster CA")


def context_of(issued: Issued, folder: Path, ca: Authority, *, server: bool) -> ssl.SSLContext:
    """The alien's own side, as careless as it likes: OpenSSL's lowest level, no verification."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(*issued.write(folder / "alien"))
    return context


@ROWS
def test_an_alien_that_dials_in_is_refused_and_explained(alien: Alien, why: str, ca: Authority, tmp_path: Path) -> None:
    issued = alien(ca, tmp_path)
    node = channel(config(tmp_path / "node", ca.issue("node"), [ca.certificate]))
    dialler, listener = shake_hands(
        context_of(issued, tmp_path, ca, server=False), node.server_context, [ca.certificate]
    )
    _assert_refused(listener.refusal, why, issued)
    assert dialler.error is not None, "the alien hears that it was refused"


@ROWS
def test_an_alien_that_is_dialled_is_refused_and_explained(
    alien: Alien, why: str, ca: Authority, tmp_path: Path
) -> None:
    issued = alien(ca, tmp_path)
    node = channel(config(tmp_path / "node", ca.issue("node"), [ca.certificate]))
    dialler, _ = shake_hands(node.client_context, context_of(issued, tmp_path, ca, server=True), [ca.certificate])
    _assert_refused(dialler.refusal, why, issued)


def test_a_certificate_for_servers_alone_does_not_let_a_node_dial_in(ca: Authority, tmp_path: Path) -> None:
    node = channel(config(tmp_path / "node", ca.issue("node"), [ca.certificate]))
    issued = server_only(ca, tmp_path)
    _, listener = shake_hands(context_of(issued, tmp_path, ca, server=False), node.server_context, [ca.certificate])
    _assert_refused(listener.refusal, "clientAuth", issued)


def test_a_certificate_for_clients_alone_does_not_let_a_node_be_dialled(ca: Authority, tmp_path: Path) -> None:
    node = channel(config(tmp_path / "node", ca.issue("node"), [ca.certificate]))
    issued = client_only(ca, tmp_path)
    dialler, _ = shake_hands(node.client_context, context_of(issued, tmp_path, ca, server=True), [ca.certificate])
    _assert_refused(dialler.refusal, "serverAuth", issued)


def test_a_wrong_host_name_is_refused_in_full_mode_and_accepted_in_certificate_mode(
    ca: Authority, tmp_path: Path
) -> None:
    elsewhere = ca.issue("elsewhere", dns=["elsewhere.example.com"], ips=[])
    server = channel(config(tmp_path / "elsewhere", elsewhere, [ca.certificate]))
    for mode, accepted in (("full", False), ("certificate", True)):
        node = channel(config(tmp_path / mode, ca.issue("node"), [ca.certificate], verification_mode=mode))
        dialler, _ = shake_hands(node.client_context, server.server_context, [ca.certificate])
        assert (dialler.error is None) is accepted
        if not accepted:
            _assert_refused(dialler.refusal, "localhost|elsewhere.example.com", elsewhere)


def test_an_ip_address_must_stand_in_the_certificate_too(ca: Authority, tmp_path: Path) -> None:
    node = channel(config(tmp_path / "node", ca.issue("node", ips=["127.0.0.1"]), [ca.certificate]))
    for address, accepted in (("127.0.0.1", True), ("127.0.0.2", False)):
        dialler, _ = shake_hands(node.client_context, node.server_context, [ca.certificate], address)
        assert (dialler.error is None) is accepted


def test_who_shows_no_certificate_is_refused_unless_none_is_required(ca: Authority, tmp_path: Path) -> None:
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    nobody.load_verify_locations(cadata=ca.certificate_pem.decode())
    for wanted, accepted in (("required", False), ("optional", True), ("none", True)):
        folder = tmp_path / wanted
        node = channel(config(folder, ca.issue("node"), [ca.certificate], client_authentication=wanted))
        _, listener = shake_hands(nobody, node.server_context, [ca.certificate])
        assert (listener.error is None) is accepted
        if not accepted:
            assert listener.refusal is not None
            assert "no certificate" in listener.refusal.why


def test_an_alien_is_refused_also_where_a_certificate_is_optional(ca: Authority, tmp_path: Path) -> None:
    node = channel(config(tmp_path / "n", ca.issue("node"), [ca.certificate], client_authentication="optional"))
    issued = other_ca(ca, tmp_path)
    _, listener = shake_hands(context_of(issued, tmp_path, ca, server=False), node.server_context, [ca.certificate])
    _assert_refused(listener.refusal, "no CA trusted here", issued)


def test_tls_1_1_is_refused(ca: Authority, tmp_path: Path) -> None:
    node = channel(config(tmp_path / "node", ca.issue("node"), [ca.certificate]))
    old = context_of(ca.issue("old"), tmp_path, ca, server=False)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = ssl.TLSVersion.TLSv1_1
    _, listener = shake_hands(old, node.server_context)
    assert listener.refusal is not None
    assert "TLS version" in listener.refusal.why


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_trusted_nodes_meet_in_each_version_and_know_each_other(version: str, ca: Authority, tmp_path: Path) -> None:
    middle = ca.intermediate()
    first = channel(config(tmp_path / "a", middle.issue("a"), [ca.certificate], supported_protocols=(version,)))
    second = channel(config(tmp_path / "b", ca.issue("b"), [ca.certificate]))
    dialler, listener = shake_hands(first.client_context, second.server_context)
    assert dialler.error is None
    assert listener.error is None
    from isthmus.tls.witness import peer_identity

    seen = peer_identity(listener.ssl_object)
    assert seen is not None
    assert seen.verified
    assert seen.protocol == version
    assert seen.chain == first.generation.chain
    assert exchange(dialler.ssl_object, listener.ssl_object, b"hello") == b"hello"


def _assert_refused(refusal: object, why: str, alien: Issued) -> None:
    import re

    from isthmus.pki.explain import Refusal, fingerprint

    assert isinstance(refusal, Refusal)
    assert re.search(why, refusal.why), refusal.why
    assert fingerprint(alien.certificate) in refusal.who
    assert "192.0.2.9:40000" in refusal.who
    assert refusal.mend
