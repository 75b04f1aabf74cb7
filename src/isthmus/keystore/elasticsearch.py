"""The keystore of Elasticsearch, read only: `elasticsearch.keystore`, format versions 3 to 7.

Lucene frames it (CodecUtil, numbers big-endian) and guards it against accidental damage:

    magic 3FD76C17 | vInt length and name `elasticsearch.keystore` | version, 4 bytes
    one byte: 1 if a password protects it, else 0 | length of the data, 4 bytes | the data
    footer: C02893E8 | 00000000 | CRC-32 of all before, as 8 bytes

The data is three counted byte strings: salt, nonce, ciphertext. Its key is PBKDF2-HMAC-SHA512 of the password
(empty: none), the cipher AES-GCM with the salt as associated data. What versions changed (`KeyStoreWrapper` names
them): 4 dropped the kind of an entry, 5 turned all numbers but those of the frame to little-endian, 6 raised 10,000
iterations to 210,000, 7 lengthened the key from 128 to 256 bits.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass, field

from isthmus.errors import DataError, IntegrityError, PasswordError

FILE_NAME = "elasticsearch.keystore"
VERSIONS = range(3, 8)
MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_PASSWORD_BYTES = 4096

_MAGIC = struct.pack(">IB", 0x3FD76C17, len(FILE_NAME)) + FILE_NAME.encode()
_FOOTER = struct.Struct(">IIQ")
_FOOTER_MAGIC = 0xC02893E8
_RESTORE = "restore the file from a backup, or make it anew with 'elasticsearch-keystore create'"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A keystore that is still encrypted. `where` names its file."""

    version: int
    has_password: bool
    salt: bytes
    nonce: bytes
    ciphertext: bytes
    where: str = field(compare=False)


def read_sealed(data: bytes, where: str) -> Sealed:
    """Read the frame of a keystore and check it against its checksum; uses no password.

    Raises IntegrityError (no keystore, damaged, cut short), DataError (too large, a version that is not read here).
    """
    if len(data) > MAX_FILE_BYTES:
        raise DataError(f"the keystore is larger than {MAX_FILE_BYTES} bytes", where=where)
    if not data.startswith(_MAGIC):
        raise IntegrityError("this is no keystore of Elasticsearch, or a damaged one", hint=_RESTORE, where=where)
    body = _Cursor(_without_footer(data, where), where)
    body.take(len(_MAGIC))
    version = body.number(">I")
    if version not in VERSIONS:
        raise DataError(
            f"the keystore has format version {version}; read are {VERSIONS.start} to {VERSIONS.stop - 1}",
            hint="bring it to one of these with 'elasticsearch-keystore upgrade' of Elasticsearch 7 to 9",
            where=where,
        )
    return _sealed(body, version, where)


def unseal(sealed: Sealed, password: str) -> dict[str, bytes]:
    """Decrypt the values, by the names of their settings.

    Raises PasswordError if the password does not open it, IntegrityError if it was altered.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        plain = AESGCM(_key(sealed, password)).decrypt(sealed.nonce, sealed.ciphertext, sealed.salt)
    except (InvalidTag, ValueError) as cause:
        raise _cannot_open(sealed) from cause
    return _entries(_Cursor(plain, sealed.where), sealed.version)


def _cannot_open(sealed: Sealed) -> IntegrityError | PasswordError:
    # The checksum has excluded accidents.
    if sealed.has_password:
        return PasswordError("the password does not open the keystore", hint="check the password", where=sealed.where)
    return IntegrityError("the keystore was altered", hint=_RESTORE, where=sealed.where)


def _without_footer(data: bytes, where: str) -> bytes:
    body, footer = data[: -_FOOTER.size], data[-_FOOTER.size :]
    expected = (_FOOTER_MAGIC, 0, zlib.crc32(data[:-8]))
    if len(footer) < _FOOTER.size or _FOOTER.unpack(footer) != expected:
        raise IntegrityError("the keystore is damaged or cut short", hint=_RESTORE, where=where)
    return body


def _sealed(body: _Cursor, version: int, where: str) -> Sealed:
    flag = body.take(1)[0]
    number = ">I" if version < 5 else "<I"
    inner = _Cursor(body.take(body.number(number)), where)
    parts = [inner.take(inner.number(number)) for _ in range(3)]
    if flag > 1 or body.left or inner.left:
        raise body.damaged()
    return Sealed(version, flag == 1, parts[0], parts[1], parts[2], where)


def _key(sealed: Sealed, password: str) -> bytes:
    secret = password.encode("utf-8", "replace")
    if len(secret) > MAX_PASSWORD_BYTES:
        raise PasswordError(f"the password is longer than {MAX_PASSWORD_BYTES} bytes", where=sealed.where)
    iterations = 10_000 if sealed.version < 6 else 210_000
    length = 16 if sealed.version < 7 else 32
    return hashlib.pbkdf2_hmac("sha512", secret, sealed.salt, iterations, length)


def _entries(plain: _Cursor, version: int) -> dict[str, bytes]:
    # Java's DataOutput wrote this part: big-endian in every version.
    found: dict[str, bytes] = {}
    for _ in range(plain.number(">I")):
        name = plain.take(plain.number(">H")).decode("utf-8", "replace")
        if version == 3:
            plain.take(plain.number(">H"))  # STRING or FILE
        found[name] = plain.take(plain.number(">I"))
    if plain.left:
        raise plain.damaged()
    return found


class _Cursor:
    """Reads fields; every length is checked against what is left."""

    def __init__(self, data: bytes, where: str) -> None:
        self._data, self._at, self._where = data, 0, where

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise self.damaged()
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, form: str) -> int:
        value: int = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return value

    def damaged(self) -> IntegrityError:
        return IntegrityError("the keystore is damaged or cut short", hint=_RESTORE, where=self._where)
