"""Handshakes with certificates that a trusted CA issued and that are denied: refused, whichever side began."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from isthmus.pki.explain import fingerprint
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import REFUSED_HERE, peer_identity
from tests.certificates import Authority, Issued, make_ca
from tests.tls.handshakes import BOTH, Side, node, shake_hands


@pytest.fixture
def root() -> Authority:
    return make_ca("root")


@pytest.fixture(params=BOTH)
def pair(request: pytest.FixtureRequest, tmp_path: Path, root: Authority) -> tuple[TlsChannel, TlsChannel]:
    trusted = [root.certificate]
    victim = node(tmp_path / "victim", root.issue("victim"), trusted, (request.param,))
    thief = node(tmp_path / "thief", root.issue("thief"), trusted, (request.param,))
    return victim, thief


def deny(channel: TlsChannel, issued: Issued | TlsChannel) -> None:
    certificate = issued.certificate if isinstance(issued, Issued) else issued.generation.chain[0]
    channel.denied = frozenset({f"sha256:{fingerprint(certificate)}"})


def assert_refused(side: Side, name: str) -> None:
    assert isinstance(side.error, ssl.SSLCertVerificationError)
    assert side.error.verify_code == REFUSED_HERE
    assert side.refusal is not None
    assert f"[CN={name}]" in side.refusal.who
    assert f"[CN={name}] is denied by the entry [sha256:" in side.refusal.why


def test_a_denied_client_is_refused_by_the_server(pair: tuple[TlsChannel, TlsChannel]) -> None:
    victim, thief = pair
    deny(victim, thief)
    _, server = shake_hands(thief.client_context, victim.server_context)
    assert_refused(server, "thief")


def test_a_denied_server_is_refused_by_the_client(pair: tuple[TlsChannel, TlsChannel]) -> None:
    victim, thief = pair
    deny(victim, thief)
    client, _ = shake_hands(victim.client_context, thief.server_context)
    assert_refused(client, "thief")


def test_the_list_holds_from_the_next_handshake_on_for_every_generation(
    pair: tuple[TlsChannel, TlsChannel],
) -> None:
    victim, thief = pair
    assert shake_hands(thief.client_context, victim.server_context)[1].error is None
    deny(victim, thief)
    victim.replace(victim.generation)
    assert shake_hands(thief.client_context, victim.server_context)[1].error is not None
    victim.denied = frozenset()
    assert shake_hands(thief.client_context, victim.server_context)[1].error is None


def test_a_resumed_session_does_not_hide_the_ca_that_was_denied(tmp_path: Path, root: Authority) -> None:
    middle = root.intermediate("middle")
    victim = node(tmp_path / "victim", root.issue("victim"), [root.certificate], ("TLSv1.2",))
    context = ssl.create_default_context(cadata=root.certificate_pem.decode())
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(*middle.issue("thief").write(tmp_path / "thief"))
    client, _ = shake_hands(context, victim.server_context)
    session = client.ssl_object.session
    _, resumed = shake_hands(context, victim.server_context, session=session)
    assert resumed.error is None
    assert resumed.ssl_object.session_reused
    identity = peer_identity(resumed.ssl_object)
    assert identity is not None
    assert [one.subject.rfc4514_string() for one in identity.chain] == ["CN=thief", "CN=middle"]
    deny(victim, middle)
    _, refused = shake_hands(context, victim.server_context, session=session)
    assert isinstance(refused.error, ssl.SSLCertVerificationError)
    assert refused.error.verify_code == REFUSED_HERE


def test_every_handshake_is_counted_by_how_it_ended(tmp_path: Path, pair: tuple[TlsChannel, TlsChannel]) -> None:
    victim, thief = pair
    ended: list[tuple[str, str]] = []
    victim.on_ended = lambda *one: ended.append(one)
    stranger = make_ca("another")
    alien = node(tmp_path / "alien", stranger.issue("alien"), [stranger.certificate])
    shake_hands(thief.client_context, victim.server_context)
    shake_hands(victim.client_context, thief.server_context)
    shake_hands(victim.client_context, alien.server_context)
    deny(victim, thief)
    shake_hands(thief.client_context, victim.server_context)
    shake_hands(alien.client_context, victim.server_context)
    assert ended == [
        ("inbound", "success"),
        ("outbound", "success"),
        ("outbound", "untrusted"),
        ("inbound", "denied"),
        ("inbound", "failure"),
    ]
