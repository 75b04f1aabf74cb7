"""What is remembered of a peer, and what it may cost."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.pki.verify import MAX_CHAIN
from isthmus.tls import witness
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import (
    WitnessContext,
    WitnessedObject,
    certificates_of_message,
    peer_identity,
    presented_by,
)
from tests.certificates import Authority, make_ca
from tests.tls.handshakes import BOTH, careless, config, exchange, node, shake_hands

VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


def message(certificates: list[bytes], version: ssl.TLSVersion) -> bytes:
    """A Certificate message as RFC 5246 7.4.2 and RFC 8446 4.4.2 have it."""
    tls13 = version == ssl.TLSVersion.TLSv1_3
    entries = b"".join(len(one).to_bytes(3) + one + (b"\0\0" if tls13 else b"") for one in certificates)
    body = (b"\0" if tls13 else b"") + len(entries).to_bytes(3) + entries
    return b"\x0b" + len(body).to_bytes(3) + body


def test_this_python_lets_us_witness_handshakes() -> None:
    assert hasattr(ssl.SSLContext, "_msg_callback"), "tls.witness needs another way to see refused certificates"
    context = WitnessContext(ssl.PROTOCOL_TLS_SERVER)
    assert context._msg_callback is not None  # type: ignore[attr-defined]


@VERSIONS
@given(certificates=st.lists(st.binary(max_size=300), max_size=MAX_CHAIN + 5))
def test_the_certificates_of_a_message_are_found(version: ssl.TLSVersion, certificates: list[bytes]) -> None:
    assert certificates_of_message(message(certificates, version), version) == certificates[: MAX_CHAIN + 1]


@VERSIONS
@given(broken=st.binary(max_size=200))
def test_a_broken_message_is_no_harm(version: ssl.TLSVersion, broken: bytes) -> None:
    found = certificates_of_message(broken, version)
    assert len(found) <= MAX_CHAIN + 1
    assert sum(len(one) for one in found) <= len(broken)


@pytest.mark.parametrize("protocol", BOTH)
def test_after_the_handshake_nothing_listens_any_more(protocol: str, ca: Authority, tmp_path: Path) -> None:
    one = node(tmp_path / "one", ca.issue("one"), [ca.certificate], (protocol,))
    for side in shake_hands(one.client_context, one.server_context):
        assert isinstance(side.ssl_object, WitnessedObject)
        assert side.ssl_object.context._msg_callback is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("protocol", BOTH)
def test_a_failed_inbound_handshake_is_told_once_with_what_was_presented(
    protocol: str, ca: Authority, tmp_path: Path
) -> None:
    told: list[tuple[ssl.SSLError, tuple[object, ...]]] = []
    asked = config(tmp_path / "node", ca.issue("node"), [ca.certificate], supported_protocols=(protocol,))
    listening = TlsChannel(asked, lambda error, connection: told.append((error, presented_by(connection))))
    alien = make_ca("another CA").issue("alien")
    shake_hands(careless(tmp_path, alien, server=False), listening.server_context)
    ((error, presented),) = told
    assert isinstance(error, ssl.SSLCertVerificationError)
    assert presented == (alien.certificate,)
    trusted = node(tmp_path / "other", ca.issue("other"), [ca.certificate])
    shake_hands(trusted.client_context, listening.server_context)
    assert len(told) == 1


def test_plain_ssl_objects_are_nobody() -> None:
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)
    assert peer_identity(stranger) is None
    assert peer_identity(None) is None
    assert presented_by(stranger) == ()


# Resumption


def test_tls_1_3_resumes_nothing(ca: Authority, tmp_path: Path) -> None:
    listening = node(tmp_path / "node", ca.issue("node"), [ca.certificate], ("TLSv1.3",))
    client = careless(tmp_path, ca.issue("client"), server=False)
    dialler, listener = shake_hands(client, listening.server_context)
    exchange(listener.ssl_object, dialler.ssl_object, b"what follows the handshake would bring a ticket")
    session = dialler.ssl_object.session
    assert session is not None
    assert not session.has_ticket
    again, _ = shake_hands(client, listening.server_context, session=session)
    assert again.error is None
    assert not again.ssl_object.session_reused


def test_tls_1_2_resumes_within_one_generation_only(ca: Authority, tmp_path: Path) -> None:
    listening = node(tmp_path / "node", ca.issue("node"), [ca.certificate], ("TLSv1.2",))
    issued = ca.issue("client")
    client = careless(tmp_path, issued, server=False)
    dialler, _ = shake_hands(client, listening.server_context)
    session = dialler.ssl_object.session
    assert session is not None
    assert not session.has_ticket

    again, listener = shake_hands(client, listening.server_context, session=session)
    assert again.ssl_object.session_reused
    identity = peer_identity(listener.ssl_object)
    assert identity is not None
    assert identity.verified
    assert identity.chain == (issued.certificate,)

    listening.replace(node(tmp_path / "next", ca.issue("next"), [ca.certificate], ("TLSv1.2",)).generation)
    after, _ = shake_hands(client, listening.server_context, session=session)
    assert after.error is None
    assert not after.ssl_object.session_reused


def test_a_client_of_the_old_ca_is_refused_also_when_it_resumes(ca: Authority, tmp_path: Path) -> None:
    listening = node(tmp_path / "node", ca.issue("node"), [ca.certificate], ("TLSv1.2",))
    client = careless(tmp_path, ca.issue("client"), server=False)
    dialler, _ = shake_hands(client, listening.server_context)
    session = dialler.ssl_object.session
    new_ca = make_ca("new CA")
    listening.replace(node(tmp_path / "next", new_ca.issue("node"), [new_ca.certificate], ("TLSv1.2",)).generation)
    _, listener = shake_hands(client, listening.server_context, [new_ca.certificate], session=session)
    assert listener.refusal is not None
    assert "no CA trusted here issued it" in listener.refusal.why


def test_a_session_does_not_outlive_its_certificate(
    ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = node(tmp_path / "node", ca.issue("node"), [ca.certificate], ("TLSv1.2",))
    issued = ca.issue("client", days=(-1, 1))
    client = careless(tmp_path, issued, server=False)
    dialler, _ = shake_hands(client, listening.server_context)
    monkeypatch.setattr(witness, "_now", lambda: datetime.now(UTC) + timedelta(days=2))
    _, listener = shake_hands(client, listening.server_context, [ca.certificate], session=dialler.ssl_object.session)
    assert listener.refusal is not None
    assert "its certificate expired on" in listener.refusal.why
    assert issued.certificate.fingerprint(issued.certificate.signature_hash_algorithm).hex() in listener.refusal.who  # type: ignore[arg-type]
