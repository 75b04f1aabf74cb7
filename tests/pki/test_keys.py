from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import DataError
from isthmus.pki.authority import Authority
from isthmus.pki.keys import (
    KEY_TYPES,
    KeyType,
    belongs_together,
    generate_key,
    is_encrypted,
    key_to_pem,
    load_private_key,
    public_der,
)
from tests.pki.making import run


@pytest.mark.parametrize("key_type", KEY_TYPES)
@pytest.mark.parametrize("password", [None, b"secret"])
def test_a_key_of_each_type_is_written_and_read(key_type: KeyType, password: bytes | None) -> None:
    key = generate_key(key_type)
    pem = key_to_pem(key, password)
    assert is_encrypted(pem) is (password is not None)
    assert public_der(load_private_key(pem, password, "x").public_key()) == public_der(key.public_key())


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_openssl_opens_our_encrypted_key(key_type: KeyType, tmp_path: Path, openssl: str) -> None:
    (tmp_path / "a.key").write_bytes(key_to_pem(generate_key(key_type), b"secret"))
    assert "PRIVATE KEY" in run(openssl, "pkey", "-in", "a.key", "-passin", "pass:secret", cwd=tmp_path)


def test_a_traditional_encrypted_key_of_openssl_is_read(tmp_path: Path, openssl: str) -> None:
    run(openssl, "genrsa", "-traditional", "-aes128", "-passout", "pass:secret", "-out", "a.key", "2048", cwd=tmp_path)
    data = (tmp_path / "a.key").read_bytes()
    assert is_encrypted(data)
    load_private_key(data, b"secret", "a.key")
    with pytest.raises(DataError, match=r"a\.key: the password does not open"):
        load_private_key(data, b"wrong", "a.key")


def test_a_der_key_is_read_with_and_without_password() -> None:
    key = generate_key()
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    hidden = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    for data, password in ((plain, None), (plain, b"unneeded"), (hidden, b"secret")):
        assert public_der(load_private_key(data, password, "x").public_key()) == public_der(key.public_key())
    with pytest.raises(DataError, match="no password was given"):
        load_private_key(hidden, None, "x")
    with pytest.raises(DataError, match="does not open"):
        load_private_key(hidden, b"wrong", "x")


def test_an_encrypted_key_without_password_says_so() -> None:
    with pytest.raises(DataError, match=r"a\.key: the private key is encrypted and no password was given"):
        load_private_key(key_to_pem(generate_key(), b"secret"), None, "a.key")


def test_a_password_for_a_plain_key_does_no_harm() -> None:
    load_private_key(key_to_pem(generate_key()), b"secret", "x")


def test_a_key_is_found_behind_its_certificate(ca: Authority) -> None:
    data = ca.certificate.public_bytes(Encoding.PEM) + key_to_pem(ca.key)
    assert belongs_together(load_private_key(data, None, "x"), ca.certificate)


def test_an_empty_password_cannot_encrypt_a_pem_key() -> None:
    with pytest.raises(DataError, match="empty password"):
        key_to_pem(generate_key(), b"")


@pytest.mark.parametrize("bits", [512, 1024, 2047, 8193, 100_000])
def test_rsa_sizes_out_of_bounds_are_refused(bits: int) -> None:
    with pytest.raises(DataError, match=f"RSA key of {bits} bits is refused"):
        generate_key("rsa", bits)


def test_a_size_for_another_type_than_rsa_is_refused() -> None:
    with pytest.raises(DataError, match="has no size"):
        generate_key("ed25519", 2048)


def test_a_kind_of_key_that_tls_does_not_use_is_refused(tmp_path: Path, openssl: str) -> None:
    run(openssl, "genpkey", "-algorithm", "x25519", "-out", "a.key", cwd=tmp_path)
    with pytest.raises(DataError, match="not supported"):
        load_private_key((tmp_path / "a.key").read_bytes(), None, "a.key")


@given(st.binary(max_size=300), st.none() | st.binary(max_size=5))
def test_any_bytes_are_a_key_or_a_data_error(data: bytes, password: bytes | None) -> None:
    for text in (data, b"\x30" + data, b"-----BEGIN PRIVATE KEY-----\n" + data + b"\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(DataError):
            load_private_key(text, password, "x")
