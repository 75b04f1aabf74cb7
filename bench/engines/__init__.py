"""Isthmus beside a real Elasticsearch or OpenSearch: the same corpus, client and security, one engine at a time.

ISTHMUS_SIDES names who is measured, the one that the others are compared with last (default: isthmus,elasticsearch).
ISTHMUS_BENCH_LINES is the size of the corpus (default: 200,000).
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.engines.measuring import Figures, measure
from bench.rows import Row
from tests.interop.sides.choice import SIDES, chosen
from tests.interop.sides.side import Missing


def run() -> list[Row]:
    """Measure each engine alone; an engine that is not on this machine is left out with a word on stderr."""
    measured: dict[str, Figures] = {}
    for key in chosen("isthmus,elasticsearch"):
        with tempfile.TemporaryDirectory() as name:
            try:
                measured[key] = measure(partial(SIDES[key], is_measured=True), Path(name))
            except Missing as missing:
                print(f"left out [{key}]: {missing}", file=sys.stderr)
    return _rows(measured)


def _rows(measured: dict[str, Figures]) -> list[Row]:
    """One row for each figure and engine, compared with the last engine."""
    if not measured:
        return []
    last = list(measured)[-1]
    names = list(dict.fromkeys(name for figures in measured.values() for name in figures))
    return [
        _row(name, key, measured, None if key == last else last)
        for name in names
        for key in measured
        if name in measured[key]
    ]


def _row(name: str, key: str, measured: dict[str, Figures], other: str | None) -> Row:
    figure = measured[key][name]
    beside = None if other is None else measured[other].get(name)
    ratio = figure.value / beside.value if beside is not None and beside.value else None
    return Row(f"{name} [{key}]", figure.value, figure.unit, ratio, other if ratio is not None else None, figure.goal)
