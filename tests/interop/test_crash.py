"""The crash test on a real engine, which proves the test: ISTHMUS_SIDES names it (default: elasticsearch)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.interop.sides.choice import SIDES, chosen
from tests.interop.sides.side import Missing
from tests.interop.told import tell
from tests.live.crashing import crash, judge, prepare

ROUNDS = int(os.environ.get("ISTHMUS_CRASH_ROUNDS", "3"))


@pytest.mark.interop
def test_an_engine_keeps_what_it_acknowledged_when_it_is_killed(tmp_path: Path) -> None:
    key = chosen("elasticsearch")[0]
    try:
        side = SIDES[key](tmp_path / key)
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        promises = prepare(side)
        acknowledged = []
        for round_ in range(1, ROUNDS + 1):
            acknowledged.append(crash(side, promises, seed=round_))
            judge(side, promises)
        tell(f"{side.name} killed {ROUNDS} times", f"{sum(acknowledged)} acknowledged operations, none lost")
    finally:
        side.process.stop()
