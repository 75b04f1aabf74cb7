"""The file of a ledger: its tables, its format version, how a connection to it is made.

`operations` holds each document's JSON once. `superseded` and `tombstones` name what may be pruned later, so that it
is found again after a crash without reading all operations.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from isthmus.errors import CannotCreateError, NoInputError, StorageError
from isthmus.files import sync_folder
from isthmus.index.ledger.errors import LedgerDamagedError, LedgerFormatError

FORMAT = 1
APPLICATION_ID = 0x4973744C  # "IstL", which `file` and SQLite show
LOCK_WAIT = 5.0
TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE operations (
    seq_no INTEGER PRIMARY KEY, deleted INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    primary_term INTEGER NOT NULL, routing TEXT, source BLOB NOT NULL
);
CREATE TABLE documents (
    id TEXT PRIMARY KEY, seq_no INTEGER NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE superseded (by_seq_no INTEGER PRIMARY KEY, seq_no INTEGER NOT NULL);
CREATE TABLE tombstones (seq_no INTEGER PRIMARY KEY, id TEXT NOT NULL, deleted_at INTEGER NOT NULL);
"""


def create_file(path: Path, uuid: str) -> None:
    """Make an empty ledger, mode 0600, on disk before this returns. Raises CannotCreateError, StorageError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError as cause:
        raise CannotCreateError("a ledger exists there", where=str(path)) from cause
    except OSError as cause:
        raise StorageError(f"the ledger cannot be made: {cause.strerror}", where=str(path)) from cause
    try:
        connection = connect(path)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(f"BEGIN; {TABLES} PRAGMA application_id={APPLICATION_ID};")
            connection.executemany("INSERT INTO meta VALUES (?, ?)", [("uuid", uuid), ("documents", 0)])
            connection.execute(f"PRAGMA user_version={FORMAT}")
            connection.execute("COMMIT")
        finally:
            connection.close()
        sync_folder(path.parent)
    except (sqlite3.Error, OSError) as cause:
        path.unlink(missing_ok=True)
        raise StorageError(f"the ledger cannot be made: {cause}", where=str(path)) from cause


def connect(path: Path, *, cache_kib: int = 2048) -> sqlite3.Connection:
    """Open a connection whose page cache never holds more than `cache_kib`. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=LOCK_WAIT,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=32,
    )
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA cache_size=-{cache_kib}")
        connection.execute("PRAGMA wal_autocheckpoint=2000")
    except BaseException:
        connection.close()
        raise
    return connection


def open_checked(path: Path) -> sqlite3.Connection:
    """Open a ledger that this release can read.

    Raises NoInputError if it is not there, LedgerFormatError, LedgerDamagedError, StorageError.
    """
    if not path.is_file():
        raise NoInputError("there is no ledger", where=str(path))
    try:
        connection = connect(path)
    except sqlite3.Error as cause:
        raise failure(cause, path) from cause
    try:
        _check_format(connection, path)
    except sqlite3.Error as cause:
        connection.close()
        raise failure(cause, path) from cause
    except BaseException:
        connection.close()
        raise
    return connection


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise LedgerFormatError("the file is no ledger of an index", where=str(path))
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > FORMAT:
        raise LedgerFormatError(
            f"the ledger has format [{found}], this release reads up to [{FORMAT}]",
            where=str(path),
            hint="a newer release wrote it: start that one",
        )
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    in_wal = path.with_name(f"{path.name}-wal")
    whole = path.stat().st_size + (in_wal.stat().st_size if in_wal.exists() else 0)
    if whole < pages * size:
        raise LedgerDamagedError("the ledger is cut short", where=str(path), hint="restore it from a backup")


def failure(cause: sqlite3.Error, path: Path) -> StorageError:
    """Return what a person is told of SQLite's error."""
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return LedgerDamagedError(f"the ledger is damaged: {cause}", where=str(path), hint="restore it from a backup")
    if code == sqlite3.SQLITE_FULL:
        return StorageError("the disk is full: nothing was written", where=str(path), hint="make room and try again")
    return StorageError(f"the ledger cannot be used: {cause}", where=str(path))
