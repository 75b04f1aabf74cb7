"""A batch of writes as one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from isthmus.index.ledger.conditions import Current, judge
from isthmus.index.ledger.operation import PRIMARY_TERM, Operation, Outcome, Written

LOOKUP = 500
Row = tuple[object, ...]


class _Batch(msgspec.Struct):
    """What one transaction adds to the tables."""

    outcomes: list[Outcome] = []
    operations: list[Row] = []
    superseded: list[Row] = []
    tombstones: list[Row] = []
    revived: list[Row] = []
    touched: dict[str, Current] = {}
    growth: int = 0


def write_batch(
    connection: sqlite3.Connection, operations: Sequence[Operation], next_seq_no: int, now_ms: int
) -> tuple[list[Outcome], int]:
    """Make the writes that may be made, in order, on disk before this returns; return what came of each, and by how
    many documents the ledger grew. Raises sqlite3.Error, and then nothing was written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        batch = _judge_all(
            operations, _current(connection, {operation.id for operation in operations}), next_seq_no, now_ms
        )
        _store(connection, batch)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return batch.outcomes, batch.growth


def _current(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Current]:
    found: dict[str, Current] = {}
    wanted = list(ids)
    for at in range(0, len(wanted), LOOKUP):
        part = wanted[at : at + LOOKUP]
        marks = ",".join("?" * len(part))
        query = f"SELECT id, seq_no, version, deleted FROM documents WHERE id IN ({marks})"  # noqa: S608 only marks
        for id_, seq_no, version, deleted in connection.execute(query, part):
            found[id_] = Current(seq_no, version, bool(deleted))
    return found


def _judge_all(operations: Sequence[Operation], known: dict[str, Current], seq_no: int, now_ms: int) -> _Batch:
    batch = _Batch()
    for operation in operations:
        before = known.get(operation.id)
        outcome = judge(operation, before, seq_no)
        batch.outcomes.append(outcome)
        if isinstance(outcome, Written):
            known[operation.id] = _add(batch, operation, outcome, before, now_ms)
            seq_no += 1
    return batch


def _add(batch: _Batch, operation: Operation, written: Written, before: Current | None, now_ms: int) -> Current:
    deleted = operation.kind == "delete"
    source = b"" if deleted else operation.source
    batch.operations.append(
        (written.seq_no, deleted, operation.id, written.version, PRIMARY_TERM, operation.routing, source)
    )
    if before is not None:
        batch.superseded.append((written.seq_no, before.seq_no))
        if before.deleted:
            batch.revived.append((before.seq_no,))
    if deleted:
        batch.tombstones.append((written.seq_no, operation.id, now_ms))
    batch.growth += (not deleted) - (written.superseded is not None)
    batch.touched[operation.id] = current = Current(written.seq_no, written.version, deleted)
    return current


def _store(connection: sqlite3.Connection, batch: _Batch) -> None:
    connection.executemany("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?)", batch.operations)
    connection.executemany(
        "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
        sorted((id_, *current) for id_, current in batch.touched.items()),
    )
    if batch.superseded:
        connection.executemany("INSERT INTO superseded VALUES (?, ?)", batch.superseded)
    if batch.tombstones:
        connection.executemany("INSERT INTO tombstones VALUES (?, ?, ?)", batch.tombstones)
    if batch.revived:
        connection.executemany("DELETE FROM tombstones WHERE seq_no = ?", batch.revived)
    if batch.growth:
        connection.execute("UPDATE meta SET value = value + ? WHERE key = 'documents'", (batch.growth,))
