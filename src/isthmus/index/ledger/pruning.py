"""What may go: superseded operations that no view needs, tombstones whose time is over. In slices, each one commit."""

from __future__ import annotations

import sqlite3

SLICE = 1000


def prune_superseded(connection: sqlite3.Connection, seen: int) -> int:
    """Delete one slice of the operations that were superseded at or before `seen`; return how many."""
    return _in_one_commit(connection, _superseded, (seen, SLICE))


def prune_tombstones(connection: sqlite3.Connection, seen: int, before_ms: int) -> int:
    """Delete one slice of the tombstones written at or before `seen` and before the moment `before_ms`.

    The newest operation stays: the next sequence number is counted from it.
    """
    return _in_one_commit(connection, _tombstones, (seen, before_ms, SLICE))


def _in_one_commit(connection: sqlite3.Connection, query: str, bounds: tuple[int, ...]) -> int:
    connection.execute("BEGIN IMMEDIATE")
    try:
        rows = connection.execute(query, bounds).fetchall()
        (_drop_superseded if query is _superseded else _drop_tombstones)(connection, rows)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return len(rows)


_superseded = "SELECT by_seq_no, seq_no FROM superseded WHERE by_seq_no <= ? ORDER BY by_seq_no LIMIT ?"
_tombstones = (
    "SELECT seq_no, id FROM tombstones WHERE seq_no <= ? AND deleted_at < ?"
    " AND seq_no < (SELECT max(seq_no) FROM operations) ORDER BY seq_no LIMIT ?"
)


def _drop_superseded(connection: sqlite3.Connection, rows: list[tuple[int, int]]) -> None:
    connection.executemany("DELETE FROM operations WHERE seq_no = ?", [(seq_no,) for _, seq_no in rows])
    connection.executemany("DELETE FROM superseded WHERE by_seq_no = ?", [(by,) for by, _ in rows])


def _drop_tombstones(connection: sqlite3.Connection, rows: list[tuple[int, str]]) -> None:
    connection.executemany("DELETE FROM documents WHERE seq_no = ? AND id = ?", rows)
    for table in ("operations", "tombstones"):
        connection.executemany(f"DELETE FROM {table} WHERE seq_no = ?", [(seq_no,) for seq_no, _ in rows])  # noqa: S608
