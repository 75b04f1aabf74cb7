"""The papers of a rotation: leaves with their keys, and authorities, each by its id, in one folder that only we read.

authorities/<fingerprint>.crt
leaves/<id>.pem               key, certificate and chain; the id is `transport/node1/old`
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from cryptography import x509

from isthmus.errors import DataError, NoInputError, StorageError
from isthmus.files import read_regular, sync_folder, write_beside
from isthmus.pki.bundles import Bundle, certificates_to_pem, load_certificates, load_pem
from isthmus.pki.explain import fingerprint
from isthmus.pki.keys import key_to_pem
from isthmus.pki.verify import trusted_path
from isthmus.tls.material import MAX_FILE_BYTES

_WHOLE = "the folder of a rotation must stay whole until the rotation is done"


def leaf_id(channel: str, node: str, age: Literal["old", "new"]) -> str:
    """Give the id of a node's leaf; a node's name may hold anything, the id is a path within a folder."""
    return f"{channel}/{quote(node, safe=' ')}/{age}"


class Papers:
    """The papers in `folder`, which is made (mode 0700) if it is not there. What was read is remembered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._leaves: dict[str, Bundle] = {}
        self._authorities: dict[str, x509.Certificate] = {}

    def keep_leaf(self, leaf: str, bundle: Bundle) -> None:
        """Write a leaf with its key under the id `leaf`. Raises StorageError."""
        if bundle.key is None or bundle.certificate is None:
            raise ValueError(f"{leaf} has no key")
        data = key_to_pem(bundle.key) + certificates_to_pem([bundle.certificate, *bundle.chain])
        write_private(self._leaf_file(leaf), data)
        self._leaves[leaf] = bundle

    def leaf(self, leaf: str) -> Bundle:
        """Return a leaf with its key and chain. Raises NoInputError if there is none of this id, DataError."""
        if leaf not in self._leaves:
            data = read_whole(self._leaf_file(leaf), _WHOLE)
            self._leaves[leaf] = load_pem(data, data, None, str(self._leaf_file(leaf)))
        return self._leaves[leaf]

    def keep_authority(self, certificate: x509.Certificate) -> str:
        """Write an authority's certificate; return its id, which is its SHA-256 fingerprint."""
        name = fingerprint(certificate)
        write_private(self._authority_file(name), certificates_to_pem([certificate]))
        self._authorities[name] = certificate
        return name

    def authority(self, name: str) -> x509.Certificate:
        """Return the authority of this id. Raises NoInputError, DataError."""
        if name not in self._authorities:
            path = self._authority_file(name)
            self._authorities[name] = load_certificates(read_whole(path, _WHOLE), str(path))[0]
        return self._authorities[name]

    def vouchers(self, leaf: str, authorities: Iterable[str]) -> frozenset[str]:
        """Return which of `authorities` vouch for a leaf, by themselves and what the leaf brings along."""
        bundle = self.leaf(leaf)
        shown = bundle.certificate
        if shown is None:
            return frozenset()
        return frozenset(one for one in authorities if trusted_path(shown, bundle.chain, [self.authority(one)]))

    def is_leaf_valid(self, leaf: str, moment: datetime) -> bool:
        """Tell whether a leaf and the CAs that it brings along are within their dates."""
        bundle = self.leaf(leaf)
        return all(_is_valid(one, moment) for one in (bundle.certificate, *bundle.chain) if one is not None)

    def is_authority_valid(self, name: str, moment: datetime) -> bool:
        """Tell whether an authority is within its dates."""
        return _is_valid(self.authority(name), moment)

    def _leaf_file(self, leaf: str) -> Path:
        return self.folder / "leaves" / f"{leaf}.pem"

    def _authority_file(self, name: str) -> Path:
        return self.folder / "authorities" / f"{name}.crt"


def _is_valid(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600, whole or not at all, in a folder of mode 0700. Raises StorageError."""
    try:
        _make_private(path.parent)
        write_beside(path, data).replace(path)
        sync_folder(path.parent)
    except OSError as cause:
        raise StorageError(f"the file cannot be written: {cause.strerror}", where=str(path)) from cause


def _make_private(folder: Path) -> None:
    """Make the folder; of what is missing above it, too, nothing is for others."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def read_whole(path: Path, hint: str | None = None) -> bytes:
    """Read a file of at most MAX_FILE_BYTES. Raises NoInputError with `hint`, DataError."""
    try:
        _, data = read_regular(path, MAX_FILE_BYTES)
    except OSError as cause:
        raise NoInputError(f"the file cannot be read: {cause.strerror}", where=str(path), hint=hint) from cause
    if len(data) > MAX_FILE_BYTES:
        raise DataError(f"the file is larger than {MAX_FILE_BYTES} bytes", where=str(path))
    return data
