"""A backup is judged as a whole before anything is restored from it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from isthmus.cluster.indices.catalogue import indices_in
from isthmus.errors import DataError, IntegrityError, NoInputError, PermissionDeniedError, StorageError
from isthmus.files import read_regular
from isthmus.index.ledger.copying import CopiedLedger, look_at_copy
from isthmus.keystore import FILE_NAME as KEYSTORE
from isthmus.keystore import read_sealed
from isthmus.node.backup.manifest import FILE, MAX_BYTES, STATE, CopiedFile, Manifest, decode
from isthmus.state.copying import StateCopy


def verified(backup: Path) -> Manifest:
    """Return the manifest of the backup in the folder, of which every file is as it was when it was made.

    Raises NoInputError (no backup, a file is missing), IntegrityError (a file was changed), ConfigError (a newer
    format, of the backup or of a file), DataError, StorageError.
    """
    manifest = decode(_read_manifest(backup / FILE), str(backup / FILE))
    for file in manifest.files:
        _check_digest(backup / file.path, file)
    _check_state(backup, manifest)
    for file in manifest.files:
        if file.index is not None:
            _check_ledger(backup / file.path, file)
    if any(file.path == KEYSTORE for file in manifest.files):
        read_sealed(backup / KEYSTORE)
    return manifest


def _read_manifest(path: Path) -> bytes:
    try:
        _, data = read_regular(path, MAX_BYTES)
    except FileNotFoundError as cause:
        raise NoInputError(
            "there is no backup", where=str(path), hint="name the folder that `isthmus backup` has written to its end"
        ) from cause
    except OSError as cause:
        raise _unreadable(path, cause) from cause
    if len(data) > MAX_BYTES:
        raise DataError("the manifest is too large", where=str(path))
    return data


def _check_digest(path: Path, file: CopiedFile) -> None:
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as cause:
        raise NoInputError("a file of the backup is missing", where=str(path)) from cause
    except OSError as cause:
        raise _unreadable(path, cause) from cause
    if digest != file.sha256:
        raise IntegrityError("the file is not the one that was backed up: its SHA-256 differs", where=str(path))


def _check_state(backup: Path, manifest: Manifest) -> None:
    path = backup / STATE
    copy = StateCopy(path)
    if copy.meta.get("node_id") != manifest.node_id:
        raise DataError("the state is not that of the node in the manifest", where=str(path))
    try:
        held = {index.uuid for index in indices_in(copy.entries).values() if index.node == manifest.node_id}
    except ValueError as cause:
        raise DataError(f"the state cannot be used: {cause}", where=str(path)) from cause
    if held != {file.index.uuid for file in manifest.files if file.index is not None}:
        raise DataError("the backup has not exactly the ledgers of the indices that its state names", where=str(path))


def _check_ledger(path: Path, file: CopiedFile) -> None:
    assert file.index is not None  # noqa: S101  of a ledger
    found = look_at_copy(path, file.index.uuid)
    if found != CopiedLedger(file.index.seq_no, file.index.documents):
        raise DataError("the ledger does not hold what the manifest says", where=str(path))


def _unreadable(path: Path, cause: OSError) -> PermissionDeniedError | StorageError:
    if isinstance(cause, PermissionError):
        return PermissionDeniedError("the backup cannot be read", where=str(path))
    return StorageError(f"the backup cannot be read: {cause.strerror}", where=str(path))
