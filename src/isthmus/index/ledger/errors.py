"""What can go wrong with a ledger, and how SQLite's errors are told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isthmus.errors import StorageError, UnavailableError

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class LedgerDamagedError(StorageError):
    """A ledger's file is missing, damaged, of another index, or of a format that this release does not know."""

    type = "corrupt_index_exception"


class LedgerClosedError(UnavailableError):
    """The ledger was closed, or failed so that it must be opened anew."""

    type = "already_closed_exception"


class RejectedExecutionError(UnavailableError):
    """More writes wait than may wait."""

    type = "es_rejected_execution_exception"
    status = 429


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise what SQLite and the system raise as errors that a person understands: StorageError, LedgerDamagedError."""
    try:
        yield
    except sqlite3.Error as cause:
        raise _told(cause, path) from cause
    except OSError as cause:
        raise StorageError(f"the ledger could not be used: {cause.strerror}", where=str(path)) from cause


def may_pass(error: StorageError) -> bool:
    """Whether only room or a lock was missing: SQLite has taken everything back, and the next write may succeed."""
    return _code(error.__cause__) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY)


def _told(cause: sqlite3.Error, path: Path) -> StorageError:
    if _code(cause) in _DAMAGE:
        return LedgerDamagedError(f"the ledger is damaged: {cause}", where=str(path), hint="restore it from a backup")
    if _code(cause) == sqlite3.SQLITE_FULL:
        return StorageError("the disk is full: nothing was written", where=str(path), hint="make room and try again")
    return StorageError(f"the ledger could not be used: {cause}", where=str(path), hint="see whether the disk is sound")


def _code(cause: BaseException | None) -> int:
    """SQLite's primary code; misuse that Python itself detects has none."""
    code: int = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF
