"""What a file of certificates holds, whatever its format: certificates, keys, requests, the entries of key stores."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography import x509

from isthmus.errors import DataError
from isthmus.pki.bundles import load_certificates, read_store
from isthmus.pki.keys import PrivateKey, is_encrypted, load_private_key
from isthmus.pki.requests import load_request

MAX_ENTRIES = 10_000

AskPassword = Callable[[], str | None]
"""Gives the password of the file; None if there is none to be had."""

_JKS_MAGICS = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_SEQUENCE = b"\x30"
_PFX_VERSION = 3
_BLOCK = re.compile(
    rb"-----BEGIN (?P<label>(?:X509 |TRUSTED )?CERTIFICATE|(?:NEW )?CERTIFICATE REQUEST|[A-Z0-9 ]*PRIVATE KEY)-----"
    rb".*?-----END (?P=label)-----",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a file. `role` says what it is there, `alias` is its name in a key store.

    Without `key`, `certificate` and `request` it is a private key that could not be opened for want of a password.
    """

    role: str
    alias: str | None = None
    certificate: x509.Certificate | None = None
    request: x509.CertificateSigningRequest | None = None
    key: PrivateKey | None = field(default=None, repr=False)
    encrypted: bool | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """The format of a file in words, and what is in it."""

    format: str
    entries: tuple[Entry, ...]


def read_contents(data: bytes, ask_password: AskPassword, where: str) -> Contents:
    """Read any file of certificates. Raises DataError that names `where`: nothing known in it, broken, no password."""
    if data[:4] in _JKS_MAGICS:
        return _store(data, ask_password, where)
    if data[:1] == _SEQUENCE:
        return _binary(data, ask_password, where)
    blocks = list(_BLOCK.finditer(data))
    if not blocks:
        raise DataError(
            "holds no certificate, key or request", hint="name a PEM, DER, PKCS#12 or JKS file", where=where
        )
    if len(blocks) > MAX_ENTRIES:
        raise DataError(f"holds more than {MAX_ENTRIES} entries", hint="split the file", where=where)
    return Contents("PEM", tuple(_pem(block, ask_password, where) for block in blocks))


def _store(data: bytes, ask_password: AskPassword, where: str) -> Contents:
    password = ask_password()
    try:
        store = read_store(data, password or "", where)
    except DataError as cause:
        if password is not None:
            raise
        raise DataError(cause.reason, hint="give its password with --pass, if it has one", where=where) from cause
    entries: list[Entry] = []
    for held in store.keys:
        entries.append(Entry("private key", held.name, key=held.key))
        roles = ["certificate of the key", *["issuer"] * len(held.chain)]
        entries += [Entry(role, held.name, one) for role, one in zip(roles, held.chain, strict=False)]
    entries += [Entry("trusted certificate", one.name, one.certificate) for one in store.trusted]
    entries += [Entry("certificate that is not trusted", None, one) for one in store.others]
    return Contents("JKS" if store.kind == "jks" else "PKCS#12", tuple(entries))


def _binary(data: bytes, ask_password: AskPassword, where: str) -> Contents:
    first, last = _ends(data)
    if first == _PFX_VERSION:
        return _store(data, ask_password, where)
    if isinstance(first, int):
        return Contents("DER", (Entry("private key", key=load_private_key(data, None, where), encrypted=False),))
    if isinstance(last, bytes):
        return Contents("DER", (_encrypted_key(data, ask_password, where),))
    return Contents("DER", (_signed(data, where),))


def _ends(data: bytes) -> tuple[object, object]:
    """Give the first and the last member of the outermost sequence: they tell the formats apart.

    PFX: 3 first. PKCS#8, PKCS#1 and SEC 1 keys: 0 or 1 first. Encrypted key: an octet string last.
    """
    from asn1crypto import core

    try:
        members = core.Sequence.load(data)
        ends = [members[at] for at in (0, len(members) - 1)]
        first, last = (end.native if isinstance(end, core.Integer | core.OctetString) else None for end in ends)
    except Exception:  # asn1crypto raises errors of many kinds for malformed input
        return None, None
    return first, last


def _signed(data: bytes, where: str) -> Entry:
    try:
        return Entry("certificate", certificate=load_certificates(data, where)[0])
    except DataError:
        pass
    try:
        return Entry("certificate signing request", request=load_request(data, where))
    except DataError as cause:
        raise DataError(
            "is no certificate, key, key store or request, or a broken one", hint="make it anew", where=where
        ) from cause


def _pem(block: re.Match[bytes], ask_password: AskPassword, where: str) -> Entry:
    data, label = block[0], block["label"]
    if label.endswith(b"REQUEST"):
        return Entry("certificate signing request", request=load_request(data, where))
    if label.endswith(b"CERTIFICATE"):
        return Entry("certificate", certificate=load_certificates(data, where)[0])
    if is_encrypted(data):
        return _encrypted_key(data, ask_password, where)
    return Entry("private key", key=load_private_key(data, None, where), encrypted=False)


def _encrypted_key(data: bytes, ask_password: AskPassword, where: str) -> Entry:
    password = ask_password()
    if password is None:
        return Entry("private key", encrypted=True)
    return Entry("private key", key=load_private_key(data, password.encode(), where), encrypted=True)
