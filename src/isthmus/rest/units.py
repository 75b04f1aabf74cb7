"""Sizes and times as Elasticsearch writes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# From the smallest to the largest.
BYTE_UNITS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
TIME_UNITS = {"nanos": 1e-9, "micros": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, order=True)
class Size:
    """A number of bytes."""

    bytes: int

    def text(self, unit: str | None = None) -> str:
        """Write it in whole `unit`s without naming it; without `unit` in the largest that fits, as `1.5gb`."""
        return _text(self.bytes, BYTE_UNITS, unit)


@dataclass(frozen=True, order=True)
class Duration:
    """A number of seconds."""

    seconds: float

    def text(self, unit: str | None = None) -> str:
        """Write it in whole `unit`s without naming it; without `unit` in the largest that fits, as `2.5h`."""
        return _text(self.seconds, TIME_UNITS, unit)


def _text(amount: float, units: Mapping[str, float], unit: str | None) -> str:
    if unit is not None:
        return str(int(amount / units[unit]))
    fitting = [name for name, size in units.items() if size <= amount] or list(units)[:1]
    # Cut, not rounded: 1023.99 must not become 1024.
    cut = int(amount / units[fitting[-1]] * 10) / 10
    return f"{cut:.1f}".removesuffix(".0") + fitting[-1]
