"""The folder of a projection: Tantivy's files, its slots, and how far it has come.

`slots.json` is written before documents use a slot, `checkpoint.json` after Tantivy's commit: after a crash it may say
too little, and the operations after it are simply made again.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from isthmus.errors import DataError, IsthmusError
from isthmus.files import sync_folder, write_beside
from isthmus.index.projection.slots import Slots

FORMAT = 1
SLOTS, CHECKPOINT = "slots.json", "checkpoint.json"
TANTIVYS = "meta.json"
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")


class ProjectionUnusableError(IsthmusError):
    """A projection that is missing, damaged or of another index; it is built anew from the ledger."""

    type = "corrupt_index_exception"


class _Format(msgspec.Struct):
    format: int


class _Deletes(msgspec.Struct):
    opstamp: int


class _Segment(msgspec.Struct):
    segment_id: str
    deletes: _Deletes | None = None


class _TantivysFile(msgspec.Struct):
    segments: list[_Segment]


class _SlotsFile(msgspec.Struct):
    format: int
    uuid: str
    pools: dict[str, int]
    assigned: dict[str, str]
    several: list[str]
    discovered: dict[str, str] = {}


class _CheckpointFile(msgspec.Struct):
    format: int
    seq_no: int


def load_slots(folder: Path, uuid: str) -> Slots:
    """Return the slots of a projection. Raises ProjectionUnusableError, DataError for one of a newer release."""
    try:
        raw = (folder / SLOTS).read_bytes()
        newer = msgspec.json.decode(raw, type=_Format).format > FORMAT
        found = None if newer else msgspec.json.decode(raw, type=_SlotsFile)
    except (OSError, msgspec.MsgspecError) as cause:
        raise ProjectionUnusableError(f"its slots cannot be read: {cause}", where=str(folder)) from cause
    if found is None:
        raise DataError(
            f"the projection is of a newer format than {FORMAT}",
            where=str(folder),
            hint="start the newer release, or delete this folder to have it built anew from the ledger",
        )
    if found.uuid != uuid:
        raise ProjectionUnusableError("it is that of another index", where=str(folder))
    return Slots(found.pools, found.assigned, set(found.several), found.discovered)


def save_slots(folder: Path, uuid: str, slots: Slots) -> None:
    """Write the slots down; synced."""
    content = _SlotsFile(FORMAT, uuid, slots.pools, slots.assigned, sorted(slots.several), slots.discovered)
    _replace(folder / SLOTS, msgspec.json.encode(content))


def check_files(folder: Path) -> None:
    """Raise ProjectionUnusableError if a file of Tantivy's is gone.

    Without its list of segments it would begin an empty index, and what a segment lacks it misses at the first search
    that needs it.
    """
    try:
        found = msgspec.json.decode((folder / TANTIVYS).read_bytes(), type=_TantivysFile)
    except (OSError, msgspec.MsgspecError) as cause:
        raise ProjectionUnusableError(f"its segments cannot be told: {cause}", where=str(folder)) from cause
    gone = [name for segment in found.segments for name in _files(segment) if not (folder / name).exists()]
    if gone:
        raise ProjectionUnusableError(f"[{gone[0]}] is gone", where=str(folder))


def _files(segment: _Segment) -> list[str]:
    name = segment.segment_id.replace("-", "")
    parts = list(_PARTS) if segment.deletes is None else [*_PARTS, f"{segment.deletes.opstamp}.del"]
    return [f"{name}.{part}" for part in parts]


def load_checkpoint(folder: Path) -> int:
    """Return the sequence number up to which the projection has everything; -1 if that is not known."""
    try:
        found = msgspec.json.decode((folder / CHECKPOINT).read_bytes(), type=_CheckpointFile)
    except (OSError, msgspec.MsgspecError):
        return -1
    return found.seq_no if found.format <= FORMAT else -1


def save_checkpoint(folder: Path, seq_no: int) -> None:
    """Write down how far the projection has come."""
    _replace(folder / CHECKPOINT, msgspec.json.encode(_CheckpointFile(FORMAT, seq_no)))


def fresh_folder(parent: Path) -> Path:
    """Make a folder for a new projection beside those that are there."""
    number = 1 + max((int(one.name) for one in _generations(parent)), default=0)
    folder = parent / str(number)
    folder.mkdir(mode=0o700)
    return folder


def latest_folder(parent: Path) -> Path | None:
    """Return the folder of the newest projection that was finished, None if there is none."""
    finished = [one for one in _generations(parent) if (one / CHECKPOINT).exists()]
    return max(finished, key=lambda one: int(one.name), default=None)


def remove_others(parent: Path, kept: Path) -> None:
    """Delete every projection but `kept`."""
    for one in _generations(parent):
        if one != kept:
            shutil.rmtree(one, ignore_errors=True)


def _generations(parent: Path) -> list[Path]:
    return [one for one in parent.iterdir() if one.name.isdecimal()]


def _replace(path: Path, data: bytes) -> None:
    write_beside(path, data).replace(path)
    sync_folder(path.parent)
