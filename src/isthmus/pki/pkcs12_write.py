"""Writing PKCS#12 files (RFC 7292) as Java's key stores have them.

Java tells a trusted certificate from any other by an attribute of its own (trustedKeyUsage, Oracle's object
identifier below), which `cryptography` cannot write beside a key. With it one file serves as key store and trust
store at once, as Elasticsearch's users expect.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from asn1crypto import algos, cms, core, keys, pkcs12
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, Hash
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from isthmus.errors import DataError
from isthmus.pki import pbe
from isthmus.pki.keys import PrivateKey, public_der
from isthmus.pki.stores import KeyEntry, TrustedEntry

TRUSTED_KEY_USAGE = "2.16.840.1.113894.746875.1.1"
ANY_PURPOSE = "2.5.29.37.0"


def write_pkcs12(entry: KeyEntry, trusted: Sequence[TrustedEntry], password: str) -> bytes:
    """Write one private key with its chain, and certificates to trust, under `password` (ASCII; may be empty).

    PBES2 with AES-256-CBC for keys and certificates, HMAC-SHA256 over all. Names become `friendlyName`s, which are
    Java's aliases. Raises DataError for a password that Java could not take.
    """
    if not password.isascii():
        raise DataError(
            "the password of a PKCS#12 file must be plain ASCII: Java opens no other", hint="choose another"
        )
    contents = [
        _content("encrypted_data", _encrypted(_safe_contents(_certificate_bags(entry, trusted)), password)),
        _content("data", core.OctetString(_safe_contents([_key_bag(entry, password)]))),
    ]
    authenticated = pkcs12.AuthenticatedSafe(contents).dump()
    pfx = pkcs12.Pfx(
        {
            "version": "v3",
            "auth_safe": _content("data", core.OctetString(authenticated)),
            "mac_data": _mac_data(authenticated, password),
        }
    )
    return bytes(pfx.dump())


def _certificate_bags(entry: KeyEntry, trusted: Sequence[TrustedEntry]) -> list[pkcs12.SafeBag]:
    marked = [one.certificate for one in trusted]
    bags = [_certificate_bag(entry.chain[0], [_friendly_name(entry.name), _local_key_id(entry.key)])]
    bags += [_certificate_bag(one, []) for one in entry.chain[1:] if one not in marked]
    bags += [_certificate_bag(one.certificate, [_friendly_name(one.name), _trusted_mark()]) for one in trusted]
    return bags


def _certificate_bag(certificate: x509.Certificate, attributes: list[pkcs12.Attribute]) -> pkcs12.SafeBag:
    der = certificate.public_bytes(Encoding.DER)
    value = pkcs12.CertBag({"cert_id": "x509", "cert_value": core.ParsableOctetString(der)})
    return _bag("cert_bag", value, attributes)


def _key_bag(entry: KeyEntry, password: str) -> pkcs12.SafeBag:
    plain = entry.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    parameters = pbe.Parameters.fresh()
    value = keys.EncryptedPrivateKeyInfo(
        {
            "encryption_algorithm": _pbes2(parameters),
            "encrypted_data": core.OctetString(pbe.encrypt(plain, password, parameters)),
        }
    )
    return _bag("pkcs8_shrouded_key_bag", value, [_friendly_name(entry.name), _local_key_id(entry.key)])


def _bag(kind: str, value: core.Asn1Value, attributes: list[pkcs12.Attribute]) -> pkcs12.SafeBag:
    fields: dict[str, Any] = {"bag_id": kind, "bag_value": value}
    if attributes:
        fields["bag_attributes"] = pkcs12.Attributes(attributes)
    return pkcs12.SafeBag(fields)


def _safe_contents(bags: list[pkcs12.SafeBag]) -> bytes:
    return bytes(pkcs12.SafeContents(bags).dump())


def _encrypted(plain: bytes, password: str) -> cms.EncryptedData:
    parameters = pbe.Parameters.fresh()
    return cms.EncryptedData(
        {
            "version": "v0",
            "encrypted_content_info": {
                "content_type": "data",
                "content_encryption_algorithm": _pbes2(parameters),
                "encrypted_content": pbe.encrypt(plain, password, parameters),
            },
        }
    )


def _pbes2(parameters: pbe.Parameters) -> algos.EncryptionAlgorithm:
    derivation = {
        "salt": core.OctetString(parameters.salt),
        "iteration_count": parameters.iterations,
        "key_length": 32,
        "prf": {"algorithm": "sha256", "parameters": core.Null()},
    }
    return algos.EncryptionAlgorithm(
        {
            "algorithm": "pbes2",
            "parameters": {
                "key_derivation_func": {"algorithm": "pbkdf2", "parameters": derivation},
                "encryption_scheme": {"algorithm": "aes256_cbc", "parameters": core.OctetString(parameters.iv)},
            },
        }
    )


def _content(kind: str, value: core.Asn1Value) -> cms.ContentInfo:
    return cms.ContentInfo({"content_type": kind, "content": value})


def _mac_data(authenticated: bytes, password: str) -> pkcs12.MacData:
    salt = os.urandom(16)
    digest = pbe.mac(authenticated, pbe.bmp_password(password), "sha256", salt, pbe.ITERATIONS)
    return pkcs12.MacData(
        {
            "mac": {"digest_algorithm": {"algorithm": "sha256", "parameters": core.Null()}, "digest": digest},
            "mac_salt": salt,
            "iterations": pbe.ITERATIONS,
        }
    )


def _friendly_name(name: str) -> pkcs12.Attribute:
    return pkcs12.Attribute({"type": "friendly_name", "values": [core.BMPString(name)]})


def _local_key_id(key: PrivateKey) -> pkcs12.Attribute:
    # Any identifier will do; OpenSSL and others take the SHA-1 of the public key.
    digest = Hash(SHA1())  # noqa: S303 – a label, not a protection
    digest.update(public_der(key.public_key()))
    return pkcs12.Attribute({"type": "local_key_id", "values": [digest.finalize()]})


def _trusted_mark() -> pkcs12.Attribute:
    return pkcs12.Attribute({"type": TRUSTED_KEY_USAGE, "values": [ANY_PURPOSE]})
