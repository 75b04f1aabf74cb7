"""The gate that writes to a shard pass: shut while the shard is handed over to another node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from isthmus.errors import UnavailableError

PATIENCE = 30.0


class ShardMovedError(UnavailableError):
    """The index lives on another node by now; who asked shall ask there."""

    type = "shard_not_in_primary_mode_exception"


class WriteGate:
    """Open at first. All methods belong to the event loop."""

    def __init__(self) -> None:
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._shut: asyncio.Future[None] | None = None

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Pass the gate, once it is open. Raises ShardMovedError, and UnavailableError if it stays shut for long."""
        while self._shut is not None:
            try:
                await asyncio.wait_for(asyncio.shield(self._shut), PATIENCE)
            except TimeoutError as cause:
                raise UnavailableError("the index is being moved to another node", hint="try again later") from cause
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def shut(self) -> None:
        """Let nobody in any more, and return when all who passed are through."""
        if self._shut is None:
            self._shut = asyncio.get_running_loop().create_future()
        await self._idle.wait()

    def open(self) -> None:
        """Let those who wait pass."""
        shut, self._shut = self._shut, None
        if shut is not None and not shut.done():
            shut.set_result(None)

    def moved(self, error: ShardMovedError) -> None:
        """Turn those who wait away, and all who come, for good."""
        if self._shut is None:
            self._shut = asyncio.get_running_loop().create_future()
        if not self._shut.done():
            self._shut.set_exception(error)
            self._shut.exception()  # also if nobody waits
