"""Looks at the files of all channels from time to time, or when somebody asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from isthmus.lifecycle.reloading.channel import ChannelReload, ChannelReport
from isthmus.lifecycle.reloading.reload import SETTLE_SECONDS

log = logging.getLogger(__name__)


class Reloader:
    """Keeps `channels` those of their files, one generation at a time.

    `interval` is in seconds; None: only when asked.
    """

    def __init__(self, channels: Sequence[ChannelReload], interval: float | None) -> None:
        self.channels = tuple(channels)
        self._interval = interval
        self._one_at_a_time = asyncio.Lock()
        self._asked = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def warnings(self) -> list[str]:
        """Why files that changed are not served."""
        return [warning for channel in self.channels for warning in channel.warnings]

    def start(self) -> None:
        """Begin to look."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Look no more."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def ask(self) -> None:
        """Have the files read soon, as `reload` does; how it went is in the log."""
        self._asked.set()

    async def reload(self) -> list[ChannelReport]:
        """Serve what the files hold now, and tell how it went for each channel."""
        async with self._one_at_a_time:
            return [await channel.reload() for channel in self.channels]

    async def _run(self) -> None:
        pause = self._interval
        while True:
            if await self._is_asked_within(pause):
                pause = await self._guarded_reload()
            else:
                pause = await self._guarded_check()

    async def _is_asked_within(self, pause: float | None) -> bool:
        try:
            async with asyncio.timeout(pause):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    async def _guarded_reload(self) -> float | None:
        try:
            for report in await self.reload():
                log.info("%s: asked to reload: %s%s", report.channel, report.result, _because(report))
        except Exception:
            log.exception("reloading certificates failed; it is tried again")
        return self._interval

    async def _guarded_check(self) -> float | None:
        try:
            async with self._one_at_a_time:
                unsettled = [await channel.check() for channel in self.channels]
        except Exception:
            log.exception("looking at the files of certificates failed; it is tried again")
            return self._interval
        return SETTLE_SECONDS if any(unsettled) else self._interval


def _because(report: ChannelReport) -> str:
    return f": {report.reason}" if report.reason else ""
