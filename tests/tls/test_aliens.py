"""Who is refused at the door, and what each side is told."""

from __future__ import annotations

import re
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256

from isthmus.pki.explain import Refusal
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import peer_identity
from tests.certificates import CLIENT, SERVER, Authority, Issued, make_ca, self_signed
from tests.tls.handshakes import BOTH, PEER, careless, exchange, explained, node, shake_hands

Alien = Callable[[Authority, Path], Issued]


def other_ca(_: Authority, __: Path) -> Issued:
    return make_ca("another CA").issue("alien")


def same_name_other_key(_: Authority, __: Path) -> Issued:
    return make_ca("cluster CA").issue("alien")


def signed_by_itself(_: Authority, __: Path) -> Issued:
    return self_signed("alien")


def expired(ca: Authority, _: Path) -> Issued:
    return ca.issue("alien", days=(-30, -1))


def not_yet_valid(ca: Authority, _: Path) -> Issued:
    return ca.issue("alien", days=(1, 30))


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


def nested_too_deep(ca: Authority, _: Path) -> Issued:
    authority = ca
    for level in range(12):
        authority = authority.intermediate(f"CA {level}")
    return authority.issue("alien")


def dragging_many_along(ca: Authority, _: Path) -> Issued:
    issued = ca.issue("alien")
    return Issued(issued.certificate, issued.key, (ca.issue("another").certificate,) * 100)


REFUSED: list[tuple[Alien, str]] = [
    (other_ca, r"no CA trusted here issued it: .*another CA.*trusted are \[CN=cluster CA\] \(sha256 [0-9a-f]{64}\)"),
    (same_name_other_key, "the name of a trusted CA but another key: the CA trusted here has sha256"),
    (signed_by_itself, "self-signed and not trusted"),
    (expired, r"its certificate expired on 20\d\d"),
    (not_yet_valid, r"its certificate is not valid before 20\d\d"),
    (leaf_as_ca, "used as a CA but is none"),
    (missing_intermediate, r"its issuer \[CN=intermediate CA\] was neither sent along nor is it trusted"),
    (short_rsa_key, "too weak: .*1024 bits"),
    (signed_with_sha1, "too weak: .*SHA1"),
    (nested_too_deep, "longer than allowed"),
    (dragging_many_along, "longer than allowed"),
]
ROWS = pytest.mark.parametrize(("alien", "why"), REFUSED, ids=[alien.__name__ for alien, _ in REFUSED])
PROTOCOLS = pytest.mark.parametrize("protocol", BOTH)


@pytest.fixture
def cluster_node(ca: Authority, tmp_path: Path) -> TlsChannel:
    return node(tmp_path / "node", ca.issue("node"), [ca.certificate])


@PROTOCOLS
@ROWS
def test_an_alien_that_dials_in_is_refused_and_explained(
    alien: Alien, why: str, protocol: str, ca: Authority, tmp_path: Path
) -> None:
    issued = alien(ca, tmp_path)
    listening = node(tmp_path / "node", ca.issue("node"), [ca.certificate], (protocol,))
    stranger = careless(tmp_path / "alien", issued, server=False)
    _, listener = shake_hands(stranger, listening.server_context, [ca.certificate])
    _assert_refused(listener.refusal, why, issued)


@PROTOCOLS
@ROWS
def test_an_alien_that_is_dialled_is_refused_and_explained(
    alien: Alien, why: str, protocol: str, ca: Authority, tmp_path: Path
) -> None:
    issued = alien(ca, tmp_path)
    dialling = node(tmp_path / "node", ca.issue("node"), [ca.certificate], (protocol,))
    stranger = careless(tmp_path / "alien", issued, server=True)
    dialler, _ = shake_hands(dialling.client_context, stranger, [ca.certificate])
    _assert_refused(dialler.refusal, why, issued)


@PROTOCOLS
def test_an_alien_hears_why_it_was_refused(protocol: str, ca: Authority, tmp_path: Path) -> None:
    listening = node(tmp_path / "node", ca.issue("node"), [ca.certificate], (protocol,))
    stranger = careless(tmp_path / "alien", other_ca(ca, tmp_path), server=False)
    dialler, _ = shake_hands(stranger, listening.server_context)
    assert dialler.refusal is not None
    assert "our CA is not trusted there" in dialler.refusal.why


def test_a_certificate_for_servers_alone_does_not_let_a_node_dial_in(
    ca: Authority, cluster_node: TlsChannel, tmp_path: Path
) -> None:
    issued = ca.issue("alien", usages=[SERVER])
    stranger = careless(tmp_path / "alien", issued, server=False)
    _, listener = shake_hands(stranger, cluster_node.server_context, [ca.certificate])
    _assert_refused(listener.refusal, "clientAuth", issued)


def test_a_certificate_for_clients_alone_does_not_let_a_node_be_dialled(
    ca: Authority, cluster_node: TlsChannel, tmp_path: Path
) -> None:
    issued = ca.issue("alien", usages=[CLIENT])
    stranger = careless(tmp_path / "alien", issued, server=True)
    dialler, _ = shake_hands(cluster_node.client_context, stranger, [ca.certificate])
    _assert_refused(dialler.refusal, "serverAuth", issued)


@pytest.mark.parametrize("mode", ["full", "certificate", "none"])
def test_a_wrong_host_name_is_refused_in_full_mode_only(mode: str, ca: Authority, tmp_path: Path) -> None:
    elsewhere = ca.issue("elsewhere", dns=["elsewhere.example.com"], ips=[])
    listening = node(tmp_path / "elsewhere", elsewhere, [ca.certificate])
    dialling = node(tmp_path / "node", ca.issue("node"), [ca.certificate], verification_mode=mode)
    dialler, _ = shake_hands(dialling.client_context, listening.server_context, [ca.certificate])
    if mode == "full":
        _assert_refused(dialler.refusal, r"\[localhost\].*elsewhere\.example\.com", elsewhere)
    else:
        assert dialler.error is None


def test_the_name_of_a_node_that_dials_in_is_not_checked(
    ca: Authority, cluster_node: TlsChannel, tmp_path: Path
) -> None:
    roaming = node(tmp_path / "r", ca.issue("roaming", dns=["nowhere.example.com"], ips=[]), [ca.certificate])
    sides = shake_hands(roaming.client_context, cluster_node.server_context)
    assert [side.error for side in sides] == [None, None]


@pytest.mark.parametrize(("address", "accepted"), [("127.0.0.1", True), ("127.0.0.2", False)])
def test_an_ip_address_must_stand_in_the_certificate_too(
    address: str, accepted: bool, ca: Authority, cluster_node: TlsChannel
) -> None:
    dialler, _ = shake_hands(cluster_node.client_context, cluster_node.server_context, [ca.certificate], address)
    assert (dialler.error is None) is accepted


@PROTOCOLS
@pytest.mark.parametrize(("wanted", "accepted"), [("required", False), ("optional", True), ("none", True)])
def test_who_shows_no_certificate_is_refused_only_where_one_is_required(
    wanted: str, accepted: bool, protocol: str, ca: Authority, tmp_path: Path
) -> None:
    nobody = careless(tmp_path, None, server=False)
    listening = node(tmp_path, ca.issue("node"), [ca.certificate], (protocol,), client_authentication=wanted)
    _, listener = shake_hands(nobody, listening.server_context, [ca.certificate])
    assert (listener.error is None) is accepted
    if accepted:
        assert peer_identity(listener.ssl_object) is None
    else:
        assert listener.refusal is not None
        assert "no certificate" in listener.refusal.why


def test_an_alien_is_refused_also_where_a_certificate_is_optional(ca: Authority, tmp_path: Path) -> None:
    listening = node(tmp_path / "n", ca.issue("node"), [ca.certificate], client_authentication="optional")
    issued = other_ca(ca, tmp_path)
    _, listener = shake_hands(careless(tmp_path, issued, server=False), listening.server_context, [ca.certificate])
    _assert_refused(listener.refusal, "no CA trusted here", issued)


def test_who_is_not_verified_is_known_as_such(ca: Authority, tmp_path: Path) -> None:
    dialling = node(tmp_path / "n", ca.issue("node"), [ca.certificate], verification_mode="none")
    issued = other_ca(ca, tmp_path)
    dialler, _ = shake_hands(dialling.client_context, careless(tmp_path / "a", issued, server=True))
    identity = peer_identity(dialler.ssl_object)
    assert identity is not None
    assert identity.chain[0] == issued.certificate
    assert not identity.verified


def test_tls_1_1_is_refused(ca: Authority, cluster_node: TlsChannel, tmp_path: Path) -> None:
    old = careless(tmp_path / "old", ca.issue("old"), server=False)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = ssl.TLSVersion.TLSv1_1
    _, listener = shake_hands(old, cluster_node.server_context)
    assert listener.refusal is not None
    assert "TLS version" in listener.refusal.why


@pytest.mark.parametrize(
    ("speech", "why"),
    [(b"GET / HTTP/1.1\r\nHost: node\r\n\r\n", "plain HTTP on a TLS port"), (b"ES\0\0\0\x20\0\0", "did not speak TLS")],
)
def test_plain_text_is_refused_and_recognised(speech: bytes, why: str, cluster_node: TlsChannel) -> None:
    incoming = ssl.MemoryBIO()
    listener = cluster_node.server_context.wrap_bio(incoming, ssl.MemoryBIO(), server_side=True)
    incoming.write(speech)
    with pytest.raises(ssl.SSLError) as caught:
        listener.do_handshake()
    refusal = explained(listener, caught.value, [])
    assert refusal is not None
    assert why in refusal.why
    assert refusal.mend


@PROTOCOLS
def test_more_than_openssl_takes_is_refused_unread(protocol: str, ca: Authority, tmp_path: Path) -> None:
    issued = ca.issue("alien")
    huge = Issued(issued.certificate, issued.key, (ca.issue("another").certificate,) * 300)
    listening = node(tmp_path / "node", ca.issue("node"), [ca.certificate], (protocol,))
    _, listener = shake_hands(careless(tmp_path, huge, server=False), listening.server_context)
    assert listener.error is not None
    assert listener.error.reason == "EXCESSIVE_MESSAGE_SIZE"
    assert listener.ssl_object.presented == ()  # type: ignore[attr-defined]


@PROTOCOLS
def test_trusted_nodes_meet_in_each_version_and_know_each_other(protocol: str, ca: Authority, tmp_path: Path) -> None:
    first = node(tmp_path / "a", ca.intermediate().issue("a"), [ca.certificate], (protocol,))
    second = node(tmp_path / "b", ca.issue("b"), [ca.certificate])
    dialler, listener = shake_hands(first.client_context, second.server_context)
    assert (dialler.error, listener.error) == (None, None)
    seen = peer_identity(listener.ssl_object)
    assert seen is not None
    assert seen.verified
    assert seen.protocol == protocol
    assert seen.chain == first.generation.chain
    assert len(seen.chain) == 2
    assert exchange(dialler.ssl_object, listener.ssl_object, b"hello") == b"hello"


def test_a_trusted_intermediate_is_enough_without_its_root(ca: Authority, tmp_path: Path) -> None:
    middle = ca.intermediate()
    first = node(tmp_path / "a", middle.issue("a"), [middle.certificate])
    second = node(tmp_path / "b", middle.issue("b"), [middle.certificate])
    dialler, listener = shake_hands(first.client_context, second.server_context)
    assert (dialler.error, listener.error) == (None, None)


def test_a_ca_without_key_usage_is_no_alien(tmp_path: Path) -> None:
    """Elasticsearch's certutil made such CAs for years; strict verification would cut their clusters in two."""
    ca = make_ca("old CA", key_usage=False)
    first, second = (node(tmp_path / name, ca.issue(name), [ca.certificate]) for name in ("a", "b"))
    sides = shake_hands(first.client_context, second.server_context)
    assert [side.error for side in sides] == [None, None]


def test_a_certificate_that_is_trusted_by_mistake_opens_no_door(ca: Authority, tmp_path: Path) -> None:
    """Java trusts a leaf in a truststore beyond its CA and its dates; then nobody notices that it expired."""
    alien = make_ca("another CA").issue("alien")
    listening = node(tmp_path / "node", ca.issue("node"), [ca.certificate, alien.certificate])
    assert any("[CN=alien] is among the trusted" in warning for warning in listening.generation.warnings)
    _, listener = shake_hands(careless(tmp_path, alien, server=False), listening.server_context, [ca.certificate])
    _assert_refused(listener.refusal, "no CA trusted here", alien)


def _assert_refused(refusal: Refusal | None, why: str, alien: Issued) -> None:
    assert refusal is not None
    assert re.search(why, refusal.why), refusal.why
    assert alien.certificate.fingerprint(SHA256()).hex() in refusal.who
    assert f"issued by [{alien.certificate.issuer.rfc4514_string()}]" in refusal.who
    assert PEER in refusal.who
    assert refusal.mend
