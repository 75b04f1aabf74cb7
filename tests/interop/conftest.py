"""Tests against real engines: `make interop` runs them, `make test` leaves them out, for they take minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.interop.cluster import Cluster
from tests.interop.engine import Engine, find_engine
from tests.interop.material import Keep
from tests.interop.told import LINES

MakeCluster = Callable[..., Cluster]


@pytest.fixture(scope="session")
def engine() -> Engine:
    found = find_engine()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture
def make_cluster(tmp_path: Path, engine: Engine) -> Iterator[MakeCluster]:
    made: list[Cluster] = []

    def make(ca: Authority, keep: Keep, *, days: tuple[int, int] = (-1, 365)) -> Cluster:
        made.append(Cluster(tmp_path, engine, ca, keep, days=days))
        return made[-1]

    yield make
    for cluster in made:
        cluster.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LINES:
        terminalreporter.section("what the engines did")
        for line in LINES:
            terminalreporter.write_line(line)
