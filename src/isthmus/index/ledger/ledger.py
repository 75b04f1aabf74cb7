"""The ledger of one index: writes are on disk when `apply` returns, reads see every one of them."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from isthmus.errors import StorageError
from isthmus.index.ledger import schema
from isthmus.index.ledger.copying import copy_file
from isthmus.index.ledger.errors import LedgerClosedError, may_pass, told
from isthmus.index.ledger.operation import Operation, Outcome, StoredDocument
from isthmus.index.ledger.pruning import prune_superseded, prune_tombstones
from isthmus.index.ledger.reading import Readers
from isthmus.index.ledger.statements import Row, rows_in
from isthmus.index.ledger.writing import current, judge_all, store

T = TypeVar("T")
_SELECT = "SELECT o.seq_no, o.deletes, o.id, o.version, o.primary_term, o.routing, o.source FROM operations o"
_GET = f"{_SELECT} JOIN documents d ON o.seq_no = d.seq_no WHERE d.id"
_SOURCES = f"{_SELECT} WHERE o.seq_no"
_CHANGES = f"{_SELECT} WHERE o.seq_no > ? ORDER BY o.seq_no LIMIT ?"
_DOCUMENTS = (
    f"{_SELECT} JOIN documents d ON d.id = o.id AND d.seq_no = o.seq_no "
    "WHERE o.seq_no > ? AND o.deletes = 0 ORDER BY o.seq_no LIMIT ?"
)
_MAX_SEQ_NO = (
    "SELECT coalesce(max(value), -1) FROM (SELECT max(seq_no) AS value FROM operations "
    "UNION ALL SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'max_seq_no')"
)
_COUNT = "SELECT count(*) FROM documents WHERE deleted = 0"
_DELETED_COUNT = "SELECT (SELECT count(*) FROM superseded) + (SELECT count(*) FROM documents WHERE deleted = 1)"


class Ledger:
    """A ledger made by `create` or `open`; every method may be called from any thread.

    It holds connections only while it is in use: many indices are idle from their start.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._writer: sqlite3.Connection | None = None
        self._readers = Readers(path)
        self._writing = threading.Lock()
        self._open = True
        self._failure: StorageError | None = None
        (self.uuid,) = connection.execute("SELECT value FROM meta WHERE key = 'uuid'").fetchone()
        self._max_seq_no = _number(connection, _MAX_SEQ_NO)
        self._count = _number(connection, _COUNT)

    @classmethod
    def create(cls, path: Path, uuid: str) -> Ledger:
        """Make an empty ledger for the index `uuid`. Raises CannotCreateError if a file is there, StorageError."""
        with told(path):
            schema.create(path, uuid)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Ledger:
        """Open a ledger; it is open in one process at a time. Raises LedgerFormatError, LedgerDamagedError,
        StorageError."""
        with told(path):
            connection = schema.connect_writer(path)
            try:
                return cls(path, connection)
            finally:
                connection.close()

    # Writing

    def apply(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Make all `operations` in order, in one commit; return what came of each once it is on disk.

        One that is refused does not hinder the others. Raises StorageError if they could not be written: then none is
        acknowledged. What a failed sync left on the disk is not known: unless only room or a lock was missing, further
        writes raise LedgerClosedError until the ledger is opened anew.
        """
        with self._writing:
            return self._written(lambda writer: self._apply(writer, operations))

    def prune_superseded(self, seen: int) -> int:
        """Delete one slice of what was superseded up to `seen` (`Views.seen_by_all`); 0 when none is left."""
        with self._writing:
            return self._written(lambda writer: prune_superseded(writer, seen))

    def prune_tombstones(self, seen: int, before_ms: int) -> int:
        """Delete one slice of the tombstones up to `seen` that are older than `before_ms`; 0 when none is left."""
        with self._writing:
            return self._written(lambda writer: prune_tombstones(writer, seen, before_ms, self._max_seq_no))

    # Reading

    def get(self, id_: str) -> StoredDocument | None:
        """Return the newest state of a document, a tombstone too; None if nothing is known of it."""
        return next(iter(self.get_many([id_])), None)

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument]:
        """Return the newest states of those that are known, tombstones too, in no order."""
        with self._readers.reading() as reader:
            return [_stored(row) for row in rows_in(reader, _GET, ids)]

    def sources(self, seq_nos: Sequence[int]) -> list[StoredDocument]:
        """Return the operations that are still kept, in no order."""
        with self._readers.reading() as reader:
            return [_stored(row) for row in rows_in(reader, _SOURCES, seq_nos)]

    def changes(self, after_seq_no: int, limit: int) -> list[StoredDocument]:
        """Return at most `limit` kept operations after `after_seq_no`, in order; deletes as tombstones."""
        return self._following(_CHANGES, after_seq_no, limit)

    def documents(self, after_seq_no: int, limit: int) -> list[StoredDocument]:
        """Return at most `limit` live documents that were made after `after_seq_no`, in that order."""
        return self._following(_DOCUMENTS, after_seq_no, limit)

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
        with self._readers.reading() as reader:
            return _number(reader, _DELETED_COUNT)

    def size(self) -> int:
        """Return the bytes on disk."""
        return sum(one.stat().st_size for one in (self.path, schema.wal_of(self.path)) if one.exists())

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy of the ledger as it is now, checked and synced; writes go on meanwhile.

        Raises CannotCreateError if `target` is there, LedgerDamagedError, StorageError.
        """
        with self._readers.reading() as reader:
            copy_file(reader, target)

    # Its life

    def rest(self) -> None:
        """Give back the memory and the descriptors of a ledger that is not in use now; the next call opens it again."""
        self._readers.rest()
        with self._writing:
            self._close_writer()

    def close(self) -> None:
        """Let go of the file; what comes later is refused."""
        with self._writing:
            self._open = False
            self._readers.close()
            self._close_writer()

    def _apply(self, writer: sqlite3.Connection, operations: Sequence[Operation]) -> list[Outcome]:
        known = current(writer, {operation.id for operation in operations})
        batch = judge_all(operations, known, self._max_seq_no, time.time_ns() // 1_000_000)
        if batch.operations:
            store(writer, batch)
            self._max_seq_no += len(batch.operations)
            self._count += batch.growth
        return batch.outcomes

    def _written(self, write: Callable[[sqlite3.Connection], T]) -> T:
        if not self._open:
            raise LedgerClosedError("the index is closed on this node", where=str(self.path))
        if self._failure is not None:
            raise LedgerClosedError(
                f"nothing is written since an earlier failure: {self._failure.reason}",
                where=str(self.path),
                hint="mend the disk and restart the node",
            ) from self._failure
        try:
            with told(self.path):
                return write(self._opened_writer())
        except StorageError as error:
            if not may_pass(error):
                self._failure = error
            raise

    def _opened_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = schema.connect_writer(self.path)
        return self._writer

    def _close_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _following(self, statement: str, after_seq_no: int, limit: int) -> list[StoredDocument]:
        with self._readers.reading() as reader:
            return [_stored(row) for row in reader.execute(statement, (after_seq_no, limit))]


def _number(connection: sqlite3.Connection, statement: str) -> int:
    (value,) = connection.execute(statement).fetchone()
    return int(value)


def _stored(row: Row) -> StoredDocument:
    seq_no, deletes, id_, version, primary_term, routing, source = row
    return StoredDocument(
        id=id_,  # type: ignore[arg-type]  # the types of the columns
        seq_no=seq_no,  # type: ignore[arg-type]
        version=version,  # type: ignore[arg-type]
        primary_term=primary_term,  # type: ignore[arg-type]
        routing=routing,  # type: ignore[arg-type]
        source=source or b"",  # type: ignore[arg-type]
        deleted=bool(deletes),
    )
