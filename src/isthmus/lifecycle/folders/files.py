"""One file that a setting names: what it holds, or why it cannot be read. Never raises for what is in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography import x509

from isthmus.errors import DataError, IsthmusError, PasswordError
from isthmus.files import read_regular
from isthmus.lifecycle.folders.sealed import AskPassword
from isthmus.pki import encryption
from isthmus.pki.bundles import Bundle, bundle_of, detect_store, load_certificates, read_store
from isthmus.pki.keys import PrivateKey, is_encrypted, load_private_key
from isthmus.pki.rules.facts import FileFacts, FileKind
from isthmus.pki.stores import Store

MAX_FILE_BYTES = 16 * 1024 * 1024

_SIGNS = (
    (b"-----BEGIN CERTIFICATE REQUEST-----", "a signing request"),
    (b"-----BEGIN NEW CERTIFICATE REQUEST-----", "a signing request"),
    (b"PRIVATE KEY-----", "a private key"),
    (b"-----BEGIN CERTIFICATE-----", "a certificate"),
    (b"-----BEGIN X509 CRL-----", "a revocation list"),
    (b"-----BEGIN PUBLIC KEY-----", "a public key"),
    (b"\xfe\xed\xfe\xed", "a JKS store"),
    (b"PK\x03\x04", "a zip file"),
)


@dataclass(frozen=True)
class ReadFile:
    """The facts of a file, and the key or the entries that were in it."""

    facts: FileFacts
    key: PrivateKey | None = field(default=None, repr=False)
    bundle: Bundle = field(default_factory=Bundle)


@dataclass(frozen=True)
class Named:
    """A file as a setting names it, with the passwords that are known. `setting` as it is written in the file."""

    path: Path
    setting: str
    kind: FileKind
    password: str | None = field(default=None, repr=False)
    key_password: str | None = field(default=None, repr=False)

    @property
    def where(self) -> str:
        return f"{self.setting} [{self.path}]" if self.setting else str(self.path)


def read_certificates(named: Named) -> ReadFile:
    """Read a PEM or DER file of certificates."""

    def read(data: bytes, facts: FileFacts) -> ReadFile:
        try:
            return ReadFile(replace(facts, certificates=load_certificates(data, named.where)))
        except DataError as error:
            raise _seeming(error, data, "holds no certificate") from error

    return _guarded(named, "PEM", read)


def read_key(named: Named, ask: AskPassword) -> ReadFile:
    """Read a private key."""

    def read(data: bytes, facts: FileFacts) -> ReadFile:
        facts = replace(facts, encryption=encryption.of_pem_key(data))
        password = named.password
        if password is None and is_encrypted(data):
            password = ask(named.where)
            if password is None:
                return ReadFile(replace(facts, password_missing=True))
        try:
            key = load_private_key(data, None if password is None else password.encode(), named.where)
        except DataError as error:
            raise _seeming(error, data, "holds no private key") from error
        return ReadFile(facts, key)

    return _guarded(named, "PEM", read)


def read_keystore(named: Named, ask: AskPassword) -> ReadFile:
    """Read a PKCS#12 or JKS file; its bytes tell which, as they do to Java."""

    def read(data: bytes, facts: FileFacts) -> ReadFile:
        try:
            kind = detect_store(data, named.where)
        except DataError as error:
            raise _seeming(error, data, "this is neither a PKCS#12 nor a JKS file") from error
        protection = encryption.JKS if kind == "jks" else encryption.of_pkcs12(data)
        facts = replace(facts, format="jks" if kind == "jks" else "PKCS12", encryption=protection)
        store = _opened(data, named, ask)
        if store is None:
            return ReadFile(replace(facts, password_missing=True))
        return _entries(store, named, replace(facts, certificates=_certificates(store)))

    return _guarded(named, "PKCS12", read)


def _opened(data: bytes, named: Named, ask: AskPassword) -> Store | None:
    """Open a store; None if its password is not known."""
    try:
        return read_store(data, named.password, named.where, key_password=named.key_password)
    except PasswordError:
        if named.password is not None:
            raise
    password = ask(named.where)
    if password is None:
        return None
    return read_store(data, password, named.where, key_password=named.key_password)


def _entries(store: Store, named: Named, facts: FileFacts) -> ReadFile:
    bundle = bundle_of(store, named.where) if named.kind == "keystore" else Bundle(trusted=_trusted(store))
    if named.kind == "keystore" and bundle.key is None:
        raise DataError(
            "the keystore holds no private key", hint="name the store that was made for this node", where=named.where
        )
    if named.kind == "truststore" and not bundle.trusted:
        raise DataError(
            "the truststore holds no trusted certificate",
            hint="add the CA with 'keytool -importcert', or name its PEM file in certificate_authorities",
            where=named.where,
        )
    return ReadFile(facts, bundle.key, bundle)


def _trusted(store: Store) -> tuple[x509.Certificate, ...]:
    return tuple(entry.certificate for entry in store.trusted)


def _certificates(store: Store) -> tuple[x509.Certificate, ...]:
    chains = [one for entry in store.keys for one in entry.chain]
    return tuple(dict.fromkeys([*chains, *_trusted(store), *store.others]))


def _guarded(named: Named, form: str, read: Callable[[bytes, FileFacts], ReadFile]) -> ReadFile:
    facts = FileFacts(path=str(named.path), setting=named.setting, kind=named.kind, format=form)
    try:
        mode, data = read_bounded(named.path)
        facts = replace(facts, mode=mode)
        return read(data, facts)
    except IsthmusError as error:
        return ReadFile(replace(facts, fault=error.reason, mend=error.hint or "name another file"))


def read_bounded(path: Path) -> tuple[int, bytes]:
    """Return permission bits and content of a file; raises DataError for what is no file, empty or too large."""
    try:
        mode, data = read_regular(path, MAX_FILE_BYTES)
    except OSError as cause:
        hint = "check the path (a relative one is relative to the configuration folder) and who may read it"
        raise DataError(f"the file cannot be read: {cause.strerror}", hint=hint) from cause
    if not data:
        raise DataError("the file is empty", hint="put the original file in its place")
    if len(data) > MAX_FILE_BYTES:
        raise DataError(f"the file is larger than {MAX_FILE_BYTES >> 20} MiB", hint="name another file")
    return mode, data


def _seeming(error: DataError, data: bytes, expected: str) -> DataError:
    """Say what a file is instead of what was expected."""
    if error.reason != expected:
        return error
    what = next((name for sign, name in _SIGNS if sign in data[: 1 << 16]), None)
    if what is None:
        return error
    return DataError(f"{expected}; it is {what}", hint=error.hint, where=error.where)
