"""What a channel reads, what it refuses to serve, and how one generation gives way to the next."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.pki.bundles import Bundle, bundle_to_pkcs12
from isthmus.tls.ciphers import openssl_name
from isthmus.tls.config import ChannelConfig, PemConfig, StoreConfig
from isthmus.tls.generation import load_generation
from isthmus.tls.witness import MAX_CERTIFICATES, WitnessContext, certificates_of_message
from tests.certificates import Authority, make_ca
from tests.tls.handshakes import PREFIX, channel, config, exchange, shake_hands


@pytest.fixture
def ca() -> Authority:
    return make_ca("cluster CA")


def p12(folder: Path, ca: Authority, password: str) -> ChannelConfig:
    """One PKCS#12 file as keystore and truststore, as users of certutil have it."""
    issued = ca.issue("node")
    path = folder / "node.p12"
    bundle = Bundle(issued.key, issued.certificate, (), (ca.certificate,), "node")
    path.write_bytes(bundle_to_pkcs12(bundle, "s3cret"))
    store = StoreConfig(f"{PREFIX}.keystore.path", path, "pkcs12", password)
    pem = config(folder / "pem", issued, [ca.certificate])
    return replace(pem, identity=store, authorities=(), truststore=None)


def test_one_p12_serves_as_keystore_and_as_truststore(ca: Authority, tmp_path: Path) -> None:
    node = channel(p12(tmp_path, ca, "s3cret"))
    other = channel(config(tmp_path / "other", ca.issue("other"), [ca.certificate]))
    for dialler, listener in ((node, other), (other, node)):
        sides = shake_hands(dialler.client_context, listener.server_context)
        assert [side.error for side in sides] == [None, None]


def test_a_wrong_password_names_the_setting_and_the_file_but_never_the_password(ca: Authority, tmp_path: Path) -> None:
    wrong = p12(tmp_path, ca, "wr0ng-passw0rd")
    with pytest.raises(ConfigError) as caught:
        load_generation(wrong)
    assert f"{PREFIX}.keystore.path" in str(caught.value)
    assert "node.p12" in str(caught.value)
    assert "wr0ng" not in str(caught.value)
    assert "wr0ng" not in repr(wrong)


def test_no_clear_key_and_no_file_is_left_behind(
    ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    original = ssl.SSLContext.load_cert_chain

    def spy(self: ssl.SSLContext, path: str, **options: object) -> None:
        seen.append(Path(path).read_bytes())
        original(self, path, **options)  # type: ignore[arg-type]

    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)
    (tmp_path / "temporary").mkdir()
    load_generation(config(tmp_path / "node", ca.issue("node"), [ca.certificate]))
    assert all(b"BEGIN ENCRYPTED PRIVATE KEY" in data for data in seen)
    assert seen
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("missing", ["certificate", "key"])
def test_a_missing_file_is_named_with_its_setting(missing: str, ca: Authority, tmp_path: Path) -> None:
    found = config(tmp_path, ca.issue("node"), [ca.certificate])
    assert isinstance(found.identity, PemConfig)
    getattr(found.identity, missing).unlink()
    with pytest.raises(ConfigError, match=rf"{PREFIX}\.{missing} .*node\.(crt|key)") as caught:
        load_generation(found)
    assert caught.value.hint


def test_a_key_of_another_certificate_is_refused(ca: Authority, tmp_path: Path) -> None:
    found = config(tmp_path, ca.issue("node"), [ca.certificate])
    assert isinstance(found.identity, PemConfig)
    found.identity.key.write_bytes(ca.issue("other").key_pem)
    with pytest.raises(ConfigError, match="does not belong to the certificate"):
        load_generation(found)


def test_a_transport_that_trusts_nobody_does_not_start(ca: Authority, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no certificate authority is trusted"):
        load_generation(replace(config(tmp_path, ca.issue("node"), [ca.certificate]), authorities=()))


@pytest.mark.parametrize(("days", "word"), [((-9, -1), "expired"), ((1, 9), "valid only from")])
def test_a_node_with_a_certificate_out_of_date_starts_and_says_so(
    days: tuple[int, int], word: str, ca: Authority, tmp_path: Path
) -> None:
    generation = load_generation(config(tmp_path, ca.issue("node", days=days), [ca.certificate]))
    assert len(generation.warnings) == 1
    assert word in generation.warnings[0]


def test_cipher_suites_are_chosen_by_their_iana_names(ca: Authority, tmp_path: Path) -> None:
    suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    node = channel(
        config(tmp_path, ca.issue("n"), [ca.certificate], supported_protocols=("TLSv1.2",), cipher_suites=(suite,))
    )
    dialler, _ = shake_hands(node.client_context, node.server_context)
    cipher = dialler.ssl_object.cipher()
    assert cipher is not None
    assert cipher[0] == openssl_name(suite) == "ECDHE-ECDSA-AES256-GCM-SHA384"


@pytest.mark.parametrize(
    ("suites", "protocols", "word"),
    [
        (("TLS_NO_SUCH_SUITE",), ("TLSv1.2",), "TLS_NO_SUCH_SUITE"),
        (("TLS_RSA_WITH_RC4_128_MD5",), ("TLSv1.2",), "too weak"),
        (("TLS_AES_128_GCM_SHA256",), ("TLSv1.3", "TLSv1.2"), "cannot be chosen one by one"),
        (("ALL:@SECLEVEL=0",), ("TLSv1.2",), "not known"),
    ],
)
def test_a_suite_that_cannot_be_had_is_refused_by_name(
    suites: tuple[str, ...], protocols: tuple[str, ...], word: str, ca: Authority, tmp_path: Path
) -> None:
    asked = config(tmp_path, ca.issue("n"), [ca.certificate], supported_protocols=protocols, cipher_suites=suites)
    with pytest.raises(ConfigError, match=word) as caught:
        load_generation(asked)
    assert caught.value.where == f"{PREFIX}.cipher_suites"


def test_a_new_generation_serves_new_connections_and_open_ones_go_on(ca: Authority, tmp_path: Path) -> None:
    node = channel(config(tmp_path / "node", ca.issue("node"), [ca.certificate]))
    peer = channel(config(tmp_path / "peer", ca.issue("peer"), [ca.certificate]))
    old_dialler, old_listener = shake_hands(peer.client_context, node.server_context)
    new_ca = make_ca("new CA")
    node.replace(load_generation(config(tmp_path / "next", new_ca.issue("node"), [new_ca.certificate])))
    assert exchange(old_dialler.ssl_object, old_listener.ssl_object, b"still here") == b"still here"
    _, refused = shake_hands(peer.client_context, node.server_context, [new_ca.certificate])
    assert refused.error is not None
    renewed = channel(config(tmp_path / "renewed", new_ca.issue("peer"), [new_ca.certificate]))
    sides = shake_hands(renewed.client_context, node.server_context)
    assert [side.error for side in sides] == [None, None]


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_no_session_is_resumed(version: str, ca: Authority, tmp_path: Path) -> None:
    node = channel(config(tmp_path, ca.issue("node"), [ca.certificate], supported_protocols=(version,)))
    dialler, listener = shake_hands(node.client_context, node.server_context)
    exchange(listener.ssl_object, dialler.ssl_object, b"x")
    session = dialler.ssl_object.session
    assert session is None or not session.has_ticket


def test_this_python_lets_us_witness_handshakes() -> None:
    assert hasattr(ssl.SSLContext, "_msg_callback"), "tls.witness needs another way to see refused certificates"
    context = WitnessContext(ssl.PROTOCOL_TLS_SERVER)
    assert context._msg_callback is not None  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("message", [b"", b"\x0b", b"\x0b\0\0\1", b"\x0b\0\0\4\0\0\0\xff\xff\xff", bytes(999)])
def test_a_broken_certificate_message_is_no_harm(message: bytes, version: ssl.TLSVersion) -> None:
    found = certificates_of_message(message, version)
    assert len(found) <= MAX_CERTIFICATES
