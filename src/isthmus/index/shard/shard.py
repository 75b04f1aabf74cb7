"""The one shard of an index, open on the node that holds it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Mapping as JsonObject
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isthmus.errors import IsthmusError, StorageError, UnavailableError
from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.ledger.group_commit import GroupCommit
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.mapping.rules import Rules
from isthmus.index.metadata.blocks import check_blocks
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.index_settings import value_of
from isthmus.index.projection.panics import guarded
from isthmus.index.projection.writers import Writers
from isthmus.index.shard.gate import WriteGate
from isthmus.index.shard.projecting import Projecting
from isthmus.index.shard.statistics import Relocation, ShardStatistics
from isthmus.index.shard.views import OpenViews, View
from isthmus.index.shard.writing import Writing
from isthmus.index.writing.item import Answered, Item

log = logging.getLogger(__name__)
PROJECTION = "projection"
DEFAULT_INTERVAL = 1.0
REST_SECONDS = 30.0
WAIT_SECONDS = 60.0
MAX_BACKOFF = 60  # intervals between refreshes that fail

Grow = Callable[[str, dict[str, Any]], Awaitable[IndexMetadata]]
"""Makes a mapping that documents ask for the cluster's: the index's name and the mapping; returns the index then."""


class ShardNotReadyError(UnavailableError):
    """An index whose projection is being built, and nothing can be searched before."""

    type = "no_shard_available_action_exception"


@dataclass(frozen=True, slots=True)
class Machine:
    """What all shards of a node share: threads for commits and for the rest, and the writers of projections."""

    commits: Executor
    threads: Executor
    writers: Writers = field(default_factory=Writers)
    clock: Callable[[], float] = time.monotonic


def make_folder(folder: Path, uuid: str) -> None:
    """Make the folder of a new shard with its empty ledger. Raises StorageError, CannotCreateError."""
    folder.mkdir(mode=0o700, parents=True)
    Ledger.create(folder, uuid).close()


class Shard:
    """Opened from its folder; `grow` makes mappings the cluster's. All methods belong to the event loop."""

    def __init__(self, folder: Path, index: IndexMetadata, machine: Machine, grow: Grow) -> None:
        self.index = index
        self.folder = folder
        self._machine = machine
        self._grow = grow
        self.ledger = Ledger(folder, index.uuid)
        self.mapping = mapping_of(index)
        self.views = OpenViews()
        self.gate = WriteGate()
        self.is_moving = False
        self.relocation: Relocation | None = None
        self.projecting = Projecting(
            index.name, folder / PROJECTION, index.uuid, self.ledger, lambda: self.mapping, machine.writers
        )
        commits = GroupCommit(self.ledger, machine.commits, self.projecting.feed)
        self._commits = commits
        self._writing = Writing(self, commits, self._stored)
        self._refreshing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._last_search = machine.clock()
        self._failures = 0
        self._opening: asyncio.Task[None] | None = None
        self._closed = False
        self._shown = asyncio.Event()
        self.counts = {"index": 0, "delete": 0, "get": 0, "search": 0, "refresh": 0}

    def start(self) -> None:
        """Open the projection in the background; writes and gets need not wait for it."""
        self._opening = asyncio.get_running_loop().create_task(self._open())

    def update(self, index: IndexMetadata) -> None:
        """Take in what the cluster knows of the index now."""
        if index.mapping_version != self.index.mapping_version or index.settings_version != self.index.settings_version:
            self.mapping = mapping_of(index)
        self.index = index

    # Writing

    async def write(self, items: Sequence[Item], refresh: str = "false") -> list[Answered]:
        """Write `items` in order; what came of each is on disk. `refresh` is true, false or wait_for."""
        async with self.gate.passing():
            check_blocks([self.index], "write")
            answers = await self._writing.write(items)
        self.counts["index"] += len(items)
        if refresh == "true":
            await self.refresh()
            for one in answers:
                one.forced_refresh = True
        elif refresh == "wait_for":
            await self._refreshed()
        else:
            self._refresh_later()
        return answers

    async def grow(self, mapping: Mapping) -> Mapping:
        """Make a mapping the cluster's, and return what it is then."""
        self.update(await self._grow(self.index.name, mapping.as_json()))
        return self.mapping

    async def replay(self, operations: Sequence[StoredDocument], max_seq_no: int) -> None:
        """Take in operations of the ledger that this one is a copy of; see Ledger.replay. Nobody else may write."""
        await self._in_thread(lambda: self._replay(operations, max_seq_no))

    # Reading

    async def get(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """Return documents by id, as they are now."""
        self.counts["get"] += len(ids)
        if len(ids) == 1:
            return self._stored(ids)
        found: list[StoredDocument | None] = await self._in_thread(lambda: self._stored(ids))
        return found

    async def view(self) -> View:
        """Return what searches see now; it must be given back. Raises ShardNotReadyError while there is nothing."""
        self.counts["search"] += 1
        idle = self._machine.clock() - self._last_search > self._idle_after()
        self._last_search = self._machine.clock()
        if idle and self.projecting.behind:
            await self.refresh()
        found = self.views.take()
        if found is None:
            await self._opened()
            found = self.views.take()
        if found is None:
            raise self._not_ready()
        return found

    def sources(self, seq_nos: Sequence[int]) -> dict[int, StoredDocument]:
        """Return documents by the operations that made them; blocks."""
        return self.ledger.sources(seq_nos)

    def statistics(self) -> ShardStatistics:
        """Return the numbers of now; blocks."""
        recovery = self.projecting.recovery
        told = None
        if recovery is not None and recovery.total:
            ended = recovery.ended if recovery.ended is not None else time.monotonic()
            told = (recovery.why, recovery.done, recovery.total, ended - recovery.began, recovery.ended is not None)
        view = self.views.take()
        segments = 0 if view is None else view.reading.searcher.num_segments
        if view is not None:
            self.views.give_back(view)
        return ShardStatistics(
            documents=self.ledger.count,
            deleted=self.ledger.prunable_count(),
            ledger_bytes=self.ledger.size_in_bytes(),
            projection_bytes=self.projecting.size(),
            segments=segments,
            operations=dict(self.counts),
            max_seq_no=self.ledger.max_seq_no,
            checkpoint=self.views.checkpoint,
            recovery=told,
            relocation=self.relocation,
        )

    # Keeping

    async def built(self) -> None:
        """Return when the projection is open or could not be opened, however long that takes."""
        if self._opening is not None:
            await asyncio.shield(self._opening)

    async def refresh(self) -> None:
        """Make everything that was written before this call visible. Raises ShardNotReadyError."""
        await self._opened()
        while self._refreshing is not None:
            await asyncio.shield(self._refreshing)
        if self._closed or not self.projecting.behind:
            return
        self._refreshing = asyncio.get_running_loop().create_task(self._refresh())
        try:
            await asyncio.shield(self._refreshing)
        finally:
            self._refreshing = None

    async def close(self) -> None:
        """Let go of the files; what was acknowledged is there."""
        self._closed = True
        self._shown.set()
        for timer in (self._timer, self._resting):
            if timer is not None:
                timer.cancel()
        await asyncio.gather(*(one for one in (self._opening, self._refreshing) if one), return_exceptions=True)
        await self._commits.drain()
        await self._in_thread(self._close)

    async def delete(self) -> None:
        """Close and remove everything."""
        await self.close()
        await self._in_thread(lambda: shutil.rmtree(self.folder, ignore_errors=True))

    def _close(self) -> None:
        try:
            with guarded(self.index.name):
                if self.projecting.behind:
                    self.projecting.refresh()
        except Exception as error:
            log.warning("[%s] the projection catches up when it is opened again: %s", self.index.name, error)
        self.projecting.close()
        self.ledger.close()

    async def _open(self) -> None:
        try:
            with guarded(self.index.name):
                await self._in_thread(self.projecting.open)
            await self._refresh()
        except IsthmusError as error:
            log.error("[%s] the projection cannot be built: %s", self.index.name, error)
        except Exception:
            log.exception("[%s] the projection cannot be built", self.index.name)

    async def _opened(self) -> None:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self.built()
        except TimeoutError as cause:
            raise self._not_ready() from cause

    async def _refresh(self) -> None:
        try:
            with guarded(self.index.name):
                reading = await self._in_thread(self.projecting.refresh)
        except (OSError, ValueError) as cause:  # as which the engine tells of a full disk
            raise StorageError(f"what was written cannot be made visible: {cause}", where=self.index.name) from cause
        self._failures = 0
        # The mapping of now, not of before: it knows every field of the documents that were fed meanwhile.
        self.views.replace(reading, self.mapping)
        self._shown.set()
        self._shown = asyncio.Event()
        self.counts["refresh"] += 1
        seen = self.views.seen_by_all(reading.checkpoint)
        await self._in_thread(lambda: self._prune(seen))
        self._rest_later()

    def _replay(self, operations: Sequence[StoredDocument], max_seq_no: int) -> None:
        self.ledger.replay(operations, max_seq_no)
        self.projecting.catch_up()

    def _prune(self, seen: int) -> None:
        self.ledger.prune(seen)
        before = int((time.time() - value_of(self.index.settings, "index.gc_deletes")) * 1000)
        self.ledger.prune_tombstones(before, seen)

    async def _refreshed(self) -> None:
        """Wait until what was written is visible, by the refresh that comes anyway or, where none would, by one."""
        interval = self._interval()
        target = self.ledger.max_seq_no
        self._refresh_later(searched=True)
        if interval is None:
            await self.refresh()
        while self.views.checkpoint < target and not self._closed:
            await self._shown.wait()

    def _refresh_later(self, *, searched: bool = False) -> None:
        interval = self._interval()
        if self._timer is not None or interval is None or self._closed:
            return
        idle = self._machine.clock() - self._last_search > self._idle_after()
        if idle and not searched and "index.refresh_interval" not in self.index.settings:
            return
        delay = interval * min(2**self._failures, MAX_BACKOFF)
        self._timer = asyncio.get_running_loop().call_later(delay, self._refresh_now)

    def _refresh_now(self) -> None:
        self._timer = None
        if not self._closed:
            task = asyncio.get_running_loop().create_task(self.refresh())
            task.add_done_callback(self._tell)

    def _tell(self, task: asyncio.Task[None]) -> None:
        """Nobody else may come and ask again: what was written waits for the next refresh, later each time."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("[%s] what was written could not be made visible: %s", self.index.name, error)
            self._failures = min(self._failures + 1, MAX_BACKOFF)
            self._refresh_later(searched=True)

    def _rest_later(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        if not self._closed:
            self._resting = asyncio.get_running_loop().call_later(REST_SECONDS, self._rest)

    def _rest(self) -> None:
        """Nothing was written for a while: the memory of the writer serves others."""
        self._resting = None
        if not self._closed and not self.projecting.behind:
            self._machine.threads.submit(self.projecting.rest)
            self._machine.threads.submit(self.ledger.rest)

    def _interval(self) -> float | None:
        if "index.refresh_interval" not in self.index.settings:
            return DEFAULT_INTERVAL
        found: float | None = value_of(self.index.settings, "index.refresh_interval")
        return found

    def _idle_after(self) -> float:
        found: float = value_of(self.index.settings, "index.search.idle.after")
        return found

    def _stored(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        return self.ledger.get(ids)

    def _not_ready(self) -> ShardNotReadyError:
        return ShardNotReadyError(f"[{self.index.name}] cannot be searched: {self._why_not()}")

    def _why_not(self) -> str:
        recovery = self.projecting.recovery
        if recovery is None or recovery.ended is not None:
            if self._opening is not None and not self._opening.done():
                return "its projection is being opened"
            return "its projection could not be built, see the node's log"
        return f"its projection is being built, {recovery.done} of {recovery.total} documents are done"

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._machine.threads, work)


def mapping_of(index: IndexMetadata) -> Mapping:
    """Return the mapping of an index as the cluster knows it. Raises UsageError for what cannot be."""
    return make_mapping(index.mappings, index.settings)


def make_mapping(mappings: JsonObject[str, Any], settings: JsonObject[str, str | list[str]]) -> Mapping:
    """Return the mapping of JSON under an index's settings."""
    rules = Rules(
        total=value_of(settings, "index.mapping.total_fields.limit"),
        depth=value_of(settings, "index.mapping.depth.limit"),
        ignore_malformed=value_of(settings, "index.mapping.ignore_malformed"),
        coerce=value_of(settings, "index.mapping.coerce"),
    )
    return Mapping.of(mappings, Analyzers(settings), rules)
