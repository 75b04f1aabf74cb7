"""Peers that nobody knows yet: a bounded number, the oldest gives way."""

from __future__ import annotations

from collections.abc import Callable, Hashable


class Crowd:
    """Holds at most `most` members, each with what to call when it must give way."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._members: dict[Hashable, Callable[[], None]] = {}

    def __len__(self) -> int:
        return len(self._members)

    def admit(self, member: Hashable, give_way: Callable[[], None]) -> None:
        """Take `member` in, or change how it gives way; the oldest gives way if that is one too many."""
        self._members[member] = give_way
        if len(self._members) > self._most:
            oldest = next(iter(self._members))
            self._members.pop(oldest)()

    def leave(self, member: Hashable) -> None:
        """Let `member` go, if it is still here."""
        self._members.pop(member, None)
