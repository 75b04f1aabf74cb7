"""A few connections that any thread may read through, opened when first needed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isthmus.index.ledger.errors import LedgerClosedError, told
from isthmus.index.ledger.schema import READER_CACHE_KIB, connect

READERS = 4


class Readers:
    """At most four connections to one ledger; who comes fifth waits. None is open before the first read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._places = threading.BoundedSemaphore(READERS)
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection. Raises LedgerClosedError, and StorageError for what SQLite refuses."""
        with self._places, told(self._path):
            connection = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)

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
                raise LedgerClosedError("the index is closed on this node", where=str(self._path))
            if self._idle:
                return self._idle.pop()
        return connect(self._path, cache_kib=READER_CACHE_KIB)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()
