"""A consistent copy of a ledger while it is written to: for backup, and for moving an index to another node."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from isthmus.errors import CannotCreateError
from isthmus.files import sync_folder
from isthmus.index.ledger.errors import LedgerDamagedError

_WITHOUT_OPERATION = "SELECT count(*) FROM documents LEFT JOIN operations USING (seq_no) WHERE operations.id IS NULL"


def copy_file(source: sqlite3.Connection, target: Path) -> None:
    """Write one moment of the ledger to `target`, one file, checked and on disk before this returns.

    Raises CannotCreateError if `target` exists, LedgerDamagedError, sqlite3.Error, OSError; then nothing is left there.
    """
    try:
        target.touch(mode=0o600, exist_ok=False)
    except FileExistsError as cause:
        raise CannotCreateError("a file is there already", where=str(target)) from cause
    try:
        copy = sqlite3.connect(target, isolation_level=None)
        try:
            source.backup(copy)  # in one step: a copy in several begins anew whenever somebody writes
            copy.execute("PRAGMA journal_mode=DELETE")
            _check(copy, target)
        finally:
            copy.close()
        _sync(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _check(copy: sqlite3.Connection, target: Path) -> None:
    (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise LedgerDamagedError(f"the copy of the ledger is damaged: {verdict}", where=str(target))
    (missing,) = copy.execute(_WITHOUT_OPERATION).fetchone()
    if missing:
        raise LedgerDamagedError(f"the copy of the ledger lacks {missing} documents", where=str(target))


def _sync(target: Path) -> None:
    with target.open("rb") as stream:
        os.fsync(stream.fileno())
    sync_folder(target.parent)
