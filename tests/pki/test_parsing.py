"""Damage in a certificate or request shows when it is read, as a ValueError, and nowhere later."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from isthmus.pki.describe import describe_certificate
from isthmus.pki.explain import explain_refusal
from isthmus.pki.form import violations
from isthmus.pki.parsing import parse_certificate, parse_request
from tests.certificates import make_ca

CA = make_ca()
LEAF = CA.issue("node", dns=["a.example.com"], ips=["192.0.2.1"])
DER = LEAF.certificate.public_bytes(Encoding.DER)
REQUEST = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node")]))
    .sign(LEAF.key, hashes.SHA256())
    .public_bytes(Encoding.DER)
)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(st.integers(0, len(DER) - 1), st.integers(1, 255))
def test_whatever_was_read_can_be_described_judged_and_explained(at: int, flip: int) -> None:
    damaged = bytearray(DER)
    damaged[at] ^= flip
    try:
        certificate = parse_certificate(bytes(damaged))
    except ValueError:
        return
    describe_certificate(certificate)
    violations(certificate)
    for code in (None, 7, 18, 20, 26):
        refusal = explain_refusal(code, "certificate verify failed", [certificate], [CA.certificate], "192.0.2.9:1")
        assert refusal.why


@given(st.integers(0, len(REQUEST) - 1), st.integers(1, 255))
def test_a_damaged_request_is_a_value_error_or_no_damage_that_matters(at: int, flip: int) -> None:
    damaged = bytearray(REQUEST)
    damaged[at] ^= flip
    try:
        request = parse_request(bytes(damaged))
    except ValueError:
        return
    assert request.public_key() is not None
    assert request.subject.rfc4514_string() is not None


def test_both_forms_are_read() -> None:
    assert parse_certificate(DER) == parse_certificate(LEAF.certificate_pem) == LEAF.certificate
