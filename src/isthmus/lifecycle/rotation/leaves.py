"""The papers of a rotation: leaves with their keys, and authorities, each by its id, in one folder that only we read.

authorities/<fingerprint>.crt
leaves/<id>.pem               key, certificate and chain; the id is `transport/node1/old`
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cryptography import x509

from isthmus.errors import NoInputError, StorageError
from isthmus.files import sync_folder, write_beside
from isthmus.pki.bundles import Bundle, certificates_to_pem, load_certificates, load_pem
from isthmus.pki.explain import fingerprint
from isthmus.pki.keys import key_to_pem
from isthmus.pki.verify import trusted_path


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
            data = _read(self._leaf_file(leaf))
            self._leaves[leaf] = load_pem(data, data, None, str(self._leaf_file(leaf)))
        return self._leaves[leaf]

    def has_leaf(self, leaf: str) -> bool:
        """Tell whether there is a leaf of this id."""
        return leaf in self._leaves or self._leaf_file(leaf).exists()

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
            self._authorities[name] = load_certificates(_read(path), str(path))[0]
        return self._authorities[name]

    def vouchers(self, leaf: str, authorities: Iterable[str]) -> frozenset[str]:
        """Return which of `authorities` vouch for a leaf, by themselves and what the leaf brings along."""
        bundle = self.leaf(leaf)
        shown = bundle.certificate
        if shown is None:
            return frozenset()
        return frozenset(one for one in authorities if trusted_path(shown, bundle.chain, [self.authority(one)]))

    def _leaf_file(self, leaf: str) -> Path:
        return self.folder / "leaves" / f"{leaf}.pem"

    def _authority_file(self, name: str) -> Path:
        return self.folder / "authorities" / f"{name}.crt"


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600, whole or not at all, in a folder of mode 0700. Raises StorageError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_beside(path, data).replace(path)
        sync_folder(path.parent)
    except OSError as cause:
        raise StorageError(f"the file cannot be written: {cause.strerror}", where=str(path)) from cause


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise NoInputError(
            f"a paper of the rotation cannot be read: {cause.strerror}",
            where=str(path),
            hint="the folder of a rotation must stay whole until the rotation is done",
        ) from cause
