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
from isthmus.index.ledger.replaying import replayed
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
_PRUNABLE_COUNT = (
    "SELECT (SELECT count(*) FROM superseded) + (SELECT count(*) FROM operations o "
    "JOIN documents d ON d.id = o.id AND d.seq_no = o.seq_no WHERE o.deletes = 1)"
)


class Ledger:
    """Opened for one process; every method may be called from any thread.

    It holds connections only while it is in use: many indices are idle from their start. Raises LedgerDamagedError if
    the file is not what it should be, StorageError if it cannot be used.
    """

    def __init__(self, folder: Path, uuid: str) -> None:
        self.path = folder / schema.FILE
        self._writing = threading.Lock()
        self._open = True
        self._failure: StorageError | None = None
        self._writer: sqlite3.Connection | None = None
        self._readers = Readers(self.path)
        self._uuid = uuid
        with told(self.path):
            connection = schema.connect_writer(self.path, uuid)
            try:
                self.max_seq_no = _number(connection, schema.MAX_SEQ_NO)
                self.count = _number(connection, schema.COUNT)
            finally:
                connection.close()

    @classmethod
    def create(cls, folder: Path, uuid: str) -> Ledger:
        """Make an empty ledger in `folder`. Raises CannotCreateError if there is one, StorageError."""
        with told(folder):
            schema.create(folder / schema.FILE, uuid)
        return cls(folder, uuid)

    # Writing

    def apply(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Make all `operations` in order, in one commit; return what came of each once it is on disk.

        One that is refused does not hinder the others. Raises StorageError if they could not be written: then none is
        acknowledged. What a failed sync left on the disk is not known: unless only room or a lock was missing, further
        writes raise LedgerClosedError until the ledger is opened anew.
        """
        with self._writing:
            return self._written(lambda writer: self._apply(writer, operations))

    def replay(self, operations: Sequence[StoredDocument], max_seq_no: int) -> None:
        """Take in operations of the ledger that this one is a copy of, in order; those that it has are passed over.

        `max_seq_no` is that ledger's: its newest operation may have been pruned. Raises as `apply`.
        """
        with self._writing:
            self._written(lambda writer: self._replay(writer, operations, max_seq_no))

    def prune(self, seen: int) -> int:
        """Forget operations that others took the place of up to `seen`: every view sees so far. Return how many.

        Writes go on between the slices. Raises StorageError.
        """
        return self._in_slices(lambda writer: prune_superseded(writer, seen))

    def prune_tombstones(self, before: int, seen: int) -> int:
        """Forget deletes made before the moment `before` (ms) and not after `seen`; return how many."""
        return self._in_slices(lambda writer: prune_tombstones(writer, before, seen, self.max_seq_no))

    # Reading

    def get(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """Return the documents of `ids`, None where there is none; tombstones are none."""
        with self._readers.reading() as reader:
            found = {one.id: one for one in map(_stored, rows_in(reader, _GET, ids)) if not one.deleted}
        return [found.get(id_) for id_ in ids]

    def sources(self, seq_nos: Sequence[int]) -> dict[int, StoredDocument]:
        """Return the documents that these operations made, by sequence number; those pruned are missing."""
        with self._readers.reading() as reader:
            return {one.seq_no: one for one in map(_stored, rows_in(reader, _SOURCES, seq_nos))}

    def changes(self, after: int, limit: int) -> list[StoredDocument]:
        """Return up to `limit` operations after the sequence number `after`, in order; deletes as tombstones."""
        return self._rows(_CHANGES, after, limit)

    def documents(self, after: int, limit: int) -> list[StoredDocument]:
        """Return up to `limit` documents as they are, in the order they were made, after a sequence number."""
        return self._rows(_DOCUMENTS, after, limit)

    def prunable_count(self) -> int:
        """Return how many operations no document needs: superseded ones, and tombstones."""
        with self._readers.reading() as reader:
            return _number(reader, _PRUNABLE_COUNT)

    def size_in_bytes(self) -> int:
        """Return what the ledger takes on the disk."""
        return sum(one.stat().st_size for one in (self.path, schema.wal_of(self.path)) if one.exists())

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the ledger as it is now, checked and synced; writes go on meanwhile.

        Raises CannotCreateError if `path` is there, LedgerDamagedError, StorageError.
        """
        with self._readers.reading() as reader:
            copy_file(reader, path)

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
        batch = judge_all(operations, known, self.max_seq_no, time.time_ns() // 1_000_000)
        if batch.operations:
            store(writer, batch)
            self.max_seq_no += len(batch.operations)
            self.count += batch.growth
        return batch.outcomes

    def _replay(self, writer: sqlite3.Connection, operations: Sequence[StoredDocument], max_seq_no: int) -> None:
        known = current(writer, {one.id for one in operations})
        batch = replayed(operations, known, self.max_seq_no, time.time_ns() // 1_000_000)
        store(writer, batch, max_seq_no)
        self.max_seq_no = max(max_seq_no, self.max_seq_no)
        self.count += batch.growth

    def _in_slices(self, prune: Callable[[sqlite3.Connection], int]) -> int:
        pruned = 0
        while True:
            with self._writing:
                done = self._written(prune)
            if not done:
                return pruned
            pruned += done

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
            self._writer = schema.connect_writer(self.path, self._uuid)
        return self._writer

    def _close_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _rows(self, statement: str, after: int, limit: int) -> list[StoredDocument]:
        with self._readers.reading() as reader:
            return [_stored(row) for row in reader.execute(statement, (after, limit))]


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
