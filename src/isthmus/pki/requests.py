"""Certificate signing requests (PKCS#10, RFC 2986): made beside a key, and read with every rule a CA must hold."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from isthmus.errors import DataError
from isthmus.pki.authority import signature_hash
from isthmus.pki.form import MIN_EC_BITS, WEAK_DIGESTS
from isthmus.pki.keys import DEFAULT_RSA_SIZE, PUBLIC_KEYS, PrivateKey, PublicKey
from isthmus.pki.names import (
    SubjectNames,
    alternative_names,
    distinguished_name_text,
    names_of_extension,
    parse_common_name,
    parse_dns_name,
)
from isthmus.pki.parsing import parse_request

MAX_REQUEST_BYTES = 256 * 1024
MAX_NAMES = 1_000

# What a request may ask for. The profile decides on usage and purposes, so those are read and not obeyed.
_KNOWN_EXTENSIONS = frozenset(
    {
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was checked: the public key, whose possession its signature proves, and the names asked for."""

    public_key: PublicKey
    names: SubjectNames


def make_request(key: PrivateKey, names: SubjectNames) -> bytes:
    """Make a signing request for `names`, signed with `key`; PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(names.subject)
    alternative = alternative_names(names)
    if alternative is not None:
        builder = builder.add_extension(alternative, critical=False)
    return builder.sign(key, signature_hash(key)).public_bytes(Encoding.PEM)


def read_request(data: bytes, where: str) -> Request:
    """Read a request (PEM or DER) that may be signed as it stands.

    Raises DataError that names `where`: unreadable, a signature that does not verify, a weak key or digest, a name
    that is none, an extension nobody here knows, or the wish to become a CA.
    """
    request = load_request(data, where)
    _check_digest(request, where)
    if not request.is_signature_valid:
        raise DataError("the request's signature does not verify", hint="make the request anew", where=where)
    try:
        extensions = request.extensions
    except ValueError as cause:
        raise DataError("the request's extensions cannot be read", hint="make the request anew", where=where) from cause
    _check_extensions(extensions, where)
    return Request(_public_key(request, where), _names(request, extensions, where))


def load_request(data: bytes, where: str) -> x509.CertificateSigningRequest:
    """Read a request (PEM or DER) without judging it; raises DataError if it is none."""
    if len(data) > MAX_REQUEST_BYTES:
        raise DataError(f"the request is larger than {MAX_REQUEST_BYTES} bytes", where=where)
    try:
        return parse_request(data)
    except ValueError as cause:
        raise DataError("this is no certificate signing request", hint="name a .csr file", where=where) from cause


def _check_digest(request: x509.CertificateSigningRequest, where: str) -> None:
    try:
        algorithm = request.signature_hash_algorithm
    except UnsupportedAlgorithm as cause:
        raise DataError("the request's signature algorithm is not supported", where=where) from cause
    if algorithm and algorithm.name in WEAK_DIGESTS:
        raise DataError(
            f"the request is signed with {algorithm.name.upper()}, which is broken", hint="make it anew", where=where
        )


def _public_key(request: x509.CertificateSigningRequest, where: str) -> PublicKey:
    try:
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise DataError("the request's public key cannot be read", where=where) from cause
    if not isinstance(key, PUBLIC_KEYS):
        raise DataError("the request's key is neither EC, Ed25519 nor RSA", hint="make it anew", where=where)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < DEFAULT_RSA_SIZE:
        raise DataError(
            f"the request's RSA key has {key.key_size} bits",
            hint=f"make it anew with at least {DEFAULT_RSA_SIZE}",
            where=where,
        )
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < MIN_EC_BITS:
        raise DataError(f"the request's EC key has {key.key_size} bits", hint="make it anew with P-256", where=where)
    return key


def _check_extensions(extensions: x509.Extensions, where: str) -> None:
    for extension in extensions:
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            raise DataError("the request asks to become a CA", hint="a node's certificate must not sign", where=where)
        if isinstance(extension.value, x509.KeyUsage) and extension.value.key_cert_sign:
            raise DataError("the request asks for keyCertSign", hint="a node's certificate must not sign", where=where)
        if extension.oid not in _KNOWN_EXTENSIONS:
            raise DataError(
                f"the request asks for the extension {extension.oid.dotted_string}, which is not granted",
                hint="make the request without it",
                where=where,
            )


def _names(request: x509.CertificateSigningRequest, extensions: x509.Extensions, where: str) -> SubjectNames:
    if not request.subject.rdns:
        raise DataError("the request has no subject", hint="give it at least a CN", where=where)
    try:
        alternative = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return SubjectNames(request.subject)
    dns, ips, common = names_of_extension(alternative)
    if len(dns) + len(ips) + len(common) != len(list(alternative)):
        raise DataError(
            f"the request of [{distinguished_name_text(request.subject)}] has alternative names that are neither DNS "
            "name, IP address nor common name",
            hint="make it anew without them",
            where=where,
        )
    if len(list(alternative)) > MAX_NAMES:
        raise DataError(f"the request has more than {MAX_NAMES} alternative names", where=where)
    return SubjectNames(
        request.subject,
        tuple(parse_dns_name(name, where) for name in dns),
        ips,
        tuple(parse_common_name(name, where) for name in common),
    )
