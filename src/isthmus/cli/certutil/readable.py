"""Parts of certificates and requests are parsed when they are asked for: a damaged one may fail late, in many ways."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from isthmus.errors import DataError


@contextmanager
def readable(where: str) -> Iterator[None]:
    """Raise DataError that names `where` for whatever `cryptography` raises over a damaged or unknown part."""
    try:
        yield
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension) as cause:
        raise DataError("a part of it is damaged or of an unknown kind", hint="make it anew", where=where) from cause
