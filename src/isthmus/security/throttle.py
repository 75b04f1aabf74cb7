"""Slows down addresses from which many logins fail. Pure but for the clock that is handed in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

FREE: Final = 10
HALVED_EVERY: Final = 30.0
LONGEST: Final = 5.0
MAX_ORIGINS: Final = 10_000


class Throttle:
    """Counts failures by origin; the count is halved every thirty seconds. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def failed(self, origin: str) -> float:
        """Count a failure and return for how many seconds its answer should be held back."""
        count = self._count(origin) + 1
        self._failures[origin] = (count, self._clock())
        self._failures.move_to_end(origin)
        if len(self._failures) > MAX_ORIGINS:
            self._failures.popitem(last=False)
        return min(LONGEST, max(0.0, (count - FREE) * 0.1))

    def _count(self, origin: str) -> float:
        count, at = self._failures.get(origin, (0.0, 0.0))
        return float(count * 0.5 ** ((self._clock() - at) / HALVED_EVERY))
