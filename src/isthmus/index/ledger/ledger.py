"""The ledger of one index: writes are on disk when `apply` returns, reads see every one of them."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from isthmus.errors import IsthmusError, StorageError, UnavailableError
from isthmus.index.ledger import schema
from isthmus.index.ledger.operation import (
    PRIMARY_TERM,
    Operation,
    Outcome,
    Refused,
    Result,
    StoredDocument,
    Written,
)
from isthmus.index.ledger.versions import Current, next_version

log = logging.getLogger(__name__)
_SLICE = 1_000

_FIND = "SELECT id, seq_no, version, primary_term, deleted FROM documents WHERE id IN (SELECT value FROM json_each(?))"
_OPERATION = "INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_DOCUMENT = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)"
_SUPERSEDED = "INSERT INTO superseded VALUES (?, ?)"
_GET = (
    "SELECT o.seq_no, o.deletes, o.id, o.version, o.primary_term, o.routing, o.source "
    "FROM documents d JOIN operations o ON o.seq_no = d.seq_no WHERE d.id IN (SELECT value FROM json_each(?))"
)
_SOURCES = (
    "SELECT seq_no, deletes, id, version, primary_term, routing, source "
    "FROM operations WHERE seq_no IN (SELECT value FROM json_each(?))"
)
_CHANGES = (
    "SELECT seq_no, deletes, id, version, primary_term, routing, source "
    "FROM operations WHERE seq_no > ? ORDER BY seq_no LIMIT ?"
)
_DOCUMENTS = (
    "SELECT o.seq_no, o.deletes, o.id, o.version, o.primary_term, o.routing, o.source "
    "FROM operations o JOIN documents d ON d.id = o.id AND d.seq_no = o.seq_no "
    "WHERE o.seq_no > ? AND o.deletes = 0 ORDER BY o.seq_no LIMIT ?"
)
_PRUNABLE = "SELECT by_seq_no, seq_no FROM superseded WHERE by_seq_no <= ? ORDER BY by_seq_no LIMIT ?"
_TOMBSTONES = "SELECT o.seq_no, o.id FROM operations o WHERE o.deletes = 1 AND o.moment < ? AND o.seq_no <= ? LIMIT ?"


class LedgerClosedError(UnavailableError):
    """The ledger was closed, or failed so that it must be opened anew."""

    type = "already_closed_exception"


@dataclass(slots=True)
class _Changes:
    """The rows of one commit."""

    operations: list[tuple[object, ...]] = field(default_factory=list)
    documents: dict[str, Current] = field(default_factory=dict)
    superseded: list[tuple[int, int]] = field(default_factory=list)
    live: int = 0


class Ledger:
    """Opened for one process; every method may be called from any thread.

    Raises LedgerDamagedError if the file is not what it should be.
    """

    def __init__(self, folder: Path, uuid: str) -> None:
        self.path = folder / schema.FILE
        if not self.path.is_file():
            raise schema.LedgerDamagedError("the ledger is missing", where=str(self.path), hint="restore a backup")
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._open = True
        with _told(self.path):
            self._writer = schema.connect(self.path)
            schema.check(self._writer, self.path, uuid)
            self._reader = schema.connect(self.path)
            self.max_seq_no = self._number(
                "SELECT coalesce(max(value), -1) FROM (SELECT max(seq_no) AS value "
                "FROM operations UNION ALL SELECT CAST(value AS INTEGER) FROM meta "
                "WHERE key = 'max_seq_no')"
            )
            self.count = self._number("SELECT count(*) FROM documents WHERE deleted = 0")

    @classmethod
    def create(cls, folder: Path, uuid: str) -> Ledger:
        """Make an empty ledger in `folder`."""
        with _told(folder):
            schema.create(folder / schema.FILE, uuid)
        return cls(folder, uuid)

    # Writing

    def apply(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Make all `operations` in order, in one commit; return what came of each once it is on disk.

        One that is refused does not hinder the others. Raises StorageError if nothing could be written: then nothing
        was.
        """
        with self._writing:
            self._check_open()
            with _told(self.path):
                current = self._current({operation.id for operation in operations})
                changes = _Changes()
                seq_no = self.max_seq_no
                moment = int(time.time() * 1000)
                outcomes: list[Outcome] = []
                for operation in operations:
                    outcome = _judge(operation, current.get(operation.id), seq_no + 1)
                    outcomes.append(outcome)
                    if isinstance(outcome, Written):
                        seq_no += 1
                        _record(changes, current, operation, outcome, moment)
                if changes.operations:
                    self._commit(changes)
                    self.max_seq_no = seq_no
                    self.count += changes.live
        return outcomes

    def prune(self, seen: int) -> int:
        """Forget operations that others took the place of up to `seen`: every view sees so far. Return how many."""
        pruned = 0
        while True:
            with self._writing, _told(self.path):
                self._check_open()
                rows = self._writer.execute(_PRUNABLE, (seen, _SLICE)).fetchall()
                if not rows:
                    return pruned
                with self._transaction():
                    self._writer.executemany("DELETE FROM operations WHERE seq_no = ?", [(row[1],) for row in rows])
                    self._writer.executemany("DELETE FROM superseded WHERE by_seq_no = ? AND seq_no = ?", rows)
            pruned += len(rows)

    def prune_tombstones(self, before: int, seen: int) -> int:
        """Forget deletes made before the moment `before` (ms) and not after `seen`; return how many."""
        pruned = 0
        while True:
            with self._writing, _told(self.path):
                self._check_open()
                rows = self._writer.execute(_TOMBSTONES, (before, seen, _SLICE)).fetchall()
                if not rows:
                    return pruned
                with self._transaction():
                    self._writer.execute(
                        "INSERT OR REPLACE INTO meta VALUES ('max_seq_no', ?)", (str(self.max_seq_no),)
                    )
                    self._writer.executemany("DELETE FROM operations WHERE seq_no = ?", [(row[0],) for row in rows])
                    self._writer.executemany(
                        "DELETE FROM documents WHERE id = ? AND seq_no = ?", [(row[1], row[0]) for row in rows]
                    )
            pruned += len(rows)

    # Reading

    def get(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """Return the documents of `ids`, None where there is none; tombstones are none."""
        found = {one.id: one for one in map(_stored, self._rows(_GET, (_json(ids),)))}
        return [one if one is not None and not one.deleted else None for one in map(found.get, ids)]

    def sources(self, seq_nos: Sequence[int]) -> dict[int, StoredDocument]:
        """Return the documents that these operations made, by sequence number."""
        return {one.seq_no: one for one in map(_stored, self._rows(_SOURCES, (_json(seq_nos),)))}

    def changes(self, after: int, limit: int) -> list[StoredDocument]:
        """Return up to `limit` operations after the sequence number `after`, in order; deletes as tombstones."""
        return [_stored(row) for row in self._rows(_CHANGES, (after, limit))]

    def documents(self, after: int, limit: int) -> list[StoredDocument]:
        """Return up to `limit` documents as they are, in the order they were made, after a sequence number."""
        return [_stored(row) for row in self._rows(_DOCUMENTS, (after, limit))]

    def size_in_bytes(self) -> int:
        """Return what the ledger takes on the disk."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(one.stat().st_size for one in files if one.exists())

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the ledger as it is now; writes go on meanwhile. Raises StorageError."""
        path.touch(mode=0o600, exist_ok=False)
        with _told(path):
            source = schema.connect(self.path)
            target = sqlite3.connect(path)
            try:
                source.backup(target, pages=1_000)
                target.execute("PRAGMA journal_mode=DELETE")
                (verdict,) = target.execute("PRAGMA quick_check(1)").fetchone()
            finally:
                target.close()
                source.close()
        if verdict != "ok":
            raise StorageError(f"the copy of the ledger is damaged: {verdict}", where=str(path))

    def close(self) -> None:
        """Let go of the file; what comes later is refused."""
        with self._writing, self._reading:
            if self._open:
                self._open = False
                self._reader.close()
                self._writer.close()

    def _current(self, ids: Iterable[str]) -> dict[str, Current]:
        rows = self._writer.execute(_FIND, (_json(list(ids)),))
        return {row[0]: Current(row[1], row[2], row[3], bool(row[4])) for row in rows}

    def _commit(self, changes: _Changes) -> None:
        documents = changes.documents.items()
        with self._transaction():
            self._writer.executemany(_OPERATION, changes.operations)
            self._writer.executemany(
                _DOCUMENT, [(id_, one.seq_no, one.version, one.primary_term, one.deleted) for id_, one in documents]
            )
            if changes.superseded:
                self._writer.executemany(_SUPERSEDED, changes.superseded)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise

    def _rows(self, statement: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        with self._reading, _told(self.path):
            self._check_open()
            return self._reader.execute(statement, values).fetchall()

    def _number(self, statement: str) -> int:
        (value,) = self._reader.execute(statement).fetchone()
        return int(value)

    def _check_open(self) -> None:
        if not self._open:
            raise LedgerClosedError("the index is closed on this node", where=str(self.path))


def _judge(operation: Operation, current: Current | None, seq_no: int) -> Outcome:
    try:
        version = next_version(operation, current)
    except IsthmusError as error:
        return Refused(id=operation.id, type=error.type, reason=error.reason, status=error.status)
    there = current is not None and not current.deleted
    result: Result
    match operation.kind:
        case "delete":
            result = "deleted" if there else "not_found"
        case _:
            result = "updated" if there else "created"
    return Written(id=operation.id, result=result, version=version, seq_no=seq_no, replaces=there)


def _record(
    changes: _Changes, current: dict[str, Current], operation: Operation, written: Written, moment: int
) -> None:
    deletes = operation.kind == "delete"
    before = current.get(operation.id)
    if before is not None:
        changes.superseded.append((written.seq_no, before.seq_no))
    changes.operations.append(
        (
            written.seq_no,
            deletes,
            operation.id,
            written.version,
            PRIMARY_TERM,
            operation.routing,
            moment,
            None if deletes else operation.source,
        )
    )
    now = Current(written.seq_no, written.version, PRIMARY_TERM, deletes)
    current[operation.id] = changes.documents[operation.id] = now
    changes.live += (not deletes) - written.replaces


def _stored(row: Sequence[object]) -> StoredDocument:
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


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as cause:
        if isinstance(cause, sqlite3.OperationalError):
            raise StorageError(
                f"the ledger could not be used: {cause}", where=str(path), hint="see whether the disk is full"
            ) from cause
        raise schema.LedgerDamagedError(
            f"the ledger is damaged: {cause}", where=str(path), hint="restore it from a backup"
        ) from cause
    except OSError as cause:
        raise StorageError(f"the ledger could not be used: {cause.strerror}", where=str(path)) from cause
