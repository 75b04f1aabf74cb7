"""An index moves to another node: nothing that was acknowledged is lost, whatever is lost on the way."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from isthmus.cluster.indices import holdings
from isthmus.cluster.indices.messages import IndexName
from isthmus.cluster.indices.moving import arriving, marks
from isthmus.cluster.indices.moving.messages import BEGIN, DROP, MOVE, OPERATIONS, PART, SENT, TAKE, MoveIndex
from isthmus.errors import UsageError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard import shard
from isthmus.index.shard.projecting import Projecting
from isthmus.index.shard.shard import Shard
from isthmus.search.call import SearchCall
from isthmus.state.errors import MasterNotDiscoveredError
from isthmus.transport.errors import ConnectError
from tests.search.site import Site, ids, seen, sequence

STEPS = (BEGIN.name, PART.name, SENT.name, OPERATIONS.name, TAKE.name)
NAME = IndexName("logs", "uuid-of-logs")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdings, "LINGER", 0.01)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    await site.index("logs", sequence(300))
    yield site
    await site.close()


async def move(site: Site) -> None:
    """Move the index from `one` to `two`, and wait until that has ended."""
    await site.one.holders.ask(site.catalogue.indices["logs"], MOVE, MoveIndex(NAME, "two"))
    await site.one.leaving.wait()


async def found(site: Site) -> list[str]:
    """The ids of all documents, by a search asked of `two`."""
    await site.refresh([site.catalogue.indices["logs"]])
    return sorted(ids(await site.two.search.search(SearchCall(indices="logs", body=b'{"size": 10000}'))))


async def test_an_index_is_on_the_other_node_with_everything_in_it(site: Site) -> None:
    before = await site.one.documents.get(site.catalogue.indices["logs"], ["007", "150"])
    await move(site)
    assert (site.catalogue.indices["logs"].node, site.catalogue.indices["logs"].relocating) == ("two", None)
    assert await found(site) == sorted(sequence(300))
    assert await site.two.documents.get(site.catalogue.indices["logs"], ["007", "150"]) == before
    assert not marks.is_marked(site.two.folder / NAME.uuid)


async def test_an_index_moves_though_its_projection_is_built_for_longer_than_searches_wait(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ = Projecting.open

    def open_late(projecting: Projecting) -> None:
        waited.wait(10)
        open_(projecting)

    async def soon(action: str) -> None:
        if action == SENT.name:
            asyncio.get_running_loop().call_later(0.05, waited.set)  # five times as long as a search waits

    waited = threading.Event()
    monkeypatch.setattr(shard, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(Projecting, "open", open_late)
    site.network.before = soon
    await move(site)
    assert site.catalogue.indices["logs"].node == "two"
    assert await found(site) == sorted(sequence(300))


async def test_what_is_written_and_deleted_meanwhile_is_there_too_and_no_write_fails(site: Site) -> None:
    site.network.before = lambda _: asyncio.sleep(0.01)
    acknowledged: list[str] = []

    async def write_on() -> None:
        for number in itertools.count(1000):
            await site.write("logs", {str(number): {"n": number}})
            acknowledged.append(str(number))

    async def search_on() -> None:
        while True:
            answer = await site.two.search.search(SearchCall(indices="logs", body=b"{}"))
            assert answer["_shards"]["failed"] == 0
            await asyncio.sleep(0)

    busy = [asyncio.create_task(write_on()), asyncio.create_task(search_on())]
    await asyncio.sleep(0.05)
    await move(site)
    count = len(acknowledged)
    while len(acknowledged) < count + 5:
        await asyncio.sleep(0.01)
    for task in busy:
        assert not task.done(), task.exception()
        task.cancel()
    await asyncio.gather(*busy, return_exceptions=True)
    assert site.catalogue.indices["logs"].node == "two"
    assert set(acknowledged) <= set(await found(site))


async def test_a_document_that_was_deleted_while_the_copy_was_sent_stays_deleted(site: Site) -> None:
    async def delete_once(action: str) -> None:
        if action == SENT.name:
            await site.delete("logs", ["007"])
            await site.refresh([site.catalogue.indices["logs"]])

    site.network.before = delete_once
    await move(site)
    assert await found(site) == sorted(sequence(300).keys() - {"007"})


async def test_a_scroll_that_was_open_reads_on_where_it_began_and_then_the_old_data_goes(site: Site) -> None:
    answer = await site.one.scrolls.open(SearchCall(indices="logs", body=b'{"size": 200, "sort": ["n"]}'), 60.0)
    await move(site)
    rest = seen(await site.one.scrolls.next(answer["_scroll_id"], None, total_as_int=False))
    assert len(ids(rest)) == 100
    await site.one.scrolls.clear([answer["_scroll_id"]])
    async with asyncio.timeout(10):
        while (site.one.folder / NAME.uuid).exists():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_one_node_holds_the_index_and_everything_in_it_whichever_message_is_lost(
    site: Site, step: str, when: str
) -> None:
    async def lose(action: str) -> None:
        if action == step and not done:
            done.append(action)
            raise ConnectError("the message was lost")

    done: list[str] = []
    setattr(site.network, when, lose)
    await move(site)
    setattr(site.network, when, None)
    assert done == [step]
    assert site.catalogue.indices["logs"].relocating is None
    await site.write("logs", {"last": {"n": 1}})
    assert await found(site) == sorted([*sequence(300), "last"])
    holder = site.catalogue.indices["logs"].node
    assert holder == ("two" if (step, when) == (TAKE.name, "after") else "one")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_both_nodes_may_stop_at_any_message_and_start_again(tmp_path: Path, step: str, when: str) -> None:
    site = Site(tmp_path)
    await site.index("logs", sequence(300))

    async def stop(action: str) -> None:
        if action == step:
            raise asyncio.CancelledError

    setattr(site.network, when, stop)
    await move(site)
    await site.close()
    again = Site(tmp_path)
    for node in (again.one, again.two):
        await node.holdings.clean()
    await again.write("logs", {"last": {"n": 1}})
    assert await found(again) == sorted([*sequence(300), "last"])
    index = again.catalogue.indices["logs"]
    assert (index.node, index.relocating) == ("two" if (step, when) == (TAKE.name, "after") else "one", None)
    await move_back_and_forth(again)
    await again.close()


async def move_back_and_forth(site: Site) -> None:
    """What was left behind does not hinder the next moves."""
    for _ in range(2):
        holder, target = (site.one, "two") if site.catalogue.indices["logs"].node == "one" else (site.two, "one")
        await holder.holders.ask(site.catalogue.indices["logs"], MOVE, MoveIndex(NAME, target))
        await holder.leaving.wait()
        assert site.catalogue.indices["logs"].node == target
        async with asyncio.timeout(10):
            while (holder.folder / NAME.uuid).exists():
                await asyncio.sleep(0.01)
    assert len(await found(site)) == 301


async def test_settings_that_change_at_the_last_moment_move_along(site: Site) -> None:
    changed: list[str] = []

    async def change_once(action: str) -> None:
        if action == TAKE.name and not changed:
            changed.append(action)
            await site.set("logs", {"index.refresh_interval": "7s"})

    site.network.before = change_once
    await move(site)
    index = site.catalogue.indices["logs"]
    assert (index.node, index.settings["index.refresh_interval"]) == ("two", "7s")


async def test_an_index_that_is_deleted_while_it_moves_is_gone_from_both_and_that_is_no_fault(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async def delete(action: str) -> None:
        if action == SENT.name:
            await site.catalogue.write({}, [site.catalogue.indices["logs"]])

    site.network.before = delete
    await move(site)
    async with asyncio.timeout(10):
        while any((node.folder / NAME.uuid).exists() for node in (site.one, site.two)):
            await asyncio.sleep(0.01)
    assert not [entry for entry in caplog.records if entry.levelno > logging.WARNING]


async def test_an_index_moves_once_at_a_time(site: Site) -> None:
    index = site.catalogue.indices["logs"]
    await site.one.holders.ask(index, MOVE, MoveIndex(NAME, "two"))
    with pytest.raises(UsageError, match="is being moved to the node"):
        await site.one.holders.ask(index, MOVE, MoveIndex(NAME, "two"))
    await site.one.leaving.wait()


async def test_data_that_is_on_the_other_node_without_a_mark_is_never_overwritten(site: Site) -> None:
    (site.two.folder / NAME.uuid).mkdir(parents=True)
    (site.two.folder / NAME.uuid / "precious").touch()
    await move(site)
    assert site.catalogue.indices["logs"].node == "one"
    assert (site.two.folder / NAME.uuid / "precious").exists()
    assert await found(site) == sorted(sequence(300))


async def test_fields_that_documents_bring_while_the_copy_is_sent_can_be_searched(site: Site) -> None:
    async def bring_once(action: str) -> None:
        if action == PART.name:
            await site.write("logs", {"new": {"n": 1, "colour": "green"}})

    site.network.before = bring_once
    await move(site)
    await site.refresh([site.catalogue.indices["logs"]])
    green = SearchCall(indices="logs", body=b'{"query": {"match": {"colour": "green"}}}')
    assert site.catalogue.indices["logs"].node == "two"
    assert ids(await site.two.search.search(green)) == ["new"]


class Slow:
    """Closing a shard in `folder` takes until `go` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.began, self.go = asyncio.Event(), asyncio.Event()
        close = Shard.close

        async def slowly(shard: Shard) -> None:
            if shard.folder.parent == folder and not self.go.is_set():
                self.began.set()
                await self.go.wait()
            await close(shard)

        monkeypatch.setattr(Shard, "close", slowly)


async def test_a_move_waits_until_what_came_of_the_last_one_is_removed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(action: str) -> None:
        if action in (OPERATIONS.name, DROP.name):
            raise ConnectError("the message was lost")

    slow = Slow(monkeypatch, site.two.folder)
    monkeypatch.setattr(arriving, "PATIENCE", 0.05)
    site.network.before = lose
    await move(site)
    await slow.began.wait()
    monkeypatch.setattr(arriving, "PATIENCE", 300.0)
    site.network.before = None
    site.network.asked.clear()
    moving = asyncio.create_task(move(site))
    while BEGIN.name not in site.network.asked:
        await asyncio.sleep(0.01)
    await site.write("logs", {"last": {"n": 1}})
    assert PART.name not in site.network.asked
    slow.go.set()
    await moving
    assert site.catalogue.indices["logs"].node == "two"
    assert await found(site) == sorted([*sequence(300), "last"])
    assert (site.two.folder / NAME.uuid).is_dir()


async def test_the_next_move_begins_when_the_last_one_is_over_on_both_sides(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(action: str) -> None:
        if action == OPERATIONS.name:
            raise ConnectError("the message was lost")

    slow = Slow(monkeypatch, site.two.folder)
    site.network.before = lose
    index = site.catalogue.indices["logs"]
    await site.one.holders.ask(index, MOVE, MoveIndex(NAME, "two"))
    await slow.began.wait()
    with pytest.raises(UsageError, match="is not over yet"):
        await site.one.holders.ask(index, MOVE, MoveIndex(NAME, "two"))
    slow.go.set()
    await site.one.leaving.wait()
    site.network.before = None
    await move(site)
    assert site.catalogue.indices["logs"].node == "two"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_both_nodes_may_join_the_cluster_again_at_any_message(tmp_path: Path, step: str, when: str) -> None:
    site = Site(tmp_path)
    await site.index("logs", sequence(300))

    async def join_again(action: str) -> None:
        if action == step:
            for node in (site.one, site.two):
                await node.holdings.clean()

    setattr(site.network, when, join_again)
    await move(site)
    await site.close()
    again = Site(tmp_path)
    assert again.catalogue.indices["logs"].node == "two"
    assert await found(again) == sorted(sequence(300))
    await again.close()


@pytest.mark.parametrize("step", STEPS)
async def test_a_move_that_was_cut_off_is_cleared_when_the_nodes_start_though_nobody_asks_for_the_index(
    tmp_path: Path, step: str
) -> None:
    site = Site(tmp_path)
    await site.index("logs", sequence(300))

    async def stop(action: str) -> None:
        if action == step:
            raise asyncio.CancelledError

    site.network.before = stop
    await move(site)
    (site.one.folder / NAME.uuid / marks.COPY).touch()  # as a process leaves it that is killed
    await site.close()
    again = Site(tmp_path)
    for node in (again.one, again.two):
        await node.holdings.clean()
    async with asyncio.timeout(10):
        while (
            again.catalogue.indices["logs"].relocating is not None
            or (again.one.folder / NAME.uuid / marks.COPY).exists()
            or (again.two.folder / NAME.uuid).exists()
        ):
            await asyncio.sleep(0.01)
    assert await found(again) == sorted(sequence(300))
    await again.close()


async def test_the_new_node_keeps_an_index_though_it_is_not_told_that_its_switch_was_made(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = site.catalogue.replace

    async def replace_unanswered(index: IndexMetadata, revision: int) -> None:
        await replace(index, revision)
        if index.node == "two" and not lost:
            lost.append(index.name)
            raise MasterNotDiscoveredError("the answer was lost")

    lost: list[str] = []
    monkeypatch.setattr(site.catalogue, "replace", replace_unanswered)
    await move(site)
    assert lost == ["logs"]
    assert site.catalogue.indices["logs"].node == "two"
    assert not marks.is_marked(site.two.folder / NAME.uuid)
    assert await found(site) == sorted(sequence(300))


async def test_writes_go_on_where_an_index_stays_though_its_mark_cannot_be_removed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> None:
        raise OSError("the disk does not answer")

    async def lose(action: str) -> None:
        if action == TAKE.name:
            monkeypatch.setattr(marks, "unmark", fail)
            raise ConnectError("the message was lost")

    site.network.before = lose
    await move(site)
    assert site.catalogue.indices["logs"].node == "one"
    async with asyncio.timeout(10):
        await site.write("logs", {"last": {"n": 1}})
    assert await found(site) == sorted([*sequence(300), "last"])


async def test_data_of_an_index_that_nobody_knows_is_left_alone_though_it_is_marked(site: Site) -> None:
    folder = site.two.folder / "uuid-of-another"
    folder.mkdir(parents=True)
    marks.mark(folder, marks.ARRIVING)
    await site.two.holdings.clean()
    assert marks.is_marked(folder)
