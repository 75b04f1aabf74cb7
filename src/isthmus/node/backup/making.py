"""A backup is made: copies of the state, of every ledger and of the keystore; the manifest last."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from isthmus import __version__
from isthmus.cluster.indices.catalogue import indices_in
from isthmus.errors import CannotCreateError, StorageError, UnavailableError, UsageError
from isthmus.files import sync_folder, write_beside
from isthmus.index.ledger.copying import CopiedLedger, copy_ledger
from isthmus.index.ledger.errors import LedgerDamagedError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.keystore import FILE_NAME as KEYSTORE
from isthmus.keystore import read_sealed
from isthmus.node.backup.manifest import FILE, INDICES, STATE, CopiedFile, CopiedIndex, Manifest, encode, ledger_path
from isthmus.node.folder import DataFolder
from isthmus.settings import Settings, node_settings
from isthmus.state.copying import StateCopy
from isthmus.state.store import StateStore

ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Origin:
    """The node that is backed up: its state, its data folder, its keystore file, its name."""

    store: StateStore
    data: Path
    keystore: Path
    node_name: str


def origin_of(settings: Settings, folder: DataFolder) -> Origin:
    """The node of these settings that holds this data folder."""
    return Origin(folder.state, folder.path, settings.conf_dir / KEYSTORE, settings.get(node_settings.NODE_NAME))


def make_backup(origin: Origin, target: Path) -> Manifest:
    """Copy what the node holds into `target`, a folder that is empty or not there; writes go on meanwhile. Blocks.

    Each ledger is at least as old as the mapping in the state's copy, and no index of it lacks its ledger. Raises
    CannotCreateError, UsageError (a folder inside the data folder), UnavailableError, StorageError; then nothing of
    the backup is left.
    """
    made_here = _claim(origin, target)
    try:
        indices = _copy_consistently(origin, target)
        _copy_keystore(origin, target)
        manifest = _manifest(origin, target, indices)
        write_beside(target / FILE, encode(manifest)).rename(target / FILE)
        sync_folder(target)
    except OSError as cause:
        _remove(target, made_here=made_here)
        raise StorageError(f"the backup could not be written: {cause.strerror}", where=str(target)) from cause
    except BaseException:
        _remove(target, made_here=made_here)
        raise
    return manifest


def _claim(origin: Origin, target: Path) -> bool:
    """Make the folder, so that no other backup goes there, and tell whether it was not there before."""
    if target.resolve().is_relative_to(origin.data.resolve()):
        raise UsageError("a backup inside the data folder is lost with it", where=str(target), hint="name another one")
    try:
        made_here = not target.exists()
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise CannotCreateError("the folder is not empty", where=str(target), hint="name a new or an empty one")
        (target / INDICES).mkdir(mode=0o700)
    except OSError as cause:
        raise CannotCreateError(f"the folder cannot be used: {cause.strerror}", where=str(target)) from cause
    return made_here


def _copy_consistently(origin: Origin, target: Path) -> list[tuple[IndexMetadata, CopiedLedger]]:
    copied: dict[str, CopiedLedger] = {}
    absent: set[str] = set()
    for _ in range(ROUNDS):
        held = _copy_state(origin, target)
        missing = [index for index in held if index.uuid not in copied]
        if not missing:
            _drop_deleted(target, held)
            return [(index, copied[index.uuid]) for index in held]
        for index in missing:
            ledger = _copy_ledger(origin, target, index, twice=index.uuid in absent)
            if ledger is None:
                absent.add(index.uuid)
            else:
                copied[index.uuid] = ledger
    raise UnavailableError("indices were made faster than they could be copied", hint="try again when fewer are made")


def _copy_state(origin: Origin, target: Path) -> list[IndexMetadata]:
    """Copy the state as it is now, and return the indices in it that this node holds."""
    path = target / STATE
    path.unlink(missing_ok=True)
    origin.store.copy_to(path)
    copy = StateCopy(path)
    me = copy.meta.get("node_id")
    return [index for index in indices_in(copy.entries).values() if index.node == me]


def _copy_ledger(origin: Origin, target: Path, index: IndexMetadata, *, twice: bool) -> CopiedLedger | None:
    """Copy the ledger of an index; None if it is not there, which may be only once: then it was just deleted."""
    source, path = origin.data / ledger_path(index.uuid), target / ledger_path(index.uuid)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        return copy_ledger(source, path, index.uuid)
    except LedgerDamagedError as error:
        if source.is_file() or twice:
            raise LedgerDamagedError(
                f"the index [{index.name}] cannot be copied: {error.reason}", where=error.where, hint=error.hint
            ) from error
        return None


def _drop_deleted(target: Path, held: list[IndexMetadata]) -> None:
    known = {index.uuid for index in held}
    for folder in (target / INDICES).iterdir():
        if folder.name not in known:
            shutil.rmtree(folder)
    sync_folder(target / INDICES)


def _copy_keystore(origin: Origin, target: Path) -> None:
    content = read_sealed(origin.keystore)
    if content is not None:
        write_beside(target / KEYSTORE, content).rename(target / KEYSTORE)


def _manifest(origin: Origin, target: Path, indices: list[tuple[IndexMetadata, CopiedLedger]]) -> Manifest:
    copy = StateCopy(target / STATE)
    files = [_file(target, STATE)]
    if (target / KEYSTORE).exists():
        files.append(_file(target, KEYSTORE))
    for index, ledger in sorted(indices, key=lambda pair: pair[0].name):
        facts = CopiedIndex(name=index.name, uuid=index.uuid, seq_no=ledger.max_seq_no, documents=ledger.count)
        files.append(_file(target, ledger_path(index.uuid), facts))
    return Manifest(
        made=datetime.now(UTC).isoformat(timespec="milliseconds"),
        version=__version__,
        node_id=copy.meta["node_id"],
        node_name=origin.node_name,
        cluster_uuid=copy.meta.get("cluster_uuid"),
        term=copy.position.term,
        revision=copy.position.revision,
        files=files,
    )


def _file(target: Path, path: str, index: CopiedIndex | None = None) -> CopiedFile:
    with (target / path).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return CopiedFile(path=path, sha256=digest, bytes=stream.tell(), index=index)


def _remove(target: Path, *, made_here: bool) -> None:
    """Take away what was written, so that half a backup is not taken for one."""
    if made_here:
        shutil.rmtree(target, ignore_errors=True)
        return
    shutil.rmtree(target / INDICES, ignore_errors=True)
    for name in (FILE, STATE, KEYSTORE):
        (target / name).unlink(missing_ok=True)
