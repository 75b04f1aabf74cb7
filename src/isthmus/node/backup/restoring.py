"""A backup becomes the data of a node that does not run: all of it or nothing.

Everything is written into `.restoring` of the data folder first, and moved out by renaming, the state last. Where
`.restoring` is left, a restore was cut short: no node starts there, and the next restore begins anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from isthmus.errors import CannotCreateError, IntegrityError, StorageError
from isthmus.files import sync_folder
from isthmus.keystore import FILE_NAME as KEYSTORE
from isthmus.keystore import read_sealed, write_sealed
from isthmus.node.backup.manifest import INDICES, STATE, CopiedFile, Manifest
from isthmus.node.backup.verifying import verified
from isthmus.node.folder import LOCK, RESTORING, held
from isthmus.state.store import StateStore

CHUNK = 1 << 20
_OF_THE_SYSTEM = {LOCK, "lost+found"}


def restore_backup(backup: Path, data: Path, keystore: Path | None) -> Manifest:
    """Make the backup in the folder the content of `data`, which must be empty, and its keystore that at `keystore`.

    None leaves the keystore as it is. Raises what `verified` raises, ConfigError if a node runs on `data`,
    CannotCreateError if something is there, or another keystore, StorageError; then both are as they were.
    """
    manifest = verified(backup)
    with held(data):
        _clear(data)
        _check_keystore(backup, manifest, keystore)
        try:
            _stage(backup, data / RESTORING, manifest)
            if keystore is not None and _has_keystore(manifest):
                write_sealed(keystore, read_sealed(backup / KEYSTORE) or b"")
            _move_out(data / RESTORING, data)
        except OSError as cause:
            _take_back(data)
            raise StorageError(f"the restore failed: {cause.strerror}", where=str(data)) from cause
        except BaseException:
            _take_back(data)
            raise
    return manifest


def _clear(data: Path) -> None:
    """Take away what a restore that was cut short has left. Raises CannotCreateError if there is anything else."""
    there = {path.name for path in data.iterdir()} - _OF_THE_SYSTEM
    if RESTORING in there and there <= {RESTORING, INDICES, STATE}:
        _take_back(data)
    elif there:
        raise CannotCreateError(
            f"the data folder is not empty: it holds [{min(there)}]",
            where=f"path.data {data}",
            hint="move its content away, or restore into another folder with -E path.data=…",
        )


def _take_back(data: Path) -> None:
    (data / STATE).unlink(missing_ok=True)
    shutil.rmtree(data / INDICES, ignore_errors=True)
    shutil.rmtree(data / RESTORING, ignore_errors=True)


def _check_keystore(backup: Path, manifest: Manifest, keystore: Path | None) -> None:
    if keystore is None or not _has_keystore(manifest):
        return
    there = read_sealed(keystore)
    if there is not None and there != read_sealed(backup / KEYSTORE):
        raise CannotCreateError(
            "another keystore is there", where=str(keystore), hint="move it away, or go on with it: --keep-keystore"
        )


def _has_keystore(manifest: Manifest) -> bool:
    return any(file.path == KEYSTORE for file in manifest.files)


def _stage(backup: Path, staged: Path, manifest: Manifest) -> None:
    staged.mkdir(mode=0o700)
    (staged / INDICES).mkdir(mode=0o700)
    for file in manifest.files:
        if file.path != KEYSTORE:
            _copy(backup / file.path, staged / file.path, file)
    store = StateStore(staged / STATE)
    try:
        store.mark_restored()
    finally:
        store.close()
    sync_folder(staged / INDICES)
    sync_folder(staged)


def _copy(source: Path, target: Path, file: CopiedFile) -> None:
    """Copy a file to disk, mode 0600. Raises IntegrityError if it has changed since it was verified."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with source.open("rb") as reading, os.fdopen(descriptor, "wb") as writing:
        while part := reading.read(CHUNK):
            digest.update(part)
            writing.write(part)
        writing.flush()
        os.fsync(writing.fileno())
    if digest.hexdigest() != file.sha256:
        raise IntegrityError("the file has changed while it was restored", where=str(source))
    sync_folder(target.parent)


def _move_out(staged: Path, data: Path) -> None:
    for name in (INDICES, STATE):
        (staged / name).rename(data / name)
    sync_folder(data)
    staged.rmdir()
    sync_folder(data)
