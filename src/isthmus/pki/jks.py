"""Java's old key stores (JKS), read only: keys hidden by Sun's own cipher, integrity by salted SHA-1.

The format is described in the sources of OpenJDK (sun.security.provider.JavaKeyStore and KeyProtector); keytool
writes it on request and asks to leave it since Java 9.
"""

from __future__ import annotations

import hashlib
import hmac
import struct

from asn1crypto import keys
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from isthmus.errors import DataError, PasswordError
from isthmus.pki.keys import PrivateKey, supported
from isthmus.pki.parsing import parse_certificate
from isthmus.pki.stores import MAX_STORE_BYTES, KeyEntry, Store, TrustedEntry, key_entry

MAGIC = b"\xfe\xed\xfe\xed"
JCEKS_MAGIC = b"\xce\xce\xce\xce"

_WHITENER = b"Mighty Aphrodite"
_DIGEST_BYTES = 20
_KEY_PROTECTOR = "1.3.6.1.4.1.42.2.17.1.1"
_PRIVATE_KEY, _TRUSTED = 1, 2
_MAX_ENTRIES = 10_000


def read_jks(data: bytes, password: str, where: str, key_password: str | None = None) -> Store:
    """Read every entry of a JKS file; `key_password` where keys have one of their own.

    Raises DataError that names `where`: wrong password, broken or oversized file.
    """
    if len(data) > MAX_STORE_BYTES:
        raise DataError(f"the file is larger than {MAX_STORE_BYTES} bytes", where=where)
    _check_integrity(data, password, where)
    try:
        return _read(_Cursor(data[:-_DIGEST_BYTES]), where, password if key_password is None else key_password)
    except (ValueError, struct.error, UnsupportedAlgorithm) as cause:
        raise DataError("this JKS file is broken", hint="make it anew", where=where) from cause


class _Cursor:
    """Reads big-endian fields; every length is checked against what is left."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        if size < 0 or self._at + size > len(self._data):
            raise ValueError("cut short")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def text(self) -> str:
        return self.take(self.number(2)).decode("utf-8", "replace")


def _check_integrity(data: bytes, password: str, where: str) -> None:
    digest = hashlib.sha1(password.encode("utf-16-be") + _WHITENER + data[:-_DIGEST_BYTES], usedforsecurity=False)
    if not hmac.compare_digest(digest.digest(), data[-_DIGEST_BYTES:]):
        raise PasswordError(
            "the password does not open the JKS file, or the file was altered", hint="check the password", where=where
        )


def _read(cursor: _Cursor, where: str, key_password: str) -> Store:
    cursor.take(len(MAGIC))
    version, count = cursor.number(4), cursor.number(4)
    if version not in (1, 2) or count > _MAX_ENTRIES:
        raise ValueError("version or count out of bounds")
    found_keys: list[KeyEntry] = []
    trusted: list[TrustedEntry] = []
    for _ in range(count):
        tag, name, _created = cursor.number(4), cursor.text(), cursor.number(8)
        if tag == _PRIVATE_KEY:
            key = _key(cursor.take(cursor.number(4)), key_password, where, name)
            found_keys.append(key_entry(name, key, [_certificate(cursor, version) for _ in range(cursor.number(4))]))
        elif tag == _TRUSTED:
            trusted.append(TrustedEntry(name, _certificate(cursor, version)))
        else:
            raise ValueError("an entry of unknown kind")
    return Store("jks", tuple(found_keys), tuple(trusted))


def _certificate(cursor: _Cursor, version: int) -> x509.Certificate:
    if version == 2:
        cursor.text()  # the type, always X.509
    return parse_certificate(cursor.take(cursor.number(4)))


def _key(protected: bytes, password: str, where: str, name: str) -> PrivateKey:
    info = keys.EncryptedPrivateKeyInfo.load(protected, strict=True)
    if info["encryption_algorithm"]["algorithm"].dotted != _KEY_PROTECTOR:
        raise ValueError("a key protection of unknown kind")
    plain = _unhide(info["encrypted_data"].native, password.encode("utf-16-be"))
    if plain is None:
        raise PasswordError(
            f"the password does not open the key [{name}]", hint="give the password of the key itself", where=where
        )
    return supported(load_der_private_key(plain, None), where)


def _unhide(protected: bytes, password: bytes) -> bytes | None:
    salt, hidden, digest = (
        protected[:_DIGEST_BYTES],
        protected[_DIGEST_BYTES:-_DIGEST_BYTES],
        protected[-_DIGEST_BYTES:],
    )
    stream, last = b"", salt
    while len(stream) < len(hidden):
        last = hashlib.sha1(password + last, usedforsecurity=False).digest()
        stream += last
    plain = bytes(a ^ b for a, b in zip(hidden, stream, strict=False))
    check = hashlib.sha1(password + plain, usedforsecurity=False).digest()
    return plain if hmac.compare_digest(check, digest) else None
