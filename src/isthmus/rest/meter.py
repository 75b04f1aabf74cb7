"""What this node can say of itself and its machine: the `NodeReport` of the moment.

Read from Linux's /proc (proc(5)); elsewhere what cannot be read is None.
"""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from isthmus.rest.view import Bound, NodeReport

T = TypeVar("T")
WINDOW = 1.0
PROC = Path("/proc")


class Meter:
    """Measures this process and its machine. Processor use is that since a reading at least a second old."""

    def __init__(self, data_folder: Path, proc: Path = PROC) -> None:
        self._data_folder = data_folder
        self._proc = proc
        self._started = time.monotonic()
        self._read_at = self._started
        self._ticks = _or_none(self._processor_ticks)
        self._percent: int | None = None

    def report(
        self, *, transport: Bound | None = None, http: Bound | None = None, max_content_length: int | None = None
    ) -> NodeReport:
        """Return what is true now; the addresses and the bound of a request's body are handed in."""
        total, used = _or_none(self._memory) or (None, None)
        disk = _or_none(lambda: os.statvfs(self._data_folder))
        return NodeReport(
            pid=os.getpid(),
            uptime=time.monotonic() - self._started,
            rss=_or_none(self._resident),
            cpu_percent=self._cpu_percent(),
            load=_or_none(os.getloadavg),
            ram_total=total,
            ram_used=used,
            disk_total=None if disk is None else disk.f_frsize * disk.f_blocks,
            disk_available=None if disk is None else disk.f_frsize * disk.f_bavail,
            files_open=_or_none(lambda: sum(1 for _ in (self._proc / "self/fd").iterdir())),
            files_max=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            processors=os.cpu_count() or 1,
            os_name=platform.system(),
            os_version=platform.release(),
            arch=platform.machine(),
            transport=transport,
            http=http,
            http_max_content_length=max_content_length,
        )

    def _resident(self) -> int:
        return int((self._proc / "self/statm").read_text().split()[1]) * resource.getpagesize()

    def _memory(self) -> tuple[int, int]:
        lines = (line.split() for line in (self._proc / "meminfo").read_text().splitlines())
        kilobytes = {words[0]: int(words[1]) for words in lines}
        total = kilobytes["MemTotal:"] * 1024
        return total, total - kilobytes["MemAvailable:"] * 1024

    def _processor_ticks(self) -> tuple[int, int]:
        """Ticks of all processors since the machine started: idle or waiting for a disk, and all together."""
        first = (self._proc / "stat").read_text().partition("\n")[0].split()[1:9]
        ticks = [int(number) for number in first]
        return ticks[3] + ticks[4], sum(ticks)

    def _cpu_percent(self) -> int | None:
        now = time.monotonic()
        if self._percent is not None and now - self._read_at < WINDOW:
            return self._percent
        ticks = _or_none(self._processor_ticks)
        if ticks is None or self._ticks is None:
            return None
        idle, total = ticks[0] - self._ticks[0], ticks[1] - self._ticks[1]
        if total > 0:
            self._percent = min(100, max(0, round(100 * (1 - idle / total))))
            self._ticks, self._read_at = ticks, now
        return self._percent


def _or_none(read: Callable[[], T]) -> T | None:
    """What `read` gives, or None where the machine has no such file or writes it another way."""
    try:
        return read()
    except (OSError, ValueError, LookupError):
        return None
