"""One timer for all deadlines of all connections."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Swept(Protocol):
    """Something with deadlines."""

    def sweep(self, now: float) -> None:
        """Look at the deadlines; `now` is the event loop's clock."""


class Sweeper:
    """Calls `sweep` of its members every `interval` seconds, and sleeps while it has none."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._members: set[Swept] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._members)

    @property
    def is_running(self) -> bool:
        """Whether a timer is set."""
        return self._timer is not None

    def add(self, member: Swept) -> None:
        """Begin to sweep `member`."""
        self._members.add(member)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._sweep)

    def remove(self, member: Swept) -> None:
        """Leave `member` in peace."""
        self._members.discard(member)

    def stop(self) -> None:
        """Sweep no more."""
        self._members.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sweep(self) -> None:
        if not self._members:
            self._timer = None
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._interval, self._sweep)
        now = loop.time()
        for member in list(self._members):
            member.sweep(now)
