"""Whole processes, as the operating system accounts for them."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 5


def median_seconds(command: Sequence[str], folder: Path, runs: int = RUNS) -> float:
    """Run `command` in `folder` once to warm up, then `runs` times; return the median of its elapsed seconds."""
    return statistics.median([_seconds(command, folder) for _ in range(runs + 1)][1:])


def _seconds(command: Sequence[str], folder: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.perf_counter() - begun
