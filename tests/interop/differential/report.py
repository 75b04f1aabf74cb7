"""The comparison as a page of the documentation: how many answers are equal, and why the others are not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tests.interop.differential.running import Verdict

_HEAD = """# How answers compare with those of real engines

Written by `tests/interop/differential` (`ISTHMUS_DIFFERENTIAL_PAGE` names the file); edits are lost. Every request is
asked of all engines over the same documents, each index in one shard, and judged by the first engine whose published
parts can answer it. Totals, hits in order, sources, aggregations and errors must be equal; scores within 1e-3.
Equal sort values and equal scores are ties, whose order no engine promises.
"""


@dataclass(frozen=True)
class Row:
    """How the answers to one group of requests compare."""

    group: str
    equal: int
    known: int
    unknown: int

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it is shown."""
        numbers = (self.equal + self.known + self.unknown, self.equal, self.known, self.unknown)
        return (self.group, *(str(number) for number in numbers))


def rows(verdicts: Sequence[Verdict]) -> list[Row]:
    """Return a row for each group of requests, in the order they were asked, and their sum."""
    groups = dict.fromkeys(verdict.asked.family for verdict in verdicts)
    counted = [_row(group, [one for one in verdicts if one.asked.family == group]) for group in groups]
    return [*counted, _row("all", verdicts)]


def _row(group: str, verdicts: Sequence[Verdict]) -> Row:
    differing = [one for one in verdicts if one.said]
    known = sum(one.known is not None for one in differing)
    return Row(group, len(verdicts) - len(differing), known, len(differing) - known)


def page(verdicts: Sequence[Verdict], versions: Mapping[str, str], on: date) -> str:
    """Return the page, of the engines and their versions (the judged one first), as of a day."""
    (judged, version), *judges = versions.items()
    asked = f"Asked on {on.isoformat()}: {judged} {version}, judged by "
    parts = [
        _HEAD,
        asked + " and ".join(f"{name} {number}" for name, number in judges) + ".\n",
        _table(("requests", "asked", "equal", "known", "unknown"), (row.cells for row in rows(verdicts))),
        "## Differences that are known\n",
        _table(("why", "judge", "requests"), _reasons(verdicts)),
    ]
    unknown = [one for one in verdicts if one.said and one.known is None]
    if unknown:
        cells = ((one.asked.name, one.judge, one.said[0]) for one in unknown)
        parts += ["## Differences that are not explained yet\n", _table(("request", "judge", "difference"), cells)]
    return "\n".join(parts)


def _reasons(verdicts: Sequence[Verdict]) -> list[tuple[str, ...]]:
    """Why answers differ, by whose judgement, and which: once for each reason."""
    names: dict[tuple[str, str], list[str]] = {}
    for verdict in verdicts:
        if verdict.known is not None:
            names.setdefault((verdict.known.reason, verdict.judge), []).append(f"`{verdict.asked.name}`")
    return [(reason, judge, ", ".join(named)) for (reason, judge), named in names.items()]


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    shown = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in shown)
