"""Tantivy's writers: each takes memory, so only a few are open at once, those that were used last."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

import tantivy

log = logging.getLogger(__name__)

MAX_OPEN = 4
HEAP_BYTES = 32_000_000


class Writers:
    """The open writers of a process, by owner. `release` of an owner commits what its writer holds."""

    def __init__(self, most: int = MAX_OPEN) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: OrderedDict[object, tuple[tantivy.IndexWriter, Callable[[], bool]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def of(self, owner: object, index: tantivy.Index, release: Callable[[], bool]) -> tantivy.IndexWriter:
        """Return the writer of `owner`, opened if it must be.

        The caller holds its own lock. `release()` must commit and `drop` without waiting for a lock, and tell whether
        it could; then another takes the place.
        """
        with self._lock:
            found = self._open.get(owner)
            if found is not None:
                self._open.move_to_end(owner)
                return found[0]
            candidates = [one for _, one in self._open.values()] if len(self._open) >= self._most else []
        for give_way in candidates:
            if give_way():
                break
        writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
        with self._lock:
            self._open[owner] = (writer, release)
        return writer

    def drop(self, owner: object) -> None:
        """Close the writer of `owner`; what it has not committed is gone. Merges that run are waited for."""
        with self._lock:
            found = self._open.pop(owner, None)
        if found is not None:
            found[0].wait_merging_threads()

    def discard(self, owner: object) -> None:
        """Close the writer of `owner` whatever state it is in; what it has not committed is gone."""
        with self._lock:
            found = self._open.pop(owner, None)
        if found is None:
            return
        try:
            found[0].wait_merging_threads()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            log.warning("a writer that failed could not be closed in order: %s", error)

    def idle(self, owner: object) -> bool:
        """Tell whether `owner` has no open writer."""
        return owner not in self._open
