"""How much memory something takes at its highest."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Peak:
    """Bytes allocated at the highest point, known after the block."""

    peak: int = 0


@contextmanager
def tracked_memory() -> Iterator[Peak]:
    """Measure the block's peak of memory above what was there before."""
    found = Peak()
    tracemalloc.start()
    try:
        yield found
    finally:
        found.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
