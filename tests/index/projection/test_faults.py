"""A projection that cannot take something in has no hole afterwards: the next refresh shows every document once."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import StorageError
from isthmus.index.ledger.errors import LedgerClosedError
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.projection import projection
from isthmus.index.projection.panics import SearchEngineError
from isthmus.index.projection.storage import latest_folder, load_slots
from isthmus.index.projection.writers import Writers
from isthmus.index.shard import projecting
from isthmus.index.shard.projecting import Projecting
from isthmus.index.shard.shard import PROJECTION, Shard, ShardNotReadyError
from isthmus.index.writing.item import Item
from isthmus.search.call import SearchCall
from tests.search.site import Site, ids, sequence


class PanicException(BaseException):
    """As the engine's panics, which have this name and no class that could be imported."""


class Faults:
    """Makes a function of the projection fail at the calls of these numbers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, failing: range, error: BaseException) -> None:
        self._function: Callable[..., Any] = getattr(projection, name)
        self._failing = failing
        self._error = error
        self.calls = 0
        monkeypatch.setattr(projection, name, self)

    def __call__(self, *given: Any) -> Any:
        self.calls += 1
        if self.calls in self._failing:
            raise self._error
        return self._function(*given)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    await site.index("logs", sequence(10))
    yield site
    await site.close()


async def shown(site: Site) -> list[str]:
    await site.refresh([site.catalogue.indices["logs"]])
    return sorted(ids(await site.one.search.search(SearchCall(indices="logs", body=b'{"size": 1000}'))))


@pytest.mark.parametrize("error", [OSError("no room"), ValueError("no"), PanicException("a panic")])
@pytest.mark.parametrize("at", [1, 5, 20])
async def test_a_document_that_could_not_be_fed_is_fed_with_all_after_it(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: BaseException, at: int
) -> None:
    Faults(monkeypatch, "_encode", range(at, at + 1), error)
    for start in (10, 20, 30):
        await site.put("logs", sequence(10, start))
    assert await shown(site) == sorted(sequence(40))
    await site.put("logs", sequence(5, 38))
    assert await shown(site) == sorted(sequence(43))


@pytest.mark.parametrize("error", [OSError("no room"), PanicException("a panic")])
async def test_a_commit_that_fails_is_made_up_for(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    await site.put("logs", sequence(10, 5))
    faults = Faults(monkeypatch, "save_checkpoint", range(1, 3), error)
    for _ in range(2):
        with pytest.raises((SearchEngineError, StorageError)):
            await (await site.one.holdings.shard(site.name("logs"))).refresh()
        await site.put("logs", sequence(10, 12))
    assert faults.calls == 2
    assert await shown(site) == sorted(sequence(22))


async def test_a_projection_that_fails_again_and_again_shows_what_it_showed_before(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(monkeypatch, "_encode", range(1, 1000), OSError("no room"))
    await site.put("logs", sequence(10, 10))
    for _ in range(3):
        with pytest.raises(StorageError, match="no room"):
            await (await site.one.holdings.shard(site.name("logs"))).refresh()
    answer = await site.one.search.search(SearchCall(indices="logs", body=b'{"size": 1000}'))
    assert sorted(ids(answer)) == sorted(sequence(10))
    monkeypatch.setattr(faults, "_failing", range(0))
    assert await shown(site) == sorted(sequence(20))


class Failing:
    """Raises, however it is called."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise self._error


class BrokenWriter:
    """A writer of the engine of which one method fails as often as `failing` has entries."""

    def __init__(self, writer: Any, method: str, failing: list[BaseException]) -> None:
        self._writer, self._method, self._failing = writer, method, failing

    def __getattr__(self, name: str) -> Any:
        if name == self._method and self._failing:
            return Failing(self._failing.pop())
        return getattr(self._writer, name)


def opened_again(shard: Shard) -> Shard:
    """The same index, opened from its folder as after a restart."""
    again = Shard(shard.folder, shard.index, shard._machine, shard._grow)
    again.start()
    return again


async def count(shard: Shard) -> int:
    """How many documents a search of the index sees."""
    view = await shard.view()
    found: int = view.reading.searcher.num_docs
    shard.views.give_back(view)
    return found


def slots_on_disk(shard: Shard) -> dict[str, str]:
    folder = latest_folder(shard.folder / PROJECTION)
    assert folder is not None
    return load_slots(folder, shard.index.uuid).assigned


@pytest.mark.parametrize(
    ("slow", "why"), [((Ledger, "changes"), "0 of 10 documents are done"), ((Projecting, "open"), "being opened")]
)
@pytest.mark.parametrize("asked", [Shard.view, Shard.refresh])
async def test_an_index_that_is_long_built_anew_says_how_far_it_is(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    asked: Callable[[Shard], Awaitable[object]],
    slow: tuple[type, str],
    why: str,
) -> None:
    shard = await site.one.holdings.shard(site.name("logs"))
    await shard.close()
    shutil.rmtree(shard.folder / PROJECTION)
    goes_on = threading.Event()
    work = getattr(*slow)
    monkeypatch.setattr(*slow, lambda *given: (goes_on.wait(), work(*given))[1])
    monkeypatch.setattr("isthmus.index.shard.shard.WAIT_SECONDS", 0.01)
    again = opened_again(shard)
    try:
        with pytest.raises(ShardNotReadyError, match=why):
            await asked(again)
    finally:
        goes_on.set()
        await again.close()


@pytest.mark.parametrize("error", [ValueError("no room"), PanicException("a panic")])
@pytest.mark.parametrize("method", ["add_json", "delete_documents_by_term", "commit"])
@pytest.mark.parametrize("times", [1, 3])
async def test_a_writer_that_fails_is_replaced_and_every_document_is_there_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: BaseException, method: str, times: int
) -> None:
    shard = await site.one.holdings.shard(site.name("logs"))
    of, failing = Writers.of, [error] * times
    monkeypatch.setattr(Writers, "of", lambda *given: BrokenWriter(of(*given), method, failing))
    for start in (5, 10, 15):
        await site.put("logs", sequence(10, start))
    while failing:
        with pytest.raises((StorageError, SearchEngineError)):
            await shard.refresh()
    assert await shown(site) == sorted(sequence(25))


@pytest.mark.parametrize("full", [OSError("No space left"), ValueError("Internal error: 'No space left'")])
async def test_a_disk_that_is_full_is_told_of_by_who_refreshes_and_nothing_is_lost(
    site: Site, monkeypatch: pytest.MonkeyPatch, full: Exception
) -> None:
    shard = await site.one.holdings.shard(site.name("logs"))
    failing: list[BaseException] = [full]
    of = Writers.of
    monkeypatch.setattr(Writers, "of", lambda *given: BrokenWriter(of(*given), "commit", failing))
    await site.put("logs", sequence(5, 10))
    with pytest.raises(StorageError, match="cannot be made visible"):
        await shard.refresh()
    assert await shown(site) == sorted(sequence(15))


async def test_slots_that_could_not_be_written_down_are_before_documents_use_them(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(monkeypatch, "save_slots", range(1, 2), OSError("no room"))
    await site.put("logs", {"new": {"later": 1, "another": "x"}})
    assert faults.calls == 1
    assert "new" in await shown(site)
    assert {"later", "another"} <= set(slots_on_disk(await site.one.holdings.shard(site.name("logs"))))


async def test_slots_of_a_feed_that_failed_are_written_down_when_it_is_made_up_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = await site.index("keys", {"0": {"n": 1}}, mappings={"properties": {"f": {"type": "flattened"}}})
    Faults(monkeypatch, "_encode", range(2, 3), OSError("no room"))
    await site.put("keys", {"1": {"f": {"key": "x"}}, "2": {"n": 2}})
    await site.refresh([index])
    assert "f.key" in slots_on_disk(await site.one.holdings.shard(site.name("keys")))


@pytest.mark.parametrize("at", [1, 2])
async def test_operations_that_could_not_be_read_leave_no_hole(
    site: Site, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """A feed fails, then reading again what it missed, and then something else is written."""
    monkeypatch.setattr(projecting, "SLICE", 3)
    shard = await site.one.holdings.shard(site.name("logs"))
    read, calls = shard.ledger.changes, []

    def changes(after: int, limit: int) -> Any:
        calls.append(after)
        if len(calls) == at:
            raise StorageError("the disk does not answer")
        return read(after, limit)

    monkeypatch.setattr(shard.ledger, "changes", changes)
    Faults(monkeypatch, "_encode", range(1, 2), OSError("no room"))
    await site.put("logs", sequence(10, 10))
    with pytest.raises(StorageError):
        await shard.refresh()
    await site.put("logs", sequence(10, 20))
    assert await shown(site) == sorted(sequence(30))


async def test_what_arrives_as_a_copy_and_could_not_be_read_leaves_no_hole(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = await site.one.holdings.shard(site.name("logs"))
    with monkeypatch.context() as broken:
        broken.setattr(projection.Projection, "feed", lambda *_: None)
        await site.put("logs", sequence(10, 10))
        broken.setattr(shard.ledger, "changes", Failing(StorageError("the disk does not answer")))
        with pytest.raises(StorageError):
            shard.projecting.catch_up()
    await site.put("logs", sequence(10, 20))
    assert await shown(site) == sorted(sequence(30))


async def test_what_fails_while_a_refresh_runs_is_made_up_for_by_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.put("logs", sequence(10, 10))
    shard = await site.one.holdings.shard(site.name("logs"))
    found = shard.projecting._projection
    assert found is not None
    commit, failing = found.commit, [True]

    def fails_first() -> None:
        if failing:
            failing.pop()
            found.fail()
        commit()

    monkeypatch.setattr(found, "commit", fails_first)
    assert await shown(site) == sorted(sequence(20))


@pytest.mark.parametrize("error", [OSError("no room"), StorageError("no"), PanicException("a panic")])
async def test_an_index_that_could_not_be_opened_is_when_it_can(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    shard = await site.one.holdings.shard(site.name("logs"))
    await shard.close()
    shutil.rmtree(shard.folder / PROJECTION)
    with monkeypatch.context() as broken:
        broken.setattr(projection, "_encode", Failing(error))
        again = opened_again(shard)
        for _ in range(2):
            with pytest.raises((OSError, StorageError, SearchEngineError)):
                await again.refresh()
    await again.refresh()
    assert await count(again) == 10
    assert len(list((shard.folder / PROJECTION).iterdir())) == 1
    await again.close()


@pytest.mark.parametrize("name", ["_encode", "save_slots", "save_checkpoint"])
async def test_projections_that_could_not_be_built_leave_nothing_behind(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shard = await site.one.holdings.shard(site.name("logs"))
    there = sorted((shard.folder / PROJECTION).iterdir())
    writers = len(shard._machine.writers)
    with monkeypatch.context() as broken:
        broken.setattr(projection, name, Failing(OSError("no room")))
        for _ in range(2):
            with pytest.raises(OSError, match="no room"):
                shard.projecting._build("it was asked for")
    assert sorted((shard.folder / PROJECTION).iterdir()) == there
    assert len(shard._machine.writers) == writers
    assert await shown(site) == sorted(sequence(10))


async def test_a_refresh_in_the_background_that_fails_is_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.set("logs", {"index.refresh_interval": "10ms"})
    shard = await site.one.holdings.shard(site.name("logs"))
    faults = Faults(monkeypatch, "_encode", range(1, 4), OSError("no room"))
    items = [Item(kind="index", id="late", source=b'{"n": 1}')]
    async with asyncio.timeout(20):
        await site.one.documents.write(site.catalogue.indices["logs"], items, "wait_for")
    assert faults.calls == 4
    assert shard.views.checkpoint == shard.ledger.max_seq_no


@pytest.mark.parametrize("error", [OSError("no room"), StorageError("no"), PanicException("a panic")])
async def test_an_index_that_cannot_be_committed_is_closed_and_loses_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    shard = await site.one.holdings.shard(site.name("logs"))
    await site.put("logs", sequence(10, 10))
    with monkeypatch.context() as broken:
        broken.setattr(projection, "save_checkpoint", Failing(error))
        await shard.close()
    with pytest.raises(LedgerClosedError):
        shard.ledger.get(["000"])
    again = opened_again(shard)
    await again.refresh()
    assert await count(again) == 20
    await again.close()
