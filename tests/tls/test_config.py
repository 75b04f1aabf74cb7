"""From the settings of a channel to what its TLS is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.settings import load
from isthmus.settings.ssl_settings import HTTP_SSL, TRANSPORT_SSL, SslSettings
from isthmus.tls.config import ChannelConfig, PemConfig, StoreConfig

TRANSPORT = "xpack.security.transport.ssl"


def read(folder: Path, ssl: SslSettings, text: str, **secure: str) -> ChannelConfig:
    (folder / "isthmus.yml").write_text(text)
    named = {f"{TRANSPORT}.{name.replace('__', '.')}": value for name, value in secure.items()}
    return ChannelConfig.from_settings(load(folder, environ={}, secure=named), ssl)


def test_pem_files_are_found_relative_to_the_configuration_folder(tmp_path: Path) -> None:
    text = f"""
{TRANSPORT}:
  enabled: true
  verification_mode: certificate
  certificate: certs/node.crt
  key: /keys/node.key
  certificate_authorities: [certs/ca.crt, certs/other.crt]
  supported_protocols: [TLSv1.3]
"""
    config = read(tmp_path, TRANSPORT_SSL, text, secure_key_passphrase="pa55")
    certs = tmp_path / "certs"
    identity = PemConfig(f"{TRANSPORT}.certificate", certs / "node.crt", Path("/keys/node.key"), "pa55")
    assert config == ChannelConfig(
        prefix=TRANSPORT,
        verification_mode="certificate",
        client_authentication="required",
        identity=identity,
        authorities=(certs / "ca.crt", certs / "other.crt"),
        truststore=None,
        supported_protocols=("TLSv1.3",),
        cipher_suites=(),
    )


def test_stores_have_the_format_of_their_ending_and_their_passwords(tmp_path: Path) -> None:
    text = f"""
{TRANSPORT}.enabled: true
{TRANSPORT}.keystore.path: node.p12
{TRANSPORT}.truststore.path: trust.jks
"""
    config = read(
        tmp_path,
        TRANSPORT_SSL,
        text,
        keystore__secure_password="one",
        keystore__secure_key_password="two",
        truststore__secure_password="three",
    )
    assert config.identity == StoreConfig(f"{TRANSPORT}.keystore.path", tmp_path / "node.p12", "pkcs12", "one", "two")
    assert config.truststore == StoreConfig(f"{TRANSPORT}.truststore.path", tmp_path / "trust.jks", "jks", "three")


def test_no_password_shows_in_what_a_configuration_prints(tmp_path: Path) -> None:
    text = f"{TRANSPORT}: {{enabled: true, keystore.path: a.p12, truststore.path: b.p12}}"
    secrets = {"keystore__secure_password": "s3cret-1", "truststore__secure_password": "s3cret-2"}
    assert "s3cret" not in repr(read(tmp_path, TRANSPORT_SSL, text, **secrets))
    text = f"{TRANSPORT}: {{enabled: true, certificate: a.crt, key: a.key}}"
    assert "s3cret" not in repr(read(tmp_path, TRANSPORT_SSL, text, secure_key_passphrase="s3cret-3"))


@pytest.mark.parametrize(("ssl", "wanted"), [(TRANSPORT_SSL, "required"), (HTTP_SSL, "none")])
def test_the_transport_wants_certificates_of_clients_and_http_does_not(
    ssl: SslSettings, wanted: str, tmp_path: Path
) -> None:
    config = read(tmp_path, ssl, "")
    assert config.client_authentication == wanted
    assert config.verification_mode == "full"
    assert config.is_transport is (ssl is TRANSPORT_SSL)
    assert config.identity is None
