"""Rows by many keys, asked with a few shapes of statement, so that each is prepared once a connection.

SQLite's `json_each` would take a list as one value, but cuts an id at a NUL, which Elasticsearch allows in ids.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

SIZES = (1, 10, 100, 500)
Key = str | int
Row = tuple[object, ...]


def rows_in(connection: sqlite3.Connection, statement: str, keys: Sequence[Key]) -> list[Row]:
    """Return the rows of `statement`, which ends before its `IN (…)`, for all `keys`, in no order."""
    rows: list[Row] = []
    for part in _parts(keys):
        rows += connection.execute(f"{statement} IN ({','.join('?' * len(part))})", part)
    return rows


def _parts(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """A part is filled up with its last key, which changes no answer, to the next size."""
    for at in range(0, len(keys), SIZES[-1]):
        part = list(keys[at : at + SIZES[-1]])
        size = next(size for size in SIZES if size >= len(part))
        yield part + part[-1:] * (size - len(part))
