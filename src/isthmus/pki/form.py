"""What X.509 demands of one certificate: RFC 5280 as OpenSSL's `-x509_strict` and Python 3.13 enforce it.

Each rule gives a sentence for a person when it is broken. Whether a chain holds together is `verify`'s matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

MIN_RSA_BITS = 2048
MIN_EC_BITS = 224
WEAK_DIGESTS = frozenset({"md5", "sha1"})

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


def violations(certificate: x509.Certificate) -> list[str]:
    """List the rules that `certificate` breaks, each as a sentence; empty when it breaks none."""
    try:
        certificate.extensions  # noqa: B018 – parsing happens here, and a broken or double extension shows here
    except ValueError as broken:
        return [f"its extensions cannot be read: {broken}"]
    return [*_form(certificate), *weaknesses(certificate), *_role(certificate), *_identifiers(certificate)]


def is_authority(certificate: x509.Certificate) -> bool:
    """Tell whether the basic constraints say that it is a CA."""
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints[0].ca


def may_sign_certificates(certificate: x509.Certificate) -> bool:
    """Tell whether it is a CA whose key usage, if it has one, includes `keyCertSign`."""
    usage = extension(certificate, x509.KeyUsage)
    return is_authority(certificate) and (usage is None or usage[0].key_cert_sign)


def is_self_issued(certificate: x509.Certificate) -> bool:
    """Tell whether subject and issuer are the same name."""
    return certificate.subject == certificate.issuer


def extension(certificate: x509.Certificate, kind: type[_Extension]) -> tuple[_Extension, bool] | None:
    """Give an extension's value and whether it is critical, or None if the certificate has none of this kind."""
    try:
        found = certificate.extensions.get_extension_for_class(kind)
    except (x509.ExtensionNotFound, ValueError):
        return None
    return found.value, found.critical


def _form(certificate: x509.Certificate) -> Iterator[str]:
    if certificate.version is not x509.Version.v3:
        yield "it is not of version 3"
    if not certificate.issuer.rdns:
        yield "its issuer is empty"
    names = extension(certificate, x509.SubjectAlternativeName)
    if names and not len(list(names[0])):
        yield "its subject alternative name is empty"
    if not certificate.subject.rdns and not (names and names[1]):
        yield "its subject is empty and its subject alternative name is not critical"


def weaknesses(certificate: x509.Certificate) -> Iterator[str]:
    """Give those of the violations that concern the strength of key and signature."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MIN_RSA_BITS:
            yield f"its RSA key has {key.key_size} bits, at least {MIN_RSA_BITS} are needed"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.key_size < MIN_EC_BITS:
            yield f"its EC key has {key.key_size} bits, at least {MIN_EC_BITS} are needed"
    elif not isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        yield "its key is of a kind that TLS peers do not accept"
    digest = signature_digest(certificate)
    if digest in WEAK_DIGESTS and not is_self_issued(certificate):
        yield f"it is signed with {digest.upper()}, which is broken"


def signature_digest(certificate: x509.Certificate) -> str:
    """Give the digest of the signature (`sha256`), or an empty text where the algorithm has none or is unknown."""
    try:
        algorithm = certificate.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):
        return ""
    return algorithm.name if algorithm else ""


def _role(certificate: x509.Certificate) -> Iterator[str]:
    constraints = extension(certificate, x509.BasicConstraints)
    usage = extension(certificate, x509.KeyUsage)
    if constraints and constraints[0].ca:
        if not constraints[1]:
            yield "it is a CA whose basic constraints are not critical"
        if usage is None:
            yield "it is a CA without key usage (Python 3.13 and 'openssl -x509_strict' refuse it)"
        elif not usage[0].key_cert_sign:
            yield "it is a CA whose key usage lacks keyCertSign"
        if not certificate.subject.rdns:
            yield "it is a CA without a subject"
        return
    if usage and usage[0].key_cert_sign:
        yield "its key usage has keyCertSign, but it is no CA"
    if constraints and constraints[0].path_length is not None:
        yield "it limits the path length, but it is no CA"


def _identifiers(certificate: x509.Certificate) -> Iterator[str]:
    own = extension(certificate, x509.SubjectKeyIdentifier)
    issuers = extension(certificate, x509.AuthorityKeyIdentifier)
    if is_authority(certificate) and own is None:
        yield "it is a CA without subject key identifier"
    if own and own[1]:
        yield "its subject key identifier is critical"
    if issuers and issuers[1]:
        yield "its authority key identifier is critical"
    if not is_self_issued(certificate) and (issuers is None or issuers[0].key_identifier is None):
        yield "it has no authority key identifier"
