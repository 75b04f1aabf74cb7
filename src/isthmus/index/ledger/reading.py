"""A few connections that any thread may read through, opened when first needed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isthmus.index.ledger.errors import LedgerClosedError
from isthmus.index.ledger.schema import connect, failure

READERS = 4
CACHE_KIB = 1024


class Readers:
    """At most four connections to one ledger; who comes fifth waits. An idle ledger holds none after `rest`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._places = threading.BoundedSemaphore(READERS)
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection. Raises LedgerClosedError, and StorageError for what SQLite refuses."""
        with self._places:
            connection = self._take()
            try:
                yield connection
            except sqlite3.Error as cause:
                raise failure(cause, self._path) from cause
            finally:
                self._give(connection)

    def rest(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def close(self) -> None:
        """Lend no more; what is lent is closed when it comes back."""
        with self._lock:
            self._closed = True
        self.rest()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise LedgerClosedError("the ledger is closed", where=str(self._path))
            if self._idle:
                return self._idle.pop()
        try:
            return connect(self._path, cache_kib=CACHE_KIB)
        except sqlite3.Error as cause:
            raise failure(cause, self._path) from cause

    def _give(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()
