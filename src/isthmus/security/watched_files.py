"""Small files of the configuration folder, read again when they change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from isthmus.errors import ConfigError, IsthmusError
from isthmus.files import read_regular

log = logging.getLogger(__name__)

INTERVAL: Final = 5.0


class WatchedFiles:
    """The files `paths`, of at most `max_bytes` each.

    Their texts, in order, are given to `take` when one of them has changed; a file that is not there is empty. `take`
    may raise IsthmusError for what it cannot read at all. `content` is what the log calls all that is in them.
    """

    def __init__(self, paths: tuple[Path, ...], content: str, max_bytes: int, take: Callable[..., None]) -> None:
        self._paths = paths
        self._content = content
        self._max_bytes = max_bytes
        self._take = take
        self._seen: list[tuple[int, int, int] | None] | None = None

    async def run(self) -> None:
        """Look at the files every five seconds, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            await asyncio.to_thread(self.read)

    def read(self) -> None:
        """Read the files if they changed; one that cannot be read leaves everything as it was."""
        stamps = [_stamp(path) for path in self._paths]
        if stamps == self._seen:
            return
        try:
            self._take(*(self._text(path) for path in self._paths))
        except (OSError, UnicodeDecodeError, IsthmusError) as cause:
            names = ", ".join(str(path) for path in self._paths)
            log.error("[%s] cannot be read, the %s stay as they were: %s", names, self._content, cause)
        else:
            self._seen = stamps

    def _text(self, path: Path) -> str:
        try:
            _, raw = read_regular(path, self._max_bytes)
        except FileNotFoundError:
            return ""
        if len(raw) > self._max_bytes:
            raise ConfigError(f"it is larger than {self._max_bytes} bytes", where=str(path))
        return raw.decode()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
