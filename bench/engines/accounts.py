"""What the operating system says of a process and its children."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

_KIB = 1024
_TICKS = os.sysconf("SC_CLK_TCK")
# Fields 14 and 15 of /proc/PID/stat; the name, which may hold blanks, ends with the last parenthesis.
_USER, _SYSTEM = 11, 12


@dataclass(frozen=True)
class Memory:
    """Resident MiB: of the process's own, and of files that are mapped (the kernel may take those back)."""

    anonymous: float
    of_files: float


def memory(pid: int) -> Memory:
    """Read the memory of the process and its children."""
    rollups = [_rollup(one) for one in _family(pid)]
    anonymous = sum(rollup["Anonymous"] for rollup in rollups)
    resident = sum(rollup["Rss"] for rollup in rollups)
    return Memory(anonymous / _KIB, (resident - anonymous) / _KIB)


def cpu_seconds(pid: int) -> float:
    """Read the seconds of CPU, user and system, that the process and its children have used."""
    return sum(_ticks(one) for one in _family(pid)) / _TICKS


def _family(pid: int) -> list[int]:
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def _rollup(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[_USER]) + int(fields[_SYSTEM])
