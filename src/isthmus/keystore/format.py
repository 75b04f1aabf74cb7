"""The layout of a keystore, format version 1. All numbers are big-endian.

    offset  size  content
         0     8  the letters ISTHMUSK
         8     1  format version: 1
         9     1  flags: 1 if a password protects it, else 0
        10     1  cost: the key is derived by scrypt with N = 2^cost, r = 8, p = 3; from 10 to 17
        11    16  salt of the derivation, random for each writing
        27    12  nonce of AES-256-GCM, random for each writing
        39     4  length of the rest
        43     …  AES-256-GCM of the values, with its tag; bytes 0 to 42 are authenticated with them
                  values: a MessagePack array of two maps, name → text (str → str), name → file (str → bin)

Without a password the key is derived from the empty one at the lowest cost: such a file is as safe as its mode (0600),
and any change of it is still found. The cost is bounded before it is used, so that no file can demand more than
128 MiB and about two seconds. N = 2^15 with p = 3 is what the OWASP Password Storage Cheat Sheet counts as equal to its
first choice (2^17, p = 1), in a quarter of the memory.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from isthmus.errors import DataError, IntegrityError

FORMAT_VERSION = 1
MIN_COST = 10
MAX_COST = 17
PASSWORD_COST = 15
MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_PASSWORD_BYTES = 4096

Value = str | bytes

_MAGIC = b"ISTHMUSK"
_HEADER = struct.Struct(">8sBBB16s12sI")
_TAG_BYTES = 16
_BLOCK_SIZE, _PARALLELISM, _KEY_BYTES = 8, 3, 32
_PROTECTED = 1


@dataclass(frozen=True, slots=True)
class Header:
    """What can be read without the password, and is to be believed only once `unseal` has succeeded."""

    version: int
    has_password: bool
    cost: int
    salt: bytes
    nonce: bytes


def current_cost(password: str) -> int:
    """Return the cost that a keystore written today gets."""
    return PASSWORD_COST if password else MIN_COST


def seal(values: Mapping[str, Value], password: str, cost: int) -> bytes:
    """Encrypt `values` under `password` (empty: none).

    Raises DataError if there is more than fits, or the password is too long.
    """
    import msgspec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    files = {name: value for name, value in values.items() if isinstance(value, bytes)}
    content = msgspec.msgpack.encode((texts, files))
    size = len(content) + _TAG_BYTES
    if _HEADER.size + size > MAX_FILE_BYTES:
        raise DataError(f"the keystore would grow beyond {MAX_FILE_BYTES} bytes", hint="keep large files elsewhere")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    header = _HEADER.pack(_MAGIC, FORMAT_VERSION, _PROTECTED if password else 0, cost, salt, nonce, size)
    return header + AESGCM(_derive(password, salt, cost)).encrypt(nonce, content, header)


def unseal(data: bytes, password: str, where: str) -> dict[str, Value]:
    """Decrypt a keystore; `where` names the file. Raises what `read_header` raises, and IntegrityError."""
    import msgspec
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header = read_header(data, where)
    key = _derive(password, header.salt, header.cost)
    try:
        content = AESGCM(key).decrypt(header.nonce, data[_HEADER.size :], data[: _HEADER.size])
        texts, files = msgspec.msgpack.decode(content, type=tuple[dict[str, str], dict[str, bytes]])
    except InvalidTag as cause:
        raise _cannot_open(header, where) from cause
    except msgspec.MsgspecError as cause:
        raise IntegrityError("the keystore does not hold what it should", hint=_RESTORE, where=where) from cause
    return {**texts, **files}


def read_header(data: bytes, where: str) -> Header:
    """Read the header and check it against its bounds and the file's length; uses no password.

    Raises IntegrityError, or DataError if a newer Isthmus wrote the file.
    """
    if len(data) < _HEADER.size or not data.startswith(_MAGIC):
        raise IntegrityError("this is no keystore, or a damaged one", hint=_RESTORE, where=where)
    _, version, flags, cost, salt, nonce, size = _HEADER.unpack_from(data)
    if version > FORMAT_VERSION:
        raise DataError(
            f"the keystore has format version {version}, and this program knows versions up to {FORMAT_VERSION}",
            hint="use the newer program that wrote it, or restore the file if no newer one did",
            where=where,
        )
    in_bounds = version == FORMAT_VERSION and flags in (0, _PROTECTED) and MIN_COST <= cost <= MAX_COST
    if not in_bounds or size < _TAG_BYTES or len(data) != _HEADER.size + size:
        raise IntegrityError("the keystore is damaged or cut short", hint=_RESTORE, where=where)
    return Header(version, flags == _PROTECTED, cost, salt, nonce)


_RESTORE = "restore the file from a backup, or move it away and create it anew"


def _cannot_open(header: Header, where: str) -> IntegrityError:
    if header.has_password:
        return IntegrityError(
            "the password is wrong, or the keystore was altered",
            hint="enter the password again; if it is right, restore the file from a backup",
            where=where,
        )
    return IntegrityError("the keystore was altered", hint=_RESTORE, where=where)


def _derive(password: str, salt: bytes, cost: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    derivation = Scrypt(salt=salt, length=_KEY_BYTES, n=2**cost, r=_BLOCK_SIZE, p=_PARALLELISM)
    return derivation.derive(_password_bytes(password))


def _password_bytes(password: str) -> bytes:
    try:
        encoded = password.encode()
    except UnicodeEncodeError:
        # The cause would hold the password.
        raise DataError("the password is not valid Unicode", hint="use a terminal with UTF-8") from None
    if len(encoded) > MAX_PASSWORD_BYTES:
        raise DataError(f"the password is longer than {MAX_PASSWORD_BYTES} bytes", hint="take a shorter one")
    return encoded
