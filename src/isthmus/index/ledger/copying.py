"""A consistent copy of a ledger while it is written to: for backup, and for moving an index to another node."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from isthmus.index.ledger import schema
from isthmus.index.ledger.errors import LedgerDamagedError, told
from isthmus.state.copying import copy_database, damage_of, open_copy

_WITHOUT_OPERATION = "SELECT count(*) FROM documents LEFT JOIN operations USING (seq_no) WHERE operations.id IS NULL"


@dataclass(frozen=True, slots=True)
class CopiedLedger:
    """What a copy holds: its newest sequence number (-1: none) and its documents."""

    max_seq_no: int
    count: int


def copy_file(source: sqlite3.Connection, target: Path) -> None:
    """Write one moment of the ledger to `target`, one file, checked and on disk before this returns.

    Raises CannotCreateError if `target` exists, LedgerDamagedError, sqlite3.Error, OSError; then nothing is left there.
    """
    copy_database(source, target, lambda copy: _check(copy, target))


def copy_ledger(source: Path, target: Path, uuid: str) -> CopiedLedger:
    """Copy the ledger file of the index of this uuid, which any process may write to, and tell what the copy holds.

    Raises CannotCreateError if `target` exists, LedgerDamagedError, StorageError.
    """
    with told(source), closing(schema.connect_writer(source, uuid)) as connection:
        copy_file(connection, target)
    return look_at_copy(target, uuid)


def look_at_copy(path: Path, uuid: str) -> CopiedLedger:
    """Return what a copy holds, without changing it.

    Raises LedgerDamagedError if it is damaged, of another index or of a newer format, StorageError.
    """
    with told(path), closing(open_copy(path)) as copy:
        schema.check(copy, path, uuid)
        _check(copy, path)
        (seq_no,), (count,) = copy.execute(schema.MAX_SEQ_NO).fetchone(), copy.execute(schema.COUNT).fetchone()
        return CopiedLedger(int(seq_no), int(count))


def _check(copy: sqlite3.Connection, target: Path) -> None:
    damage = damage_of(copy)
    if damage is not None:
        raise LedgerDamagedError(f"the copy of the ledger is damaged: {damage}", where=str(target))
    (missing,) = copy.execute(_WITHOUT_OPERATION).fetchone()
    if missing:
        raise LedgerDamagedError(f"the copy of the ledger lacks {missing} documents", where=str(target))
