"""The indices that this node holds: opened when they are first needed, removed when the cluster has deleted them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.holder import Holders
from isthmus.cluster.indices.messages import (
    CREATE,
    DISCARD,
    GET,
    MAINTAIN,
    STATISTICS,
    WRITE,
    CreateShard,
    DiscardShard,
    DocumentsFound,
    GetDocuments,
    IndexName,
    ItemsWritten,
    Maintain,
    Maintained,
    ShardCreated,
    ShardDiscarded,
    Statistics,
    StatisticsAsked,
    WriteItems,
)
from isthmus.cluster.indices.moving import marks
from isthmus.errors import CannotCreateError, DataError, IsthmusError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.searching.seen_documents import seen_documents
from isthmus.index.shard.gate import ShardMovedError
from isthmus.index.shard.shard import Machine, Shard, make_folder, make_mapping
from isthmus.index.shard.statistics import ShardStatistics
from isthmus.security.acting import acting

log = logging.getLogger(__name__)

GET_ACTION = "indices:data/read/get"
"""However documents are read by their ids, those are seen that one may get."""
LINGER = 5.0
MAX_LINGER = 3600.0
ARRIVED_SECONDS = 2.0
ARRIVED_LOOKS = 200


class MissingShardError(DataError):
    """An index that this node should hold, and whose folder is not there."""

    type = "no_shard_available_action_exception"
    status = 503


class _Left(NamedTuple):
    """A shard that has moved to another node, what removes it when nobody reads it, and what makes it do so at once."""

    shard: Shard
    removing: asyncio.Task[None]
    soon: asyncio.Event


class Holdings:
    """Opens and keeps the shards under `folder`; `me` is this node's id."""

    def __init__(self, folder: Path, catalogue: Catalogue, me: str, machine: Machine) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._me = me
        self._machine = machine
        self._shards: dict[str, Shard] = {}
        self._opening: dict[str, asyncio.Task[Shard]] = {}
        self._arriving: dict[str, Shard] = {}
        self._left: dict[str, _Left] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._coming: set[str] = set()
        self._settling: set[asyncio.Task[IndexMetadata | None]] = set()
        self._removing = asyncio.Lock()
        self._mine = self._uuids()
        catalogue.on_change(self._changed)

    def register(self, holders: Holders) -> None:
        """Answer for this node's indices."""
        holders.serve(CREATE, self._create)
        holders.serve(DISCARD, self._discard)
        holders.serve(WRITE, self._write)
        holders.serve(GET, self._get)
        holders.serve(MAINTAIN, self._maintain)
        holders.serve(STATISTICS, self._statistics)

    async def shard(self, index: IndexName) -> Shard:
        """Return an open shard, for reading also one that has moved to another node just now.

        Raises IndexNotFoundError, ShardMovedError, MissingShardError, and what opening it raises.
        """
        left = self._left.get(index.uuid)
        return left.shard if left is not None and index.uuid not in self._shards else await self._own(index)

    async def _own(self, index: IndexName) -> Shard:
        """Return an open shard that is this node's."""
        if index.uuid in self._arriving:
            await self._arrived(index.uuid)
        found = self._shards.get(index.uuid)
        if found is not None:
            return found
        known = self._catalogue.of(index.name, index.uuid)
        if known.node != self._me:
            raise ShardMovedError(f"[{index.name}] is not on this node")
        return await asyncio.shield(self._open_once(known))

    def _open_once(self, index: IndexMetadata) -> asyncio.Task[Shard]:
        task = self._opening.get(index.uuid)
        if task is None:
            task = self._opening[index.uuid] = asyncio.get_running_loop().create_task(self._open(index))
            task.add_done_callback(lambda _: self._opening.pop(index.uuid, None))
        return task

    async def _arrived(self, uuid: str) -> None:
        """Wait a moment: who asks may know before this node that the index is here now."""
        for _ in range(ARRIVED_LOOKS):
            if uuid not in self._arriving:
                return
            await asyncio.sleep(ARRIVED_SECONDS / ARRIVED_LOOKS)

    # Shards that move

    def folder_of(self, uuid: str) -> Path:
        """Return where the shard of an index is, or will be."""
        return self._folder / uuid

    def make(self, index: IndexMetadata) -> Shard:
        """Open the shard of an index in its folder; blocks."""
        return Shard(self.folder_of(index.uuid), index, self._machine, self._grow)

    async def make_room(self, uuid: str) -> None:
        """Make the folder of an index that comes; it is left alone until `arrived` or `remove_arriving`.

        What is still there of an index that went and comes back is removed, whoever reads it. Raises
        CannotCreateError if there is other data of it.
        """
        if any(index.uuid == uuid and index.node == self._me for index in self._catalogue.indices.values()):
            raise CannotCreateError("this node holds the index", where=str(self.folder_of(uuid)))
        left = self._left.get(uuid)
        if left is not None:
            left.soon.set()
            await left.removing
        async with self._removing:
            await asyncio.to_thread(marks.make_room, self.folder_of(uuid))
            self._coming.add(uuid)

    def arriving(self, shard: Shard) -> None:
        """Keep a shard that is not ours yet: it is from the moment that the catalogue says so."""
        self._arriving[shard.index.uuid] = shard
        self._changed()

    def arrived_not(self, uuid: str) -> Shard | None:
        """Forget such a shard, and return it."""
        return self._arriving.pop(uuid, None)

    async def arrived(self, uuid: str) -> None:
        """The index is this node's: the folder is like any other."""
        try:
            await asyncio.to_thread(marks.unmark, self.folder_of(uuid))
        except OSError as error:
            log.warning("[%s] has arrived, but its mark cannot be removed: %s", uuid, error)
        self._coming.discard(uuid)

    async def remove_arriving(self, uuid: str) -> None:
        """Remove what came of an index that is not this node's."""
        shard = self.arrived_not(uuid)
        if shard is not None:
            await shard.close()
        async with self._removing:
            await asyncio.to_thread(marks.remove, self.folder_of(uuid))
            self._coming.discard(uuid)

    def let_go(self, shard: Shard) -> None:
        """The index is on another node: turn writes away, and remove the shard when nobody reads it any more."""
        shard.gate.moved(ShardMovedError(f"[{shard.index.name}] has moved to another node"))
        self._shards.pop(shard.index.uuid, None)
        soon = asyncio.Event()
        task = asyncio.get_running_loop().create_task(self._remove_when_unused(shard, soon))
        self._left[shard.index.uuid] = _Left(shard, task, soon)

    async def _remove_when_unused(self, shard: Shard, soon: asyncio.Event) -> None:
        for _ in range(round(MAX_LINGER / LINGER)):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(soon.wait(), LINGER)
            if soon.is_set() or not shard.views.in_use:
                break
        await shard.close()
        await asyncio.to_thread(marks.remove, shard.folder)
        del self._left[shard.index.uuid]

    @property
    def open_shards(self) -> Iterable[Shard]:
        """The shards that are open now."""
        return list(self._shards.values())

    async def close(self) -> None:
        """Close every shard."""
        for settling in self._settling:
            settling.cancel()  # it may wait for the state's owner, which may be away for long
        await asyncio.gather(*self._opening.values(), return_exceptions=True)
        for left in self._left.values():
            left.removing.cancel()
        await asyncio.gather(*self._leaving, *(left.removing for left in self._left.values()), return_exceptions=True)
        shards = [*self._shards.values(), *(left.shard for left in self._left.values())]
        self._shards, self._left = {}, {}
        await asyncio.gather(*(shard.close() for shard in shards))

    async def _open(self, index: IndexMetadata) -> Shard:
        folder = self.folder_of(index.uuid)
        if not folder.is_dir():
            raise MissingShardError(
                f"the data of index [{index.name}] is not on this node",
                where=str(folder),
                hint="restore it from a backup",
            )
        if index.relocating is not None or marks.is_marked(folder):
            index = await self._settled(index, folder)
        shard = await asyncio.to_thread(self.make, index)
        self._shards[index.uuid] = shard
        shard.start()
        if index.uuid not in self._uuids():
            self._changed()  # it was deleted, or went, while it was opened
            raise IndexNotFoundError(index.name)
        return shard

    async def _settled(self, index: IndexMetadata, folder: Path) -> IndexMetadata:
        """A move was cut off: find out who holds the index. Raises IndexNotFoundError, ShardMovedError."""
        task = asyncio.get_running_loop().create_task(self._catalogue.settle(index.name, index.uuid))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        settled = await task
        if settled is None:
            raise IndexNotFoundError(index.name)
        if settled.node == self._me:
            await asyncio.to_thread(marks.unmark, folder)
            return settled
        async with self._removing:
            if marks.is_marked(folder) and not self._in_use(index.uuid):
                log.info("[%s] is on another node; what is left of it here is removed", index.name)
                await asyncio.to_thread(marks.remove, folder)
        raise ShardMovedError(f"[{index.name}] has moved to another node")

    async def _grow(self, name: str, mapping: dict[str, Any]) -> IndexMetadata:
        """Documents asked for fields: merged with what the cluster knows of the mapping by now."""

        def grown(index: IndexMetadata) -> IndexMetadata:
            merged = make_mapping(index.mappings, index.settings).merge(mapping).as_json()
            if merged == index.mappings:
                return index
            return msgspec.structs.replace(index, mappings=merged, mapping_version=index.mapping_version + 1)

        return await self._catalogue.change(name, grown)

    def _changed(self) -> None:
        known = {index.uuid: index for index in self._catalogue.indices.values()}
        for uuid, shard in list(self._arriving.items()):
            index = known.get(uuid)
            if index is None:
                continue  # who sends it ends the move
            self._update(shard, index)
            if index.node == self._me:
                self._shards[uuid] = self._arriving.pop(uuid)
        gone: set[str] | None = None
        self._mine -= self._shards.keys()
        for uuid, shard in list(self._shards.items()):
            index = known.get(uuid)
            if index is not None and (index.node == self._me or shard.is_moving):
                self._update(shard, index)
                continue
            gone = self._catalogue.tombstones() if gone is None else gone
            del self._shards[uuid]
            self._leave(shard.delete() if uuid in gone else shard.close())
        self._remove_unopened(known.keys())

    def _remove_unopened(self, known: Iterable[str]) -> None:
        """Remove the folders of indices of this node that were deleted, and that nobody had opened."""
        before, self._mine = self._mine, self._uuids()
        gone = before.difference(known, self._opening, self._arriving, self._left)
        for uuid in gone & self._catalogue.tombstones() if gone else ():
            self._leave(asyncio.to_thread(shutil.rmtree, self.folder_of(uuid), ignore_errors=True))

    def _uuids(self) -> set[str]:
        return {index.uuid for index in self._catalogue.indices.values() if index.node == self._me}

    def _update(self, shard: Shard, index: IndexMetadata) -> None:
        try:
            shard.update(index)
        except IsthmusError as error:
            log.error("the index [%s] goes on with the mapping it has: %s", index.name, error)

    def _leave(self, leaving: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(leaving)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def clean(self) -> None:
        """Remove what belonged to indices that were deleted while this node was away; tell what nobody knows.

        What moves left behind is settled and removed in the background: that may have to wait for others.
        """
        for folder in await asyncio.to_thread(_folders, self._folder):
            known = {index.uuid: index for index in self._catalogue.indices.values()}
            index = known.get(folder.name)
            if self._in_use(folder.name):
                continue
            if index is not None:
                was_moving = index.node == self._me and index.relocating is not None
                if was_moving or marks.is_marked(folder):
                    self._open_once(index).add_done_callback(_tell_settled)
            elif folder.name in self._catalogue.tombstones():
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            else:
                log.warning("[%s] belongs to no index of the cluster; it is left alone", folder)

    def _in_use(self, uuid: str) -> bool:
        return uuid in self._shards or uuid in self._left or uuid in self._coming

    # What others ask

    async def _create(self, request: CreateShard) -> ShardCreated:
        await asyncio.to_thread(make_folder, self._folder / request.index.uuid, request.index.uuid)
        return ShardCreated()

    async def _discard(self, request: DiscardShard) -> ShardDiscarded:
        if any(index.uuid == request.index.uuid for index in self._catalogue.indices.values()):
            raise DataError("the index was made: its shard stays")
        await asyncio.to_thread(shutil.rmtree, self.folder_of(request.index.uuid), ignore_errors=True)
        return ShardDiscarded()

    async def _write(self, request: WriteItems) -> ItemsWritten:
        shard = await self._own(request.index)
        return ItemsWritten(await shard.write(request.items, request.refresh))

    async def _get(self, request: GetDocuments) -> DocumentsFound:
        shard = await self._own(request.index)
        limits = acting().limits(GET_ACTION, request.names or (request.index.name,))
        if not request.realtime:
            await shard.refresh()
        if limits is None:
            return DocumentsFound(await shard.get(request.ids))
        return DocumentsFound(await seen_documents(shard, request.ids, limits))

    async def _maintain(self, request: Maintain) -> Maintained:
        failed: dict[str, str] = {}
        for name in request.indices:
            try:
                await (await self.shard(name)).refresh()
            except IsthmusError as error:
                failed[name.name] = str(error)
        return Maintained(failed)

    async def _statistics(self, request: StatisticsAsked) -> Statistics:
        found: dict[str, ShardStatistics] = {}
        for name in request.indices:
            try:
                shard = await self.shard(name)
            except IsthmusError as error:
                log.warning("no statistics of [%s]: %s", name.name, error)
                continue
            found[name.name] = await asyncio.to_thread(shard.statistics)
        return Statistics(found)


def _tell_settled(opening: asyncio.Task[Shard]) -> None:
    if opening.cancelled():
        return
    error = opening.exception()
    if error is not None and not isinstance(error, IndexNotFoundError | ShardMovedError):
        log.error("an index whose move was cut off cannot be opened: %s", error)


def _folders(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
