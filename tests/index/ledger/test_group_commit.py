"""Concurrent writes share commits and are answered only after them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from isthmus.index.ledger import group_commit
from isthmus.index.ledger.errors import LedgerClosedError, RejectedExecutionError
from isthmus.index.ledger.group_commit import GroupCommit
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation, Outcome, Written


class Site:
    def __init__(self, path: Path) -> None:
        self.ledger = Ledger.create(path, "uuid")
        self.executor = ThreadPoolExecutor(1)
        self.commits: list[int] = []
        self.group = GroupCommit(self.ledger, self.executor, self.applied)

    def applied(self, operations: Sequence[Operation], outcomes: Sequence[Outcome]) -> None:
        assert len(operations) == len(outcomes)
        self.commits.append(len(operations))

    def close(self) -> None:
        self.executor.shutdown()
        self.ledger.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


def index(number: int) -> Operation:
    return Operation(kind="index", id=str(number), source=b"{}")


async def test_concurrent_writes_share_a_commit_and_keep_their_order(site: Site) -> None:
    answers = await asyncio.gather(*(site.group.write([index(number)]) for number in range(100)))
    written = [answer[0] for answer in answers]
    assert [outcome.seq_no for outcome in written if isinstance(outcome, Written)] == list(range(100))
    assert sum(site.commits) == 100
    assert len(site.commits) < 10


async def test_a_failed_commit_fails_all_who_share_it_and_later_writes_are_tried(site: Site) -> None:
    site.ledger.close()
    answers = await asyncio.gather(*(site.group.write([index(number)]) for number in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LedgerClosedError] * 3
    assert site.commits == []


async def test_more_than_may_wait_is_rejected_and_what_waits_is_written(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING", 2)
    answers = await asyncio.gather(*(site.group.write([index(number)]) for number in range(5)), return_exceptions=True)
    assert [isinstance(answer, RejectedExecutionError) for answer in answers] == [False, False, True, True, True]
    await site.group.drain()
    assert site.ledger.count == 2


async def test_a_write_is_projected_before_it_is_answered_and_a_projection_that_fails_loses_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(tmp_path)
    failing = GroupCommit(site.ledger, site.executor, lambda operations, outcomes: 1 / 0)
    (outcome,) = await failing.write([index(1)])
    assert isinstance(outcome, Written)
    assert "the writes are on disk" in caplog.text
    await site.group.write([index(2)])
    assert site.commits == [1]
    site.close()


async def test_who_stops_waiting_hinders_nobody_and_its_write_is_made(site: Site) -> None:
    first = asyncio.ensure_future(site.group.write([index(1)]))
    left = asyncio.ensure_future(site.group.write([index(2)]))
    last = asyncio.ensure_future(site.group.write([index(3)]))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.gather(first, last)
    assert left.cancelled()
    assert site.ledger.count == 3


async def test_waiting_bytes_are_bounded_but_one_large_write_is_taken(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING_BYTES", 1000)
    monkeypatch.setattr(group_commit, "MAX_COMMIT_BYTES", 1000)
    large = Operation(kind="index", id="large", source=b"x" * 5000)
    answers = await asyncio.gather(*(site.group.write([large]) for _ in range(3)), return_exceptions=True)
    assert [isinstance(answer, RejectedExecutionError) for answer in answers] == [False, True, True]
    assert await site.group.write([large, large]) != []
    assert site.commits == [1, 2]


async def test_a_commit_is_bounded_and_the_rest_follows_in_order(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MAX_COMMIT_BYTES", 1000)
    answers = await asyncio.gather(*(site.group.write([index(number)]) for number in range(20)))
    assert [answer[0].seq_no for answer in answers if isinstance(answer[0], Written)] == list(range(20))
    assert site.commits == [4, 4, 4, 4, 4]


async def test_the_bound_is_on_what_waits_not_on_what_was_ever_written(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING_BYTES", 1000)
    for _ in range(5):
        await asyncio.gather(*(site.group.write([index(number)]) for number in range(4)))
    assert site.ledger.max_seq_no == 19


async def test_nobody_waits_for_ever_when_the_loop_ends(site: Site) -> None:
    writes = [asyncio.ensure_future(site.group.write([index(number)])) for number in range(3)]
    await asyncio.sleep(0)
    assert site.group._committing is not None
    site.group._committing.cancel()
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(answer) for answer in answers] == [asyncio.CancelledError] * 3
