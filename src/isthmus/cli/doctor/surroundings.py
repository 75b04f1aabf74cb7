"""The circumstances of a judgement: public CAs of this machine, and those that options name."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from isthmus.errors import IsthmusError, NoInputError
from isthmus.lifecycle.folders.files import read_bounded
from isthmus.pki.bundles import load_certificates
from isthmus.pki.parsing import parse_certificate
from isthmus.pki.rules import Circumstances, Finding

MAX_STORE_FILES = 2000
_BEGIN = b"-----BEGIN CERTIFICATE-----"


def circumstances(now: datetime, organisation: Sequence[str], elsewhere: Sequence[str]) -> Circumstances:
    """Read the files that the options name, and the system's store of public CAs (none found: an empty set).

    Raises NoInputError or DataError for a file that an option names and that cannot be read.
    """
    return Circumstances(
        now=now,
        public=frozenset(public_authorities()),
        organisation=frozenset(one for path in organisation for one in _named(path)),
        elsewhere=tuple(one for path in elsewhere for one in _named(path)),
    )


def public_store() -> Path | None:
    """Return where the TLS library of this machine keeps public CAs: a file or a folder, None if it has none."""
    paths = ssl.get_default_verify_paths()
    found = next((one for one in (paths.cafile, paths.capath) if one), None)
    return Path(found) if found else None


def missing_store() -> Iterator[Finding]:
    """Say that this machine has no store of public CAs, if so: then no CA is known as public."""
    if public_store() is None:
        paths = ssl.get_default_verify_paths()
        looked = f"{paths.openssl_cafile}, {paths.openssl_capath}"
        sentence = "this machine has no store of public CAs, so it was not checked whether a CA is a public one"
        mend = "install ca-certificates, or name a store in SSL_CERT_FILE"
        yield Finding("public-authorities-unknown", "note", "", "", "", looked, sentence, mend)


def public_authorities() -> Iterator[x509.Certificate]:
    """Give the public CAs of this machine; one that cannot be read is none that could be met."""
    store = public_store()
    if store is None:
        return
    files = [store] if store.is_file() else sorted(store.iterdir())[:MAX_STORE_FILES]
    for file in files:
        yield from _readable(file)


def _readable(file: Path) -> Iterator[x509.Certificate]:
    try:
        _, data = read_bounded(file)
    except IsthmusError:
        return
    for block in data.split(_BEGIN)[1:]:
        try:
            with warnings.catch_warnings():
                # Old public CAs break rules that nobody here can mend.
                warnings.simplefilter("ignore", CryptographyDeprecationWarning)
                certificate = parse_certificate(_BEGIN + block)
        except ValueError:
            continue
        yield certificate


def _named(path: str) -> tuple[x509.Certificate, ...]:
    try:
        _, data = read_bounded(Path(path))
    except IsthmusError as error:
        raise NoInputError(error.reason, where=path, hint=error.hint) from error
    return load_certificates(data, path)
