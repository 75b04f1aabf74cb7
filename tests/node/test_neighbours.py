"""What other members say of their certificates."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from isthmus.cluster.membership import Membership
from isthmus.node.neighbours import Neighbours
from isthmus.rest.view import NodeReport
from isthmus.state.store import StateStore
from tests.rest.node import FIRST, REPORT, SECOND

WARNING = "the certificate [CN=x] expires"


class Members:
    """A membership of two, the second of which answers as the test says."""

    def __init__(self, folder: Path) -> None:
        self.store = StateStore(folder / "state.sqlite")
        self.membership = Membership(FIRST, self.store, lambda _member: True)
        self.answer: NodeReport | str = msgspec.structs.replace(REPORT, warnings=(WARNING,))
        self.asked: asyncio.Queue[Sequence[str]] = asyncio.Queue()
        self.neighbours = Neighbours(self.membership, self._ask)

    async def _ask(self, ids: Sequence[str]) -> Mapping[str, NodeReport | str]:
        self.asked.put_nowait(ids)
        return dict.fromkeys(ids, self.answer)


async def test_members_are_asked_when_they_come_and_forgotten_when_they_go(tmp_path: Path) -> None:
    members = Members(tmp_path)
    running = asyncio.create_task(members.neighbours.run())
    async with asyncio.timeout(10):
        assert await members.asked.get() == []
        members.membership.learn([FIRST, SECOND])
        assert await members.asked.get() == [SECOND.id]
        while not members.neighbours.warnings():
            await asyncio.sleep(0)
    assert members.neighbours.warnings() == [f"node [{SECOND.name}]: {WARNING}"]
    members.membership.learn([FIRST])
    assert members.neighbours.warnings() == []
    running.cancel()
    members.store.close()


@pytest.mark.parametrize("answer", ["it did not answer in time", REPORT])
async def test_who_does_not_answer_or_has_nothing_to_tell_is_not_quoted(
    tmp_path: Path, answer: NodeReport | str
) -> None:
    members = Members(tmp_path)
    members.membership.learn([FIRST, SECOND])
    await members.neighbours.look()
    members.answer = answer
    await members.neighbours.look()
    assert members.neighbours.warnings() == []
    members.store.close()
