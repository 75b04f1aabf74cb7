"""Hands a key to the TLS library, which takes one from a file only: encrypted, and where no other process looks."""

from __future__ import annotations

import os
import secrets
import ssl
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from isthmus.errors import ConfigError, StorageError
from isthmus.pki.bundles import Bundle, certificates_to_pem


def load_identity(contexts: Iterable[ssl.SSLContext], bundle: Bundle, where: str) -> None:
    """Let `contexts` present the bundle's certificate and chain; `where` is the setting and the file it came from.

    Raises ConfigError if the TLS library does not take it (a key or digest that is too weak, say), StorageError if no
    file can be made for it.
    """
    if bundle.key is None or bundle.certificate is None:
        raise ConfigError("it holds no private key with a certificate", where=where, hint="name another file")
    passphrase = secrets.token_hex(24).encode()
    key = bundle.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    chain = certificates_to_pem((bundle.certificate, *bundle.chain))
    file = _file_in_memory if sys.platform == "linux" else brief_file
    with file(chain + key) as path:
        try:
            for context in contexts:
                context.load_cert_chain(path, password=passphrase)
        except ssl.SSLError as cause:
            raise ConfigError(
                f"the TLS library does not take the certificate or its key: {_words(cause)}",
                where=where,
                hint="issue it anew with 'certutil cert' (EC P-256, SHA-256)",
            ) from cause


@contextmanager
def _file_in_memory(data: bytes) -> Iterator[str]:
    """A file without a name, which needs no folder that can be written and ends with its descriptor (Linux)."""
    descriptor = os.memfd_create("isthmus", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        yield f"/proc/self/fd/{descriptor}"


@contextmanager
def brief_file(data: bytes) -> Iterator[str]:
    """A file of mode 0600 that is removed at the end. Raises StorageError if none can be written."""
    try:
        handle, path = tempfile.mkstemp(prefix="isthmus-", suffix=".pem")
    except OSError as cause:
        raise StorageError(
            f"no temporary file can be made: {cause.strerror}", hint="set TMPDIR to a folder that can be written"
        ) from cause
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        yield path
    finally:
        Path(path).unlink()


def _words(error: ssl.SSLError) -> str:
    return (error.reason or "unreadable").lower().replace("_", " ")
