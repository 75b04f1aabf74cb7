"""The log file: readable by its owner alone, a new one each day (UTC) and at 128 MB, old ones removed above 2 GB."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from io import TextIOWrapper
from logging.handlers import BaseRotatingHandler
from pathlib import Path

MAX_BYTES = 128 * 1024 * 1024
MAX_TOTAL_BYTES = 2 * 1024 * 1024 * 1024


def _to_stderr(told: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"isthmus: {told}\n")


class LogFile(BaseRotatingHandler):
    """Appends entries to `path`; full and yesterday's files become `<stem>-<day>-<number><suffix>` beside it.

    Raises OSError if the file cannot be opened. Later failures, such as a full disk, are told once, by `tell`: where it
    is not given, on stderr.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = MAX_BYTES,
        max_total_bytes: int = MAX_TOTAL_BYTES,
        tell: Callable[[str], None] = _to_stderr,
    ) -> None:
        self._teller = tell
        self._path = path
        self._max_bytes = max_bytes
        self._max_total_bytes = max_total_bytes
        self._failing = False
        # backslashreplace: a broken letter becomes a valid escape of JSON instead of an error
        super().__init__(str(path), "a", encoding="utf-8", errors="backslashreplace")
        self._day = _day(path.stat().st_mtime)

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - logging's name
        """Tell whether the entry belongs into a new file."""
        return self._size() > 0 and (_day(record.created) > self._day or self._size() >= self._max_bytes)

    def doRollover(self) -> None:  # noqa: N802 - logging's name
        """Put the file aside, begin a new one, and remove the oldest if all are too large together."""
        if self.stream:
            self.stream.close()
        self.rotate(str(self._path), str(self._free_name()))
        self.stream = self._open()
        self._day = _day(time.time())
        self._remove_oldest()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the entry."""
        self._failed = False
        super().emit(record)
        self._failing = self._failed

    def close(self) -> None:
        """Close the file; that the last entries could not be written is told, not raised."""
        try:
            super().close()
        except OSError as error:
            self._tell(error)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name and signature
        """Tell once that the file cannot be written; the terminal still has the entries."""
        self._failed = True
        self._tell(sys.exc_info()[1])

    def _tell(self, error: BaseException | None) -> None:
        if not self._failing:
            self._failing = True
            self._teller(f"the log file {self._path} cannot be written: {error}")

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.fchmod(descriptor, 0o600)
        return open(descriptor, "a", encoding=self.encoding, errors=self.errors)  # noqa: PTH123 - a descriptor

    def _size(self) -> int:
        return self.stream.tell() if self.stream else 0

    def _free_name(self) -> Path:
        taken = {path.name for path in self._old_files()}
        number = 1
        while (name := f"{self._path.stem}-{self._day}-{number}{self._path.suffix}") in taken:
            number += 1
        return self._path.with_name(name)

    def _old_files(self) -> list[Path]:
        prefix = f"{self._path.stem}-"
        return [
            path
            for path in self._path.parent.iterdir()
            if path.name.startswith(prefix) and path.suffix == self._path.suffix
        ]

    def _remove_oldest(self) -> None:
        sized = sorted(((path, path.stat()) for path in self._old_files()), key=lambda pair: pair[1].st_mtime_ns)
        total = sum(stat.st_size for _, stat in sized)
        for path, stat in sized:
            if total <= self._max_total_bytes:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(moment))
