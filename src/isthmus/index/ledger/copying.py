"""A consistent copy of a ledger while it is written to: for backup, and for moving an index to another node."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from isthmus.errors import CannotCreateError
from isthmus.files import sync_folder
from isthmus.index.ledger.errors import LedgerDamagedError
from isthmus.index.ledger.schema import connect


def copy_file(source: sqlite3.Connection, target: Path) -> None:
    """Write one moment of the ledger to `target`, checked and on disk before this returns.

    Raises CannotCreateError if `target` exists, LedgerDamagedError, sqlite3.Error, OSError; then nothing is left there.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError as cause:
        raise CannotCreateError("a file exists there", where=str(target)) from cause
    try:
        copy = connect(target)
        try:
            source.backup(copy)
            _check(copy, target)
        finally:
            copy.close()
        with target.open("rb") as stream:
            os.fsync(stream.fileno())
        sync_folder(target.parent)
    except BaseException:
        for part in ("", "-wal", "-shm"):
            target.with_name(target.name + part).unlink(missing_ok=True)
        raise


def _check(copy: sqlite3.Connection, target: Path) -> None:
    found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise LedgerDamagedError(f"the copy is damaged: {found}", where=str(target))
    counted = copy.execute("SELECT count(*) FROM documents WHERE NOT deleted").fetchone()[0]
    expected = copy.execute("SELECT value FROM meta WHERE key = 'documents'").fetchone()[0]
    if counted != expected:
        raise LedgerDamagedError(f"the copy has {counted} documents, not {expected}", where=str(target))
