"""Two engines give equal answers to the same requests, but for what is known.

ISTHMUS_SIDES names the engine that is judged, then its judges in order (default: isthmus,elasticsearch,opensearch).
ISTHMUS_DIFFERENTIAL_PAGE names a file to write the comparison to, as a page of the documentation.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.interop.differential.corpora import load
from tests.interop.differential.report import page, rows
from tests.interop.differential.running import all_requests, judge_all, stale
from tests.interop.sides.choice import SIDES, chosen
from tests.interop.sides.side import Missing, running
from tests.interop.told import tell


@pytest.mark.interop
def test_an_engine_answers_as_its_judges_do(tmp_path: Path) -> None:
    names = chosen("isthmus,elasticsearch,opensearch")
    try:
        sides = [SIDES[name](tmp_path / name) for name in names]
    except Missing as missing:
        pytest.skip(str(missing))
    with ExitStack() as stack:
        lines = [(side.key, stack.enter_context(running(side))) for side in sides]
        for _, line in lines:
            load(line)
        versions = {
            side.name: line.must("GET", "/")["version"]["number"] for side, (_, line) in zip(sides, lines, strict=True)
        }
        verdicts = judge_all(all_requests(), lines[0], lines[1:])
    (table := tmp_path / "differential.txt").write_text("".join(f"{verdict.line}\n" for verdict in verdicts))
    unknown = [verdict.line for verdict in verdicts if verdict.said and verdict.known is None]
    if to := os.environ.get("ISTHMUS_DIFFERENTIAL_PAGE"):
        Path(to).write_text(page(verdicts, versions, datetime.now(UTC).date()))
    tell(
        f"{names[0]} judged by {', '.join(names[1:])}",
        *(f"{row.group}: {row.equal} equal, {row.known} known, {row.unknown} unknown" for row in rows(verdicts)),
        str(table),
    )
    assert not unknown, "\n".join(unknown)
    assert stale(verdicts, names[0]) == []


def test_the_names_of_the_requests_are_unique_and_there_are_enough() -> None:
    names = [asked.name for asked in all_requests()]
    assert len(names) == len(set(names))
    assert len(names) >= 450
