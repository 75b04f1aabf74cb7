"""What searches see of an index: a snapshot, held as long as anybody uses it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field

from isthmus.index.ledger.views import Views
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.projection.projection import Reading


@dataclass(slots=True)
class View:
    """A snapshot and the mapping that it was made under. `name` is unique in its index.
    `answers` is room for what searches of it want to remember."""

    name: str
    reading: Reading
    mapping: Mapping
    users: int = field(default=0)
    answers: dict[Hashable, bytes] = field(default_factory=dict)
    current: bool = True


class OpenViews:
    """The views of one index that somebody may still read; any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._views = Views()
        self._current: View | None = None

    def replace(self, reading: Reading, mapping: Mapping) -> None:
        """Let searches that come see a newer snapshot."""
        with self._lock:
            view = View(str(next(self._numbers)), reading, mapping)
            self._views = self._views.opened(view.name, reading.checkpoint)
            before, self._current = self._current, view
            if before is not None:
                before.current = False
                self._drop_if_unused(before)

    def take(self) -> View | None:
        """Return the newest view, None if there is none yet; it must be given back."""
        with self._lock:
            if self._current is not None:
                self._current.users += 1
            return self._current

    def again(self, view: View) -> View:
        """Take a view that is held once more."""
        with self._lock:
            view.users += 1
            return view

    def give_back(self, view: View) -> None:
        """Let go of a view."""
        with self._lock:
            view.users -= 1
            self._drop_if_unused(view)

    @property
    def checkpoint(self) -> int:
        """The sequence number up to which searches that come now see; -1 if there is nothing yet."""
        current = self._current
        return -1 if current is None else current.reading.checkpoint

    @property
    def in_use(self) -> bool:
        """Whether anybody reads a view now, or holds what one would see."""
        with self._lock:
            current = self._current
            used = current is not None and current.users > 0
            return used or len(self._views.live) > (current is not None)

    def pin(self, name: str, seq_no: int) -> None:
        """Hold what a view up to `seq_no` would see, until `unpin(name)`."""
        with self._lock:
            self._views = self._views.opened(name, seq_no)

    def unpin(self, name: str) -> None:
        """Hold it no more."""
        with self._lock:
            self._views = self._views.closed(name)

    def seen_by_all(self, newest: int) -> int:
        """Return the sequence number up to which every view sees."""
        with self._lock:
            return self._views.seen_by_all(newest)

    def _drop_if_unused(self, view: View) -> None:
        if not view.current and view.users <= 0:
            self._views = self._views.closed(view.name)
