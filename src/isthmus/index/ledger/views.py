"""Which superseded operations somebody may still read. Pure.

A view (a searcher's snapshot, a point in time, a scroll) sees every operation up to a sequence number. It needs an
operation that a later one superseded only if it does not see that later one.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Views(msgspec.Struct, frozen=True):
    """The live views: name to the seq_no up to which each sees."""

    live: Mapping[str, int] = {}

    def opened(self, name: str, seq_no: int) -> Views:
        """Return the views with one more, or with `name` moved to `seq_no`."""
        return Views({**self.live, name: seq_no})

    def closed(self, name: str) -> Views:
        """Return the views without `name`."""
        return Views({other: seq_no for other, seq_no in self.live.items() if other != name})

    def seen_by_all(self, newest: int) -> int:
        """Return the seq_no that all see; `newest` if there is no view. What it superseded may go."""
        return min([newest, *self.live.values()])
