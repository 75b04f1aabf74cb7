"""What may go: superseded operations that no view needs, tombstones whose time is over. In slices, each one commit."""

from __future__ import annotations

import sqlite3

from isthmus.index.ledger import schema
from isthmus.index.ledger.transaction import transaction

SLICE = 1_000
_PRUNABLE = "SELECT by_seq_no, seq_no FROM superseded WHERE by_seq_no <= ? ORDER BY by_seq_no LIMIT ?"
_TOMBSTONES = "SELECT seq_no, id FROM operations WHERE deletes = 1 AND moment < ? AND seq_no <= ? LIMIT ?"


def prune_superseded(connection: sqlite3.Connection, seen: int) -> int:
    """Delete one slice of the operations that others took the place of up to `seen`; return how many."""
    rows = connection.execute(_PRUNABLE, (seen, SLICE)).fetchall()
    if rows:
        with transaction(connection):
            connection.executemany("DELETE FROM operations WHERE seq_no = ?", [(seq_no,) for _, seq_no in rows])
            connection.executemany("DELETE FROM superseded WHERE by_seq_no = ?", [(by,) for by, _ in rows])
    return len(rows)


def prune_tombstones(connection: sqlite3.Connection, before: int, seen: int, max_seq_no: int) -> int:
    """Delete one slice of the tombstones made before the moment `before` (ms) and not after `seen`; return how many.

    `max_seq_no` is kept, as the operation that had it may be among them.
    """
    rows = connection.execute(_TOMBSTONES, (before, seen, SLICE)).fetchall()
    if rows:
        with transaction(connection):
            connection.execute(schema.KEEP_MAX_SEQ_NO, (str(max_seq_no),))
            connection.executemany("DELETE FROM operations WHERE seq_no = ?", [(seq_no,) for seq_no, _ in rows])
            connection.executemany("DELETE FROM documents WHERE seq_no = ? AND id = ?", rows)
    return len(rows)
