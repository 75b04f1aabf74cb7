"""A batch of operations becomes the rows of one commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from isthmus.errors import IsthmusError
from isthmus.index.ledger import schema
from isthmus.index.ledger.operation import PRIMARY_TERM, Operation, Outcome, Refused, Result, Written
from isthmus.index.ledger.statements import Row, rows_in
from isthmus.index.ledger.transaction import transaction
from isthmus.index.ledger.versions import Current, next_version

_FIND = "SELECT id, seq_no, version, primary_term, deleted FROM documents WHERE id"
_OPERATION = "INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_DOCUMENT = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)"
_SUPERSEDED = "INSERT INTO superseded VALUES (?, ?)"


@dataclass(slots=True)
class Batch:
    """What came of the operations, and the rows that tell it. `growth` is by how many documents the index grew."""

    outcomes: list[Outcome] = field(default_factory=list)
    operations: list[Row] = field(default_factory=list)
    documents: dict[str, Current] = field(default_factory=dict)
    superseded: list[Row] = field(default_factory=list)
    growth: int = 0


def current(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Current]:
    """Return what is known of the documents of these ids."""
    found: dict[str, Current] = {}
    for id_, seq_no, version, primary_term, deleted in rows_in(connection, _FIND, list(ids)):
        found[id_] = Current(seq_no, version, primary_term, bool(deleted))  # type: ignore[index, arg-type]
    return found


def judge_all(operations: Sequence[Operation], known: dict[str, Current], max_seq_no: int, moment: int) -> Batch:
    """Return what becomes of `operations`, made in order on documents as `known`, which is kept up to date. Pure but
    for that."""
    batch = Batch()
    seq_no = max_seq_no
    for operation in operations:
        before = known.get(operation.id)
        outcome = _judge(operation, before, seq_no + 1)
        batch.outcomes.append(outcome)
        if isinstance(outcome, Written):
            seq_no += 1
            known[operation.id] = _add(batch, operation, outcome, before, moment)
    return batch


def store(connection: sqlite3.Connection, batch: Batch, max_seq_no: int | None = None) -> None:
    """Write the rows in one transaction, on disk before this returns. Raises sqlite3.Error.

    `max_seq_no` is kept too, if it is given: the operation that had it may not be among them.
    """
    documents = sorted(batch.documents.items())  # neighbours in the tree after one another
    with transaction(connection):
        connection.executemany(_OPERATION, batch.operations)
        connection.executemany(
            _DOCUMENT, [(id_, one.seq_no, one.version, one.primary_term, one.deleted) for id_, one in documents]
        )
        if batch.superseded:
            connection.executemany(_SUPERSEDED, batch.superseded)
        if max_seq_no is not None:
            connection.execute(schema.KEEP_MAX_SEQ_NO, (str(max_seq_no),))


def _judge(operation: Operation, before: Current | None, seq_no: int) -> Outcome:
    try:
        version = next_version(operation, before)
    except IsthmusError as error:
        return Refused(id=operation.id, type=error.type, reason=error.reason, status=error.status)
    there = before is not None and not before.deleted
    return Written(
        id=operation.id, result=_result(operation, there=there), version=version, seq_no=seq_no, replaces=there
    )


def _result(operation: Operation, *, there: bool) -> Result:
    if operation.kind == "delete":
        return "deleted" if there else "not_found"
    return "updated" if there else "created"


def _add(batch: Batch, operation: Operation, written: Written, before: Current | None, moment: int) -> Current:
    deletes = operation.kind == "delete"
    source = None if deletes else operation.source
    batch.operations.append(
        (written.seq_no, deletes, operation.id, written.version, PRIMARY_TERM, operation.routing, moment, source)
    )
    if before is not None:
        batch.superseded.append((written.seq_no, before.seq_no))
    batch.growth += (not deletes) - written.replaces
    now = batch.documents[operation.id] = Current(written.seq_no, written.version, PRIMARY_TERM, deletes)
    return now
