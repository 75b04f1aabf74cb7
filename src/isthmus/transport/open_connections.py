"""Connections of one direction that are open: swept, judged anew when trust shrinks, and closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from isthmus.tls.judging import Judge, Latecomers
from isthmus.transport.channel import Channel
from isthmus.transport.limits import TransportLimits
from isthmus.transport.sweeper import Sweeper, Swept

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity


class Judged(Swept, Protocol):
    """A connection."""

    identity: PeerIdentity | None
    channel: Channel


One = TypeVar("One", bound=Judged)


class OpenConnections(Generic[One]):
    """Holds what is open; `expelled` ends a connection for a reason that a judge gave."""

    def __init__(self, limits: TransportLimits, expelled: Callable[[One, str], None]) -> None:
        self._limits = limits
        self._expelled = expelled
        self._members: set[One] = set()
        self._latecomers = Latecomers(limits.tls_handshake_timeout)
        self._sweeper = Sweeper(limits.sweep_interval)
        self._emptied = asyncio.Event()

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[One]:
        return iter(list(self._members))

    def add(self, connection: One) -> None:
        """Take in a connection, and judge it as those were that were here when trust shrank a moment ago."""
        self._members.add(connection)
        self._sweeper.add(connection)
        self._judge(connection, self._latecomers.judge)

    def discard(self, connection: One) -> None:
        """Let go of a connection that has ended."""
        self._members.discard(connection)
        self._sweeper.remove(connection)
        self._emptied.set()

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """See TransportService.expel."""
        self._latecomers.face(judge)
        expelled = [one for one in self if self._judge(one, judge)]
        for one in expelled if at_once else ():
            one.channel.abort()
        return len(expelled)

    async def close(self) -> None:
        """End every connection in order and wait for that, at most the limits' `close_timeout`."""
        for one in self:
            one.channel.close()
        try:
            async with asyncio.timeout(self._limits.close_timeout):
                await self._wait_until_empty()
        except TimeoutError:
            for one in self:
                one.channel.abort()
            await self._wait_until_empty()
        self._sweeper.stop()

    async def _wait_until_empty(self) -> None:
        while self._members:
            self._emptied.clear()
            await self._emptied.wait()

    def _judge(self, connection: One, judge: Judge) -> bool:
        reason = judge(connection.identity) if connection.identity is not None else None
        if reason is not None:
            self._expelled(connection, reason)
        return reason is not None
