"""What a channel reads, and what it refuses to serve."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)

from isthmus.errors import ConfigError
from isthmus.pki.bundles import Bundle, bundle_to_pkcs12
from isthmus.tls.cautions import cautions
from isthmus.tls.config import ChannelConfig, PemConfig, StoreConfig
from isthmus.tls.generation import load_generation
from isthmus.tls.live import TlsChannel
from tests.certificates import CLIENT, SERVER, Authority, make_ca
from tests.tls.handshakes import PREFIX, channel, config, shake_hands

Spoil = Callable[[PemConfig, Authority], object]


def p12(folder: Path, ca: Authority, password: str) -> ChannelConfig:
    """One PKCS#12 file as keystore and truststore, as users of certutil have it."""
    issued = ca.issue("node")
    path = folder / "node.p12"
    bundle = Bundle(issued.key, issued.certificate, (), (ca.certificate,), "node")
    path.write_bytes(bundle_to_pkcs12(bundle, "s3cret"))
    store = StoreConfig(f"{PREFIX}.keystore.path", path, "pkcs12", password)
    pem = config(folder / "pem", issued, [ca.certificate])
    return replace(pem, identity=store, authorities=(), truststore=None)


def _assert_meets(node: TlsChannel, ca: Authority, folder: Path) -> None:
    other = channel(config(folder / "other", ca.issue("other"), [ca.certificate]))
    for dialler, listener in ((node, other), (other, node)):
        sides = shake_hands(dialler.client_context, listener.server_context)
        assert [side.error for side in sides] == [None, None]


# What is read


def test_one_p12_serves_as_keystore_and_as_truststore(ca: Authority, tmp_path: Path) -> None:
    node = channel(p12(tmp_path, ca, "s3cret"))
    assert node.generation.trusted == (ca.certificate,)
    _assert_meets(node, ca, tmp_path)


def test_a_p12_of_openssl_serves_as_keystore(ca: Authority, tmp_path: Path) -> None:
    """It marks no certificate as trusted, so the trust must be said apart."""
    middle = ca.intermediate()
    issued = middle.issue("node")
    path = tmp_path / "node.p12"
    encryption = BestAvailableEncryption(b"s3cret")
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"n", issued.key, issued.certificate, issued.chain, encryption)
    )
    store = StoreConfig(f"{PREFIX}.keystore.path", path, "pkcs12", "s3cret")
    asked = replace(config(tmp_path / "pem", issued, [ca.certificate]), identity=store)
    _assert_meets(channel(asked), ca, tmp_path)
    with pytest.raises(ConfigError, match="no certificate authority is trusted"):
        load_generation(replace(asked, authorities=()))


@pytest.mark.parametrize("kind", ["jks", "pkcs12"])
def test_a_truststore_of_keytool_is_trusted(kind: str, ca: Authority, tmp_path: Path, keytool: str) -> None:
    path = tmp_path / "trust"
    ca.write(tmp_path, "ca")
    command = (
        f"{keytool} -importcert -noprompt -alias ca -file ca.crt -keystore {path} -storepass s3cret -storetype {kind}"
    )
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    truststore = StoreConfig(f"{PREFIX}.truststore.path", path, kind, "s3cret")
    asked = replace(config(tmp_path / "n", ca.issue("n"), []), authorities=(), truststore=truststore)
    _assert_meets(channel(asked), ca, tmp_path)


def test_an_encrypted_key_is_opened_with_its_passphrase(ca: Authority, tmp_path: Path) -> None:
    asked = _with_encrypted_key(ca, tmp_path, "s3cret")
    _assert_meets(channel(asked), ca, tmp_path)


def test_every_certificate_is_shown_with_the_file_it_came_from(ca: Authority, tmp_path: Path) -> None:
    issued = ca.intermediate().issue("node")
    sources = load_generation(config(tmp_path, issued, [ca.certificate])).sources
    assert [(Path(one.path).name, one.format, one.certificate, one.has_private_key) for one in sources] == [
        ("node.crt", "PEM", issued.certificate, True),
        ("node.crt", "PEM", issued.chain[0], False),
        ("ca.crt", "PEM", ca.certificate, False),
    ]


def test_certificates_of_a_store_are_shown_with_their_aliases(ca: Authority, tmp_path: Path) -> None:
    asked = p12(tmp_path, ca, "s3cret")
    shown = [(one.alias, one.certificate) for one in load_generation(asked).sources]
    assert shown == [("node", shown[0][1]), ("node", ca.certificate), ("ca", ca.certificate)]
    assert isinstance(asked.identity, StoreConfig)
    as_trust = replace(config(tmp_path / "n", ca.issue("n"), []), authorities=(), truststore=asked.identity)
    assert ("ca", ca.certificate) in [(one.alias, one.certificate) for one in load_generation(as_trust).sources]


def test_who_only_dials_needs_no_certificate_of_its_own(ca: Authority, tmp_path: Path) -> None:
    asked = replace(config(tmp_path, ca.issue("node"), [ca.certificate]), identity=None)
    assert load_generation(asked).server_context is None
    with pytest.raises(ConfigError, match="no certificate to serve"):
        channel(asked).server_context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)


def test_http_needs_no_trust_as_long_as_it_asks_for_no_certificates(ca: Authority, tmp_path: Path) -> None:
    asked = replace(
        config(tmp_path, ca.issue("node"), [], client_authentication="none"),
        prefix="xpack.security.http.ssl",
        authorities=(),
    )
    assert load_generation(asked).trusted == ()
    with pytest.raises(ConfigError, match="no certificate authority is trusted"):
        load_generation(replace(asked, client_authentication="optional"))


# What is refused


def test_a_wrong_password_names_the_setting_and_the_file_but_never_the_password(ca: Authority, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_generation(p12(tmp_path, ca, "wr0ng-passw0rd"))
    assert f"{PREFIX}.keystore.path" in str(caught.value)
    assert "node.p12" in str(caught.value)
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize("passphrase", [None, "wr0ng"])
def test_a_missing_or_wrong_passphrase_names_the_key_and_never_the_passphrase(
    passphrase: str | None, ca: Authority, tmp_path: Path
) -> None:
    asked = _with_encrypted_key(ca, tmp_path, passphrase)
    with pytest.raises(ConfigError, match=rf"{PREFIX}\.key \[.*node\.key\]") as caught:
        load_generation(asked)
    assert caught.value.hint
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize("missing", ["certificate", "key"])
def test_a_missing_file_is_named_with_its_setting(missing: str, ca: Authority, tmp_path: Path) -> None:
    asked = config(tmp_path, ca.issue("node"), [ca.certificate])
    getattr(asked.identity, missing).unlink()
    with pytest.raises(ConfigError, match=rf"{PREFIX}\.{missing} .*node\.(crt|key)") as caught:
        load_generation(asked)
    assert caught.value.hint


SPOILT: list[tuple[Spoil, str, str]] = [
    (lambda pem, ca: pem.key.write_bytes(ca.issue("other").key_pem), "key", "does not belong to the certificate"),
    (lambda pem, ca: pem.key.write_text("rubbish"), "key", "key"),
    (lambda pem, ca: pem.certificate.write_bytes(b""), "certificate", "holds no certificate"),
    (lambda pem, ca: pem.certificate.write_bytes(ca.key_pem), "certificate", "holds no certificate"),
]


@pytest.mark.parametrize(("spoil", "setting", "why"), SPOILT)
def test_files_that_cannot_serve_are_refused_by_setting_and_file(
    spoil: Spoil, setting: str, why: str, ca: Authority, tmp_path: Path
) -> None:
    asked = config(tmp_path, ca.issue("node"), [ca.certificate])
    assert isinstance(asked.identity, PemConfig)
    spoil(asked.identity, ca)
    with pytest.raises(ConfigError, match=why) as caught:
        load_generation(asked)
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"{PREFIX}.{setting} [")
    assert caught.value.hint


def test_an_own_key_that_peers_would_refuse_is_refused_at_once(ca: Authority, tmp_path: Path) -> None:
    weak = ca.issue("node", key=rsa.generate_private_key(public_exponent=65537, key_size=1024))
    with pytest.raises(ConfigError, match="ee key too small") as caught:
        load_generation(config(tmp_path, weak, [ca.certificate]))
    assert caught.value.where == f"{PREFIX}.certificate [{tmp_path / 'node.crt'}]"


@pytest.mark.parametrize("content", ["", "rubbish"])
def test_a_ca_file_without_a_certificate_is_refused(content: str, ca: Authority, tmp_path: Path) -> None:
    asked = config(tmp_path, ca.issue("node"), [ca.certificate])
    asked.authorities[0].write_text(content)
    with pytest.raises(ConfigError, match="holds no certificate") as caught:
        load_generation(asked)
    assert caught.value.where == f"{PREFIX}.certificate_authorities [{asked.authorities[0]}]"


def test_a_truststore_that_trusts_nobody_is_refused(ca: Authority, tmp_path: Path) -> None:
    path = tmp_path / "trust.p12"
    issued = ca.issue("node")
    path.write_bytes(bundle_to_pkcs12(Bundle(issued.key, issued.certificate, (), (), "node"), "s3cret"))
    truststore = StoreConfig(f"{PREFIX}.truststore.path", path, "pkcs12", "s3cret")
    with pytest.raises(ConfigError, match="holds no trusted certificate") as caught:
        load_generation(replace(config(tmp_path, issued, []), authorities=(), truststore=truststore))
    assert caught.value.where == f"{PREFIX}.truststore.path [{path}]"


def test_a_transport_that_trusts_nobody_does_not_start(ca: Authority, tmp_path: Path) -> None:
    """Elasticsearch would take the public CAs of Java; these must not open a transport."""
    asked = config(tmp_path, ca.issue("node"), [ca.certificate])
    with pytest.raises(ConfigError, match="no certificate authority is trusted"):
        load_generation(replace(asked, authorities=()))
    with pytest.raises(ConfigError, match="no certificate authority is trusted"):
        load_generation(replace(asked, authorities=(), client_authentication="none"))
    leaf_only = config(tmp_path, ca.issue("node"), [ca.issue("leaf").certificate])
    with pytest.raises(ConfigError, match="no certificate authority is trusted"):
        load_generation(leaf_only)


def test_no_tls_version_at_all_is_refused(ca: Authority, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no TLS version") as caught:
        load_generation(config(tmp_path, ca.issue("n"), [ca.certificate], supported_protocols=()))
    assert caught.value.where == f"{PREFIX}.supported_protocols"


# Doubts


def test_a_node_with_a_certificate_of_the_future_starts_and_says_so(ca: Authority, tmp_path: Path) -> None:
    generation = load_generation(config(tmp_path, ca.issue("node", days=(1, 9)), [ca.certificate]))
    assert len(generation.warnings) == 1
    assert "[CN=node] is valid only from" in generation.warnings[0]


def test_an_expired_certificate_does_not_keep_a_node_from_starting(ca: Authority, tmp_path: Path) -> None:
    issued = ca.issue("node", days=(-9, -1))
    assert load_generation(config(tmp_path, issued, [ca.certificate])).chain == (issued.certificate,)


def test_what_other_nodes_would_refuse_is_said_at_the_start(ca: Authority, tmp_path: Path) -> None:
    for issued, words in (
        (ca.issue("a", usages=[SERVER]), "lacks the extended key usage clientAuth;"),
        (ca.issue("b", usages=[CLIENT]), "lacks the extended key usage serverAuth;"),
        (make_ca("another CA").issue("c"), "leads to no CA that is trusted here"),
    ):
        (warning,) = load_generation(config(tmp_path / words[:3], issued, [ca.certificate])).warnings
        assert words in warning
        assert warning.startswith(PREFIX)


def test_verifying_nobody_is_said_loudly(ca: Authority, tmp_path: Path) -> None:
    asked = config(tmp_path, ca.issue("node"), [ca.certificate], verification_mode="none")
    (warning,) = load_generation(asked).warnings
    assert "verification_mode is none" in warning


def test_a_trusted_ca_of_the_future_is_said(ca: Authority, tmp_path: Path) -> None:
    issued = ca.issue("node", days=(-99, 99))
    asked = config(tmp_path, issued, [ca.certificate])
    earlier = datetime.now(UTC) - timedelta(days=9)
    (warning,) = cautions(asked, [issued.certificate], [ca.certificate], earlier)
    assert "the trusted CA [CN=cluster CA] is valid only from" in warning


def test_a_sound_generation_gives_no_warning(ca: Authority, tmp_path: Path) -> None:
    assert load_generation(config(tmp_path, ca.intermediate().issue("node"), [ca.certificate])).warnings == ()


def _with_encrypted_key(ca: Authority, folder: Path, passphrase: str | None) -> ChannelConfig:
    issued = ca.issue("node")
    asked = config(folder, issued, [ca.certificate])
    assert isinstance(asked.identity, PemConfig)
    encryption = BestAvailableEncryption(b"s3cret")
    asked.identity.key.write_bytes(issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    return replace(asked, identity=replace(asked.identity, passphrase=passphrase))
