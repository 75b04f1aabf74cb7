"""Which known names are near a wrong one, judged as Elasticsearch does: by the share of letters that may stay."""

from __future__ import annotations

from collections.abc import Iterable

MAX_LENGTH = 100
MIN_LIKENESS = 0.5


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` did you mean [x]?` for the names that are near, the nearest first, or nothing."""
    likeness = {one: _likeness(name[:MAX_LENGTH], one) for one in known}
    near = sorted((one for one in likeness if likeness[one] > MIN_LIKENESS), key=lambda one: (-likeness[one], one))
    if not near:
        return ""
    return f" did you mean [{near[0]}]?" if len(near) == 1 else f" did you mean any of [{', '.join(near)}]?"


def _likeness(one: str, other: str) -> float:
    return 1.0 - _edits(one, other) / max(len(one), len(other), 1)


def _edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, row = row, [at]
        for to, wanted in enumerate(other, start=1):
            row.append(min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != wanted)))
    return row[-1]
