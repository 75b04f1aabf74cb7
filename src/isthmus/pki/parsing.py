"""Certificates and requests parsed whole, so that damage shows here and not later, in whoever looks at a part.

`cryptography` parses a key, an extension or a name only when it is asked for, and raises in several ways then.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm


def parse_certificate(data: bytes) -> x509.Certificate:
    """Parse one certificate, DER or PEM; raises ValueError if any part of it is damaged or of an unknown kind."""
    load = x509.load_der_x509_certificate if data[:1] == b"\x30" else x509.load_pem_x509_certificate
    try:
        certificate = load(data)
        _touch(certificate)
        _ = certificate.issuer, certificate.serial_number
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except (UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension) as cause:
        raise ValueError(str(cause)) from cause
    return certificate


def parse_request(data: bytes) -> x509.CertificateSigningRequest:
    """Parse one certificate signing request, DER or PEM; raises ValueError as `parse_certificate` does."""
    load = x509.load_der_x509_csr if data[:1] == b"\x30" else x509.load_pem_x509_csr
    try:
        request = load(data)
        _touch(request)
    except (UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension) as cause:
        raise ValueError(str(cause)) from cause
    return request


def _touch(parsed: x509.Certificate | x509.CertificateSigningRequest) -> None:
    parsed.public_key()
    _ = parsed.subject.rfc4514_string(), list(parsed.extensions), parsed.signature_algorithm_oid
