"""What a ledger's file holds, and how it is opened.

`operations` has every operation that may still be needed, by sequence number; a source is there once, and nowhere else.
`documents` leads from an id to the operation that made the document what it is; a tombstone stays a while. `superseded`
lists operations that no document needs any more, by the operation that took their place: they go when no view needs
them, and are found again after a crash without a search. `meta` keeps `max_seq_no` only once a tombstone, which may
have been the newest operation, was pruned.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from isthmus.errors import CannotCreateError
from isthmus.files import sync_folder
from isthmus.index.ledger.errors import LedgerDamagedError

FORMAT = 1
APPLICATION_ID = 0x49534C47  # "ISLG"
FILE = "ledger.sqlite"
WRITER_CACHE_KIB = 4_000
READER_CACHE_KIB = 1_000
LOCK_WAIT = 30.0
_PRAGMAS = ("synchronous=FULL", "wal_autocheckpoint=4000", "journal_size_limit=67108864")
_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE operations (seq_no INTEGER PRIMARY KEY, deletes INTEGER NOT NULL, id TEXT NOT NULL, "
    "version INTEGER NOT NULL, primary_term INTEGER NOT NULL, routing TEXT, moment INTEGER NOT NULL, source BLOB)",
    "CREATE TABLE documents (id TEXT PRIMARY KEY, seq_no INTEGER NOT NULL, version INTEGER NOT NULL, "
    "primary_term INTEGER NOT NULL, deleted INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE superseded (by_seq_no INTEGER PRIMARY KEY, seq_no INTEGER NOT NULL)",
    "CREATE INDEX tombstones ON operations (moment) WHERE deletes = 1",
)

MAX_SEQ_NO = (
    "SELECT coalesce(max(value), -1) FROM (SELECT max(seq_no) AS value FROM operations "
    "UNION ALL SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'max_seq_no')"
)
KEEP_MAX_SEQ_NO = "INSERT OR REPLACE INTO meta VALUES ('max_seq_no', ?)"
COUNT = "SELECT count(*) FROM documents WHERE deleted = 0"


def create(path: Path, uuid: str) -> None:
    """Make an empty ledger for the index of this uuid, on disk before this returns.

    Raises CannotCreateError if a file is there, sqlite3.Error, OSError.
    """
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError as cause:
        raise CannotCreateError("a ledger is there already", where=str(path)) from cause
    try:
        connection = connect(path, cache_kib=WRITER_CACHE_KIB)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={FORMAT}")
            for table in _TABLES:
                connection.execute(table)
            connection.execute("INSERT INTO meta VALUES ('uuid', ?)", (uuid,))
            connection.execute("COMMIT")
        finally:
            connection.close()
        sync_folder(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def connect(path: Path, *, cache_kib: int) -> sqlite3.Connection:
    """Open the file for reading and writing, in transactions that we begin ourselves. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=LOCK_WAIT,
        cached_statements=32,
    )
    try:
        for pragma in (*_PRAGMAS, f"cache_size=-{cache_kib}"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_writer(path: Path, uuid: str) -> sqlite3.Connection:
    """Open the one connection that writes. Raises LedgerDamagedError unless the file is a ledger of this index in a
    format that is known; sqlite3.Error."""
    if not path.is_file():
        raise LedgerDamagedError("the ledger is missing", where=str(path), hint="restore it from a backup")
    connection = connect(path, cache_kib=WRITER_CACHE_KIB)
    try:
        check(connection, path, uuid)
        connection.execute("PRAGMA journal_mode=WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def check(connection: sqlite3.Connection, path: Path, uuid: str) -> None:
    """Raise LedgerDamagedError unless the file is a ledger of this index in a format that is known; sqlite3.Error."""
    _check_format(connection, path)
    _check_uuid(connection, path, uuid)


def wal_of(path: Path) -> Path:
    """Return the path of SQLite's write-ahead log."""
    return path.with_name(f"{path.name}-wal")


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise LedgerDamagedError("the file is no ledger", where=str(path), hint="restore it from a backup")
    version = _pragma(connection, "user_version")
    if version > FORMAT:
        raise LedgerDamagedError(
            f"the ledger has format {version}, this release reads up to {FORMAT}",
            where=str(path),
            hint="start a newer release on this data folder",
        )


def _check_uuid(connection: sqlite3.Connection, path: Path, uuid: str) -> None:
    (found,) = connection.execute("SELECT value FROM meta WHERE key = 'uuid'").fetchone()
    if found != uuid:
        raise LedgerDamagedError(f"the ledger is that of index uuid [{found}], not [{uuid}]", where=str(path))


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value
