"""Two engines give equal answers to the same requests, but for what is known.

ISTHMUS_SIDES names the engine that is judged, then its judges in order (default: isthmus,elasticsearch,opensearch).
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.interop.differential.corpora import load
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
        verdicts = judge_all(all_requests(), lines[0], lines[1:])
    (table := tmp_path / "differential.txt").write_text("".join(f"{verdict.line}\n" for verdict in verdicts))
    unknown = [verdict.line for verdict in verdicts if verdict.said and verdict.known is None]
    known = [verdict for verdict in verdicts if verdict.known is not None]
    equal = len(verdicts) - len(unknown) - len(known)
    tell(
        f"{names[0]} judged by {', '.join(names[1:])}",
        f"{equal} of {len(verdicts)} equal, {len(known)} known",
        str(table),
    )
    assert unknown == []
    assert stale(verdicts, names[0]) == []


def test_the_names_of_the_requests_are_unique_and_there_are_enough() -> None:
    names = [asked.name for asked in all_requests()]
    assert len(names) == len(set(names))
    assert len(names) >= 450
