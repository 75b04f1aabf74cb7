"""What a ledger's file holds, and how it is opened.

`operations` has every operation that may still be needed, by sequence number; a source is there once, and nowhere else.
`documents` leads from an id to the operation that made the document what it is; a tombstone stays a while. `superseded`
lists operations that no document needs any more, by the operation that took their place: they go when no view needs
them, and are found again after a crash without a search.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from isthmus.errors import DataError

FORMAT = 1
APPLICATION_ID = 0x49534C47  # "ISLG"
FILE = "ledger.sqlite"
CACHE_KIB = 2_000
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA cache_size=-{CACHE_KIB}",
    "PRAGMA wal_autocheckpoint=4000",
    "PRAGMA journal_size_limit=67108864",
)
_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE operations (seq_no INTEGER PRIMARY KEY, deletes INTEGER NOT NULL, id TEXT NOT NULL, "
    "version INTEGER NOT NULL, primary_term INTEGER NOT NULL, routing TEXT, moment INTEGER NOT NULL, source BLOB)",
    "CREATE TABLE documents (id TEXT PRIMARY KEY, seq_no INTEGER NOT NULL, version INTEGER NOT NULL, "
    "primary_term INTEGER NOT NULL, deleted INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE superseded (by_seq_no INTEGER NOT NULL, seq_no INTEGER NOT NULL, "
    "PRIMARY KEY (by_seq_no, seq_no)) WITHOUT ROWID",
    "CREATE INDEX tombstones ON operations (moment) WHERE deletes = 1",
)


class LedgerDamagedError(DataError):
    """A ledger's file is missing, damaged, or of a format that this release does not know."""

    type = "corrupt_index_exception"
    status = 500


def create(path: Path, uuid: str) -> None:
    """Make an empty ledger for the index of this uuid. Raises FileExistsError, sqlite3.Error."""
    path.touch(mode=0o600, exist_ok=False)
    connection = connect(path)
    try:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={FORMAT}")
            for table in _TABLES:
                connection.execute(table)
            connection.execute("INSERT INTO meta VALUES ('uuid', ?)", (uuid,))
    finally:
        connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for reading and writing, in transactions that we begin ourselves."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False, timeout=30.0
    )
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def check(connection: sqlite3.Connection, path: Path, uuid: str) -> None:
    """Raise LedgerDamagedError unless the file is a ledger of this index in a format that is known."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise LedgerDamagedError("the file is no ledger", where=str(path), hint="restore it from a backup")
    if version > FORMAT:
        raise LedgerDamagedError(
            f"the ledger has format {version}, this release reads up to {FORMAT}",
            where=str(path),
            hint="start a newer release on this data folder",
        )
    (found,) = connection.execute("SELECT value FROM meta WHERE key = 'uuid'").fetchone()
    if found != uuid:
        raise LedgerDamagedError(f"the ledger is that of index uuid [{found}], not [{uuid}]", where=str(path))
