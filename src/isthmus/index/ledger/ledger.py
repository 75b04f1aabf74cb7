"""One index's truth: written by one transaction a batch, read from any thread, on disk before it is acknowledged."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from isthmus.errors import StorageError
from isthmus.index.ledger.copying import copy_file
from isthmus.index.ledger.errors import LedgerClosedError
from isthmus.index.ledger.operation import Operation, Outcome, StoredDocument
from isthmus.index.ledger.pruning import prune_superseded, prune_tombstones
from isthmus.index.ledger.reading import Readers
from isthmus.index.ledger.schema import create_file, failure, open_checked
from isthmus.index.ledger.writing import write_batch

COLUMNS = "operations.seq_no, operations.deleted, operations.id, operations.version, primary_term, routing, source"
BY_ID = f"SELECT {COLUMNS} FROM documents JOIN operations USING (seq_no) WHERE documents.id"  # noqa: S608
BY_SEQ_NO = f"SELECT {COLUMNS} FROM operations WHERE seq_no"  # noqa: S608
IN_ORDER = f"{BY_SEQ_NO} > ? ORDER BY seq_no LIMIT ?"
NOTHING = -1
ASKED_AT_ONCE = 500
T = TypeVar("T")


class Ledger:
    """An open ledger. Made by `create` or `open`; every method may be called from any thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._writer = connection
        self._lock = threading.Lock()
        self._readers = Readers(path)
        self._closed = False
        self._broken: StorageError | None = None
        self.uuid: str = connection.execute("SELECT value FROM meta WHERE key = 'uuid'").fetchone()[0]
        newest = connection.execute("SELECT max(seq_no) FROM operations").fetchone()[0]
        self._max_seq_no: int = NOTHING if newest is None else newest
        self._count: int = connection.execute("SELECT value FROM meta WHERE key = 'documents'").fetchone()[0]

    @classmethod
    def create(cls, path: Path, uuid: str) -> Ledger:
        """Make an empty ledger for the index `uuid`. Raises CannotCreateError, StorageError."""
        create_file(path, uuid)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Ledger:
        """Open a ledger. Raises NoInputError, LedgerFormatError, LedgerDamagedError, StorageError."""
        connection = open_checked(path)
        try:
            return cls(path, connection)
        except sqlite3.Error as cause:
            connection.close()
            raise failure(cause, path) from cause

    def apply(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Make the writes in order, in one commit that is on disk before this returns.

        A refused write does not hinder the others. Raises StorageError; then none of them is acknowledged.
        """
        with self._lock:
            outcomes, growth = self._written(
                lambda writer: write_batch(writer, operations, self._max_seq_no + 1, time.time_ns() // 1_000_000)
            )
            self._max_seq_no = max([self._max_seq_no, *(getattr(outcome, "seq_no", NOTHING) for outcome in outcomes)])
            self._count += growth
        return outcomes

    def get(self, id_: str) -> StoredDocument | None:
        """Return the newest state of a document, a tombstone too; None if nothing is known of it."""
        return next(iter(self.get_many([id_])), None)

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument]:
        """Return the newest states of those that are known, in no order."""
        return self._asked(BY_ID, ids)

    def sources(self, seq_nos: Sequence[int]) -> list[StoredDocument]:
        """Return the operations that are still kept, in no order."""
        return self._asked(BY_SEQ_NO, seq_nos)

    def changes(self, after_seq_no: int, limit: int) -> list[StoredDocument]:
        """Return at most `limit` kept operations after `after_seq_no`, in order."""
        with self._readers.reading() as connection:
            return [_document(row) for row in connection.execute(IN_ORDER, (after_seq_no, limit))]

    def documents(self, after_seq_no: int, limit: int) -> list[StoredDocument]:
        """Return at most `limit` live documents that were made after `after_seq_no`, in that order."""
        query = (
            "SELECT o.seq_no, o.deleted, o.id, o.version, o.primary_term, o.routing, o.source FROM operations o "
            "JOIN documents d ON d.id = o.id AND d.seq_no = o.seq_no "
            "WHERE o.seq_no > ? AND o.deleted = 0 ORDER BY o.seq_no LIMIT ?"
        )
        with self._readers.reading() as connection:
            return [_document(row) for row in connection.execute(query, (after_seq_no, limit))]

    @property
    def max_seq_no(self) -> int:
        """The sequence number of the newest acknowledged operation; -1 if there is none."""
        return self._max_seq_no

    @property
    def count(self) -> int:
        """The number of live documents."""
        return self._count

    def deleted_count(self) -> int:
        """Return the number of operations that only wait to be pruned: superseded ones and tombstones."""
        query = "SELECT (SELECT count(*) FROM superseded) + (SELECT count(*) FROM tombstones)"
        with self._readers.reading() as connection:
            found: int = connection.execute(query).fetchone()[0]
        return found

    def size(self) -> int:
        """Return the bytes on disk."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def prune_superseded(self, seen: int) -> int:
        """Delete one slice of what was superseded at or before `seen` (`Views.seen_by_all`); 0 when none is left."""
        with self._lock:
            return self._written(lambda writer: prune_superseded(writer, seen))

    def prune_tombstones(self, seen: int, before_ms: int) -> int:
        """Delete one slice of tombstones up to `seen` and older than `before_ms`; 0 when none is left."""
        with self._lock:
            return self._written(lambda writer: prune_tombstones(writer, seen, before_ms))

    def copy_to(self, target: Path) -> None:
        """Write a consistent, checked copy, while writes go on. Raises CannotCreateError, StorageError."""
        try:
            with self._readers.reading() as connection:
                copy_file(connection, target)
        except OSError as cause:
            raise StorageError(f"the ledger cannot be copied: {cause.strerror}", where=str(target)) from cause

    def rest(self) -> None:
        """Give back the memory of a ledger that nobody uses now."""
        self._readers.rest()
        with self._lock:
            if not self._closed:
                self._writer.execute("PRAGMA shrink_memory")

    def close(self) -> None:
        """Close the file; what comes later raises LedgerClosedError."""
        self._readers.close()
        with self._lock:
            self._closed = True
            self._writer.close()

    def _written(self, write: Callable[[sqlite3.Connection], T]) -> T:
        """After any failure but a full disk it is not known what a sync left behind: only a new opening tells."""
        if self._closed:
            raise LedgerClosedError("the ledger is closed", where=str(self.path))
        if self._broken is not None:
            raise StorageError(
                f"no writes since an earlier failure: {self._broken.reason}",
                where=str(self.path),
                hint="open the index again",
            )
        try:
            return write(self._writer)
        except sqlite3.Error as cause:
            told = failure(cause, self.path)
            if cause.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
                self._broken = told
            raise told from cause

    def _asked(self, query: str, keys: Sequence[str] | Sequence[int]) -> list[StoredDocument]:
        found: list[StoredDocument] = []
        with self._readers.reading() as connection:
            for at in range(0, len(keys), ASKED_AT_ONCE):
                part = keys[at : at + ASKED_AT_ONCE]
                marks = ",".join("?" * len(part))
                found += [_document(row) for row in connection.execute(f"{query} IN ({marks})", part)]
        return found


def _document(row: tuple[int, int, str, int, int, str | None, bytes]) -> StoredDocument:
    seq_no, deleted, id_, version, primary_term, routing, source = row
    return StoredDocument(
        id=id_,
        seq_no=seq_no,
        version=version,
        primary_term=primary_term,
        routing=routing,
        source=source,
        deleted=bool(deleted),
    )
