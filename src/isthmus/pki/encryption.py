"""How a key or a store is encrypted, in words (`PBES2 AES-256`, `PBE SHA-1 RC2-40`). No password is needed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from asn1crypto import keys, pem, pkcs12

JKS = "JKS (SHA-1 key stream)"

_PBES1 = {
    "pkcs12_sha1_tripledes_3key": "PBE SHA-1 3DES",
    "pkcs12_sha1_tripledes_2key": "PBE SHA-1 3DES (2 keys)",
    "pkcs12_sha1_rc2_40": "PBE SHA-1 RC2-40",
    "pkcs12_sha1_rc2_128": "PBE SHA-1 RC2-128",
    "pkcs12_sha1_rc4_40": "PBE SHA-1 RC4-40",
    "pkcs12_sha1_rc4_128": "PBE SHA-1 RC4-128",
}
# The weakest is what a store is worth.
_WEAKEST_FIRST = ("RC2-40", "RC4-40", "RC4", "RC2", "DES", "3DES", "AES-128", "AES-192", "AES-256")
_TRADITIONAL = re.compile(rb"DEK-Info: *([A-Za-z0-9-]{1,40})")


def of_pkcs12(data: bytes) -> str:
    """Name the weakest encryption in a PKCS#12 file; empty if nothing is encrypted, or if it cannot be parsed."""
    try:
        found = list(dict.fromkeys(_in_pkcs12(data)))
    except Exception:  # asn1crypto raises errors of many kinds for malformed input; whoever reads the store tells them
        return ""
    return min(found, key=_rank, default="")


def of_pem_key(data: bytes) -> str:
    """Name the encryption of the PEM private key in `data`; empty if it has none, or if it cannot be parsed."""
    traditional = _TRADITIONAL.search(data)
    if traditional:
        return f"OpenSSL's traditional {traditional[1].decode('ascii')}"
    start = data.find(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    if start < 0:
        return ""
    try:
        _, _, der = pem.unarmor(data[start:])
        return _name(keys.EncryptedPrivateKeyInfo.load(der)["encryption_algorithm"])
    except Exception:
        return ""


def _in_pkcs12(data: bytes) -> Iterator[str]:
    authenticated = bytes(pkcs12.Pfx.load(data)["auth_safe"]["content"])
    for content in pkcs12.AuthenticatedSafe.load(authenticated):
        if content["content_type"].native == "encrypted_data":
            yield _name(content["content"]["encrypted_content_info"]["content_encryption_algorithm"])
        elif content["content_type"].native == "data":
            for bag in pkcs12.SafeContents.load(bytes(content["content"])):
                if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
                    yield _name(bag["bag_value"]["encryption_algorithm"])


def _name(algorithm: Any) -> str:
    name = algorithm["algorithm"].native
    if name != "pbes2":
        return _PBES1.get(name, str(name))
    cipher = {"aes": "AES", "tripledes": "3DES", "rc2": "RC2"}.get(algorithm.encryption_cipher, "?")
    return f"PBES2 {cipher}" + (f"-{algorithm.key_length * 8}" if cipher in ("AES", "RC2") else "")


def _rank(name: str) -> int:
    return next((at for at, part in enumerate(_WEAKEST_FIRST) if part in name), len(_WEAKEST_FIRST))
