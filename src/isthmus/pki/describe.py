"""A certificate in plain values, for tables, JSON and Elasticsearch's `GET /_ssl/certificates`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from isthmus.pki.explain import fingerprint
from isthmus.pki.form import extension, is_authority, violations
from isthmus.pki.names import distinguished_name_text, names_of_extension
from isthmus.pki.profiles import key_usage_names

_PURPOSES = {
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE: "anyExtendedKeyUsage",
}


@dataclass(frozen=True, slots=True)
class CertificateDescription:
    """What there is to say of one certificate; names in RFC 4514 form, identifiers and digests in lower-case hex."""

    subject_dn: str
    issuer: str
    serial_number: str
    not_before: datetime
    expiry: datetime
    key: str
    signature: str
    is_ca: bool
    dns: tuple[str, ...]
    ip: tuple[str, ...]
    cn: tuple[str, ...]
    key_usage: tuple[str, ...]
    purposes: tuple[str, ...]
    subject_key_identifier: str | None
    authority_key_identifier: str | None
    sha256: str
    violations: tuple[str, ...]


def describe_certificate(certificate: x509.Certificate) -> CertificateDescription:
    """Describe `certificate`; extensions that cannot be read are told in `violations`, not raised."""
    names = extension(certificate, x509.SubjectAlternativeName)
    dns, ips, common = names_of_extension(names[0]) if names else ((), (), ())
    usage = extension(certificate, x509.KeyUsage)
    own = extension(certificate, x509.SubjectKeyIdentifier)
    issuers = extension(certificate, x509.AuthorityKeyIdentifier)
    return CertificateDescription(
        subject_dn=distinguished_name_text(certificate.subject),
        issuer=distinguished_name_text(certificate.issuer),
        serial_number=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc,
        expiry=certificate.not_valid_after_utc,
        key=describe_key(certificate.public_key()),
        signature=certificate.signature_algorithm_oid._name,
        is_ca=is_authority(certificate),
        dns=dns,
        ip=tuple(map(str, ips)),
        cn=common,
        key_usage=tuple(key_usage_names(usage[0])) if usage else (),
        purposes=_purposes(certificate),
        subject_key_identifier=own[0].digest.hex() if own else None,
        authority_key_identifier=_hex(issuers[0].key_identifier) if issuers else None,
        sha256=fingerprint(certificate),
        violations=tuple(violations(certificate)),
    )


def describe_key(key: object) -> str:
    """Name a public or private key in words: `EC P-256`, `RSA 2048`, `Ed25519`."""
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        curve = key.curve.name
        return f"EC {'P-' + curve[4:7] if curve.startswith('secp') and curve.endswith('r1') else curve}"
    if isinstance(key, ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey):
        return "Ed25519"
    return type(key).__name__


def _purposes(certificate: x509.Certificate) -> tuple[str, ...]:
    allowed = extension(certificate, x509.ExtendedKeyUsage)
    if allowed is None:
        return ()
    return tuple(_PURPOSES.get(purpose, purpose.dotted_string) for purpose in allowed[0])


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
