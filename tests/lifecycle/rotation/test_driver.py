"""The driver on simulated clusters: slow, failing and lying nodes, and a driver that is cut off at every line."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from isthmus.errors import ConfigError, StorageError, UnavailableError
from isthmus.lifecycle.rotation.driver import Driver
from isthmus.lifecycle.rotation.journal import FILE_NAME, Journal
from isthmus.pki.rotation import Holding
from tests.lifecycle.rotation.simulation import NEW, OLD, SimulatedSite, leaf, plan_for, vouchers

NAMES = ("node1", "node2", "node3")


def driver(journal: Journal, site: SimulatedSite, patience: float = 10) -> Driver:
    return Driver(journal, site, vouchers(site.names), lambda _: None, patience=patience, look_interval=0)


def assert_rotated(site: SimulatedSite, authority: str = NEW) -> None:
    assert site.runs_on == {name: Holding(frozenset({authority}), leaf(name, authority)) for name in site.names}


async def test_a_rotation_reaches_every_node_and_is_written_down_as_done(tmp_path: Path) -> None:
    journal, site = Journal.begin(tmp_path, plan_for(NAMES)), SimulatedSite(NAMES)
    await driver(journal, site).run()
    assert_rotated(site)
    assert journal.events[-1].event == "done"
    assert [(e.step, e.party) for e in journal.events if e.event == "given"] == [
        (kind, name) for kind in ("widen", "reissue", "narrow") for name in NAMES
    ]


class Cut(BaseException):
    """The process is killed."""


class CutOff(Journal):
    """A journal whose process is killed after some lines."""

    lines_left = 0

    def add(self, event: object, **details: object) -> object:  # type: ignore[override]
        if self.lines_left == 0:
            raise Cut
        self.lines_left -= 1
        return super().add(event, **details)  # type: ignore[arg-type]


@pytest.mark.parametrize("lines", range(28))
async def test_a_driver_killed_after_any_line_is_resumed_to_the_same_end(tmp_path: Path, lines: int) -> None:
    site = SimulatedSite(NAMES)
    journal = CutOff.begin(tmp_path, plan_for(NAMES))
    assert isinstance(journal, CutOff)
    journal.lines_left = lines
    try:
        await driver(journal, site).run()
    except Cut:
        assert site.pairs_that_refuse() == []
    journal.close()
    with (tmp_path / FILE_NAME).open("ab") as file:
        file.write(b'{"at": "2026-01-01T00:00:00Z", "eve')
    await driver(Journal.resume(tmp_path), site).run()
    assert_rotated(site)


@pytest.mark.parametrize("seed", range(20))
async def test_slow_failing_and_absent_nodes_delay_a_rotation_and_break_nothing(tmp_path: Path, seed: int) -> None:
    site = SimulatedSite(NAMES, seed, slow=0.5, fails=0.2, away=0.2)
    Journal.begin(tmp_path, plan_for(NAMES, at_once=1 + seed % 3)).close()
    while True:
        journal = Journal.resume(tmp_path)
        try:
            await driver(journal, site).run()
            break
        except StorageError:
            assert site.pairs_that_refuse() == []
        finally:
            journal.close()
    assert_rotated(site)


@pytest.mark.parametrize("lines", range(0, 28, 3))
async def test_going_back_from_any_line_ends_on_the_old_certificates(tmp_path: Path, lines: int) -> None:
    site = SimulatedSite(NAMES)
    journal = CutOff.begin(tmp_path, plan_for(NAMES))
    assert isinstance(journal, CutOff)
    journal.lines_left = lines
    with contextlib.suppress(Cut):
        await driver(journal, site).run()
    journal.close()
    back = Journal.resume(tmp_path)
    back.add("back")
    await driver(back, site).run()
    assert_rotated(site, OLD)


async def test_a_node_that_says_yes_but_serves_the_old_certificate_is_named_and_not_passed(tmp_path: Path) -> None:
    journal, site = Journal.begin(tmp_path, plan_for(NAMES)), SimulatedSite(NAMES, slow=1.0)
    with pytest.raises(UnavailableError, match=r"\[node1\] has not taken up its new files") as caught:
        await driver(journal, site, patience=0.05).run()
    assert "rotate resume" in str(caught.value)
    assert site.installations == 1


async def test_two_drivers_at_once_are_one_too_many(tmp_path: Path) -> None:
    journal = Journal.begin(tmp_path, plan_for(NAMES))
    with pytest.raises(UnavailableError, match="another process"):
        Journal.resume(tmp_path)
    journal.close()
    with pytest.raises(ConfigError, match="holds a rotation already"):
        Journal.begin(tmp_path, plan_for(NAMES))


async def test_a_thousand_nodes_are_rotated_in_spite_of_failures(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(1000)]
    site = SimulatedSite(names, seed=7, slow=0.3, fails=0.0, away=0.01)
    journal = Journal.begin(tmp_path, plan_for(names, at_once=100))
    await driver(journal, site).run()
    assert_rotated(site)


async def test_what_was_seen_and_done_can_be_read_while_it_goes_on(tmp_path: Path) -> None:
    journal = Journal.begin(tmp_path, plan_for(NAMES))
    task = asyncio.create_task(driver(journal, SimulatedSite(NAMES)).run())
    await task
    plan, events = Journal.look(tmp_path)
    assert plan == journal.plan
    assert events == journal.events


async def test_a_recovery_gives_each_node_its_goal_and_nothing_else_however_late_it_is_taken_up(tmp_path: Path) -> None:
    journal, site = Journal.begin(tmp_path, plan_for(NAMES)), SimulatedSite(NAMES, slow=0.7, away=0.3)
    await driver(journal, site).recover()
    assert_rotated(site)
    assert [(e.step, e.party) for e in journal.events if e.event == "given"] == [("reissue", name) for name in NAMES]
