"""One measured figure, and the table of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`value` in `unit`; `goal` is what the project aims at, in words; `ratio` compares with `ratio_to`, same run."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    ratio_to: str | None = None
    goal: str | None = None


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out as text."""
    cells = [("measured", "value", "unit", "ratio", "goal")]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}× {row.ratio_to}"
        cells.append((row.name, f"{row.value:,.2f}", row.unit, ratio, row.goal or ""))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)
