from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import DataError
from isthmus.pki.authority import Authority
from isthmus.pki.keys import KEY_TYPES, KeyType, generate_key, public_der
from isthmus.pki.names import SubjectNames, common_name
from isthmus.pki.profiles import TRANSPORT
from isthmus.pki.requests import make_request, read_request
from tests.pki.making import names, openssl_verify, run


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_openssl_verifies_our_requests(key_type: KeyType, tmp_path: Path, openssl: str) -> None:
    (tmp_path / "a.csr").write_bytes(make_request(generate_key(key_type), names(ip=["::1"])))
    shown = run(openssl, "req", "-in", "a.csr", "-verify", "-noout", "-text", cwd=tmp_path)
    assert "DNS:node1.example.com, IP Address:0:0:0:0:0:0:0:1" in shown


def test_a_request_comes_back_with_key_and_names() -> None:
    key = generate_key()
    asked = SubjectNames(common_name("node1", "x"), ("*.example.com",), names(ip=["192.0.2.1"]).ips, ("node1.role",))
    request = read_request(make_request(key, asked), "a.csr")
    assert request.names == asked
    assert public_der(request.public_key) == public_der(key.public_key())


def test_a_request_without_alternative_names_is_read() -> None:
    assert read_request(make_request(generate_key(), names(dns=())), "a.csr").names == names(dns=())


def test_a_request_of_openssl_is_signed_and_the_result_is_accepted(ca: Authority, tmp_path: Path, openssl: str) -> None:
    run(openssl, "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "a.key", "-out", "a.csr", "-subj",
        "/CN=node9", "-addext", "subjectAltName=DNS:node9.example.com", "-addext", "keyUsage=digitalSignature",
        cwd=tmp_path)  # fmt: skip
    request = read_request((tmp_path / "a.csr").read_bytes(), "a.csr")
    certificate = ca.issue(request.names, request.public_key, TRANSPORT)
    assert openssl_verify(tmp_path, [certificate], ca.certificate).returncode == 0


def request_with(*extensions: x509.ExtensionType, bits: int = 2048) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(common_name("a", "x"))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_the_wish_to_become_a_ca_is_refused() -> None:
    with pytest.raises(DataError, match=r"^a\.csr: the request asks to become a CA"):
        read_request(request_with(x509.BasicConstraints(ca=True, path_length=None)), "a.csr")


def test_names_of_other_kinds_are_refused() -> None:
    mail = x509.SubjectAlternativeName([x509.DNSName("a.example"), x509.RFC822Name("a@b.example")])
    with pytest.raises(DataError, match="neither DNS"):
        read_request(request_with(mail), "a.csr")


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(DataError, match="is not a DNS name"):
        read_request(request_with(x509.SubjectAlternativeName([x509.DNSName("a/../b")])), "a.csr")


def test_an_unknown_extension_is_refused_by_its_number() -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    with pytest.raises(DataError, match=r"1\.2\.3\.4"):
        read_request(request_with(unknown), "a.csr")


def test_a_weak_key_is_refused() -> None:
    with pytest.raises(DataError, match="1024 bits"):
        read_request(request_with(bits=1024), "a.csr")


def test_a_sha1_signature_is_refused(tmp_path: Path, openssl: str) -> None:
    run(openssl, "req", "-new", "-sha1", "-newkey", "rsa:2048", "-nodes", "-keyout", "a.key", "-out", "a.csr",
        "-subj", "/CN=a", cwd=tmp_path)  # fmt: skip
    with pytest.raises(DataError, match="SHA1"):
        read_request((tmp_path / "a.csr").read_bytes(), "a.csr")


def test_a_request_that_was_altered_is_refused() -> None:
    data = bytearray(x509.load_pem_x509_csr(make_request(generate_key(), names())).public_bytes(Encoding.DER))
    at = data.index(b"node1.example.com")
    data[at] = ord("m")
    with pytest.raises(DataError, match="signature does not verify"):
        read_request(bytes(data), "a.csr")


@given(st.binary(max_size=200))
def test_any_bytes_are_no_request_but_a_data_error(data: bytes) -> None:
    for text in (data, b"\x30" + data):
        with pytest.raises(DataError):
            read_request(text, "x")
