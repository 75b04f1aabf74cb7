"""The parts that keep costs bounded, one by one."""

from __future__ import annotations

import asyncio

import pytest

from isthmus.transport.crowd import Crowd
from isthmus.transport.refusals import LINES, RefusalLog, RefusedConnection
from isthmus.transport.sweeper import Sweeper
from tests.transport.stage import TIMEOUT


def test_the_oldest_of_a_crowd_gives_way() -> None:
    gone: list[int] = []
    crowd = Crowd(2)
    for number in range(4):
        crowd.admit(number, lambda number=number: gone.append(number))  # type: ignore[misc]
    assert gone == [0, 1]
    crowd.leave(2)
    crowd.leave(2)
    crowd.admit(4, lambda: gone.append(4))
    assert gone == [0, 1]
    assert len(crowd) == 2


def test_a_member_that_is_admitted_again_keeps_its_place() -> None:
    gone: list[str] = []
    crowd = Crowd(2)
    crowd.admit("a", lambda: gone.append("a before"))
    crowd.admit("b", lambda: gone.append("b"))
    crowd.admit("a", lambda: gone.append("a after"))
    crowd.admit("c", lambda: gone.append("c"))
    assert gone == ["a after"]


def test_a_flood_of_refusals_does_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[RefusedConnection] = []
    refusals = RefusalLog(heard.append)
    for number in range(LINES * 3):
        refusals.tell(RefusedConnection(f"192.0.2.1:{number}", "why"))
    assert len(heard) == LINES * 3
    assert len(caplog.messages) == LINES
    refusals.begin_period()
    refusals.tell(RefusedConnection("192.0.2.1:1", "why"))
    assert f"{LINES * 2} more" in caplog.messages[-1]


class Member:
    def __init__(self, *, fails: bool = False) -> None:
        self.swept = asyncio.Event()
        self._fails = fails

    def sweep(self, now: float) -> None:
        self.swept.set()
        if self._fails:
            raise ZeroDivisionError


async def test_the_sweeper_goes_on_when_a_member_fails_and_stops_when_it_has_none() -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(str(context["exception"])))
    sweeper = Sweeper(0.001)
    failing, fine = Member(fails=True), Member()
    sweeper.add(failing)
    await asyncio.wait_for(failing.swept.wait(), TIMEOUT)
    sweeper.remove(failing)
    sweeper.add(fine)
    await asyncio.wait_for(fine.swept.wait(), TIMEOUT)
    assert told == [""] * len(told)
    assert told
    sweeper.remove(fine)
    assert len(sweeper) == 0
    async with asyncio.timeout(TIMEOUT):
        while sweeper.is_running:
            await asyncio.sleep(0)
