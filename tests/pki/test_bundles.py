from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import DataError
from isthmus.pki.authority import Authority
from isthmus.pki.bundles import certificates_to_pem, load_certificates, load_pem
from isthmus.pki.keys import generate_key, key_to_pem
from tests.pki.making import bundle, intermediate, run


def test_all_certificates_of_a_file_are_read_in_order_with_text_between(ca: Authority, other_ca: Authority) -> None:
    data = b"Bag Attributes\n" + b"subject=...\n".join(
        one.certificate.public_bytes(Encoding.PEM) for one in (ca, other_ca)
    )
    assert load_certificates(data, "x") == (ca.certificate, other_ca.certificate)


def test_a_der_certificate_is_read(ca: Authority) -> None:
    assert load_certificates(ca.certificate.public_bytes(Encoding.DER), "x") == (ca.certificate,)


def test_a_trusted_certificate_of_openssl_is_refused_or_read(ca: Authority, tmp_path: Path, openssl: str) -> None:
    (tmp_path / "a.crt").write_bytes(certificates_to_pem([ca.certificate]))
    run(openssl, "x509", "-in", "a.crt", "-trustout", "-addtrust", "serverAuth", "-out", "b.crt", cwd=tmp_path)
    with pytest.raises(DataError, match="certificate 1 cannot be read"):
        load_certificates((tmp_path / "b.crt").read_bytes(), "b.crt")


def test_a_broken_certificate_among_sound_ones_is_told_by_its_number(ca: Authority) -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    with pytest.raises(DataError, match=r"^certs\.pem: certificate 2 cannot be read"):
        load_certificates(certificates_to_pem([ca.certificate]) + broken, "certs.pem")


def test_a_key_instead_of_a_certificate_is_refused() -> None:
    with pytest.raises(DataError, match="holds no certificate"):
        load_certificates(key_to_pem(generate_key()), "x")


def test_leaf_and_chain_are_found_whatever_their_order(ca: Authority) -> None:
    below = intermediate(ca)
    node = bundle(below)
    assert node.key is not None
    assert node.certificate is not None
    pem = certificates_to_pem([ca.certificate, below.certificate, node.certificate])
    read = load_pem(pem, key_to_pem(node.key, b"secret"), b"secret", "node.crt", key_where="node.key")
    assert read.certificate == node.certificate
    assert read.chain == (below.certificate, ca.certificate)


def test_the_key_of_another_certificate_is_refused_by_the_name_of_its_file(ca: Authority) -> None:
    with pytest.raises(DataError, match=r"^other\.key: the private key does not belong to"):
        load_pem(
            certificates_to_pem([ca.certificate]), key_to_pem(generate_key()), None, "a.crt", key_where="other.key"
        )


@given(st.binary(max_size=200))
def test_any_bytes_are_no_certificate_but_a_data_error(data: bytes) -> None:
    for text in (data, b"\x30" + data, b"-----BEGIN CERTIFICATE-----\n" + data + b"\n-----END CERTIFICATE-----"):
        with pytest.raises(DataError):
            load_certificates(text, "x")
