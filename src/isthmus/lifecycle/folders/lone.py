"""A file that is named alone, not by a setting: what it is, is told by what is in it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from isthmus.errors import DataError
from isthmus.lifecycle.folders.files import Named, ReadFile, read_bounded, read_certificates, read_key, read_keystore
from isthmus.lifecycle.folders.sealed import AskPassword
from isthmus.pki.bundles import load_certificates
from isthmus.pki.form import is_authority
from isthmus.pki.keys import has_private_key, is_encrypted
from isthmus.pki.rules.facts import ChannelFacts, FileKind, NodeFacts
from isthmus.settings.ssl_settings import HTTP_SSL, PROTOCOLS


def read_lone_file(path: Path, ask: AskPassword) -> NodeFacts:
    """Read a certificate file, key file or store as facts of a node that has nothing else.

    The rules know channels only: it is handed to them as what an HTTP channel, which demands the least, would show
    (a leaf with its chain) or trust (authorities).
    """
    files = _read(path.absolute(), ask)
    key = next((file.key for file in files if file.key is not None), None)
    certificates = _presented(files)
    leads = bool(certificates) and not is_authority(certificates[0])
    channel = ChannelFacts(
        prefix=HTTP_SSL.prefix,
        enabled=True,
        verification_mode="certificate",
        client_authentication="none",
        supported_protocols=PROTOCOLS,
        cipher_suites=(),
        public_key=key.public_key() if key is not None else None,
        presented=certificates if leads else (),
        trusted=() if leads else certificates,
        files=tuple(file.facts for file in files),
    )
    return NodeFacts(name=str(path), where=str(path.absolute()), channels=(channel,), addresses={})


def _read(path: Path, ask: AskPassword) -> list[ReadFile]:
    try:
        _, data = read_bounded(path)
    except DataError:
        return [read_certificates(Named(path, "certificate", "certificate"))]
    if data[:4] in (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"):
        return [_read_store(path, ask)]
    if data[:1] == b"\x30":
        return [_read_der(path, data, ask)]
    return _read_pem(path, data, ask)


def _read_der(path: Path, data: bytes, ask: AskPassword) -> ReadFile:
    if _certificates_in(data):
        return read_certificates(Named(path, kind := _kind(data), kind))
    key = read_key(Named(path, "key", "key"), lambda _what: None)
    return _read_store(path, ask) if key.facts.fault else key


def _read_pem(path: Path, data: bytes, ask: AskPassword) -> list[ReadFile]:
    files = []
    if has_private_key(data) or is_encrypted(data):
        files.append(read_key(Named(path, "key", "key"), ask))
    if not files or b"-----BEGIN CERTIFICATE-----" in data:
        files.insert(0, read_certificates(Named(path, kind := _kind(data), kind)))
    return files


def _read_store(path: Path, ask: AskPassword) -> ReadFile:
    asking = functools.cache(ask)
    store = read_keystore(Named(path, "truststore", "truststore"), asking)
    has_own = store.facts.fault or any(not is_authority(one) for one in store.facts.certificates)
    return read_keystore(Named(path, "keystore", "keystore"), asking) if has_own else store


def _kind(data: bytes) -> FileKind:
    found = _certificates_in(data)
    return "authorities" if found and all(is_authority(one) for one in found) else "certificate"


def _certificates_in(data: bytes) -> tuple[x509.Certificate, ...]:
    try:
        return load_certificates(data, "")
    except DataError:
        return ()


def _presented(files: Sequence[ReadFile]) -> tuple[x509.Certificate, ...]:
    return next((file.facts.certificates for file in files if file.facts.certificates), ())
