"""The indices that this node holds: opened when they are first needed, removed when the cluster has deleted them."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.holder import Holders
from isthmus.cluster.indices.messages import (
    CREATE,
    GET,
    MAINTAIN,
    STATISTICS,
    WRITE,
    CreateShard,
    DocumentsFound,
    GetDocuments,
    IndexName,
    ItemsWritten,
    Maintain,
    Maintained,
    ShardCreated,
    Statistics,
    StatisticsAsked,
    WriteItems,
)
from isthmus.errors import DataError, IsthmusError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard.shard import Machine, Shard, make_folder, make_mapping
from isthmus.index.shard.statistics import ShardStatistics

log = logging.getLogger(__name__)


class MissingShardError(DataError):
    """An index that this node should hold, and whose folder is not there."""

    type = "no_shard_available_action_exception"
    status = 503


class Holdings:
    """Opens and keeps the shards under `folder`; `me` is this node's id."""

    def __init__(self, folder: Path, catalogue: Catalogue, me: str, machine: Machine) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._me = me
        self._machine = machine
        self._shards: dict[str, Shard] = {}
        self._opening: dict[str, asyncio.Task[Shard]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        catalogue.on_change(self._changed)

    def register(self, holders: Holders) -> None:
        """Answer for this node's indices."""
        holders.serve(CREATE, self._create)
        holders.serve(WRITE, self._write)
        holders.serve(GET, self._get)
        holders.serve(MAINTAIN, self._maintain)
        holders.serve(STATISTICS, self._statistics)

    async def shard(self, index: IndexName) -> Shard:
        """Return an open shard. Raises IndexNotFoundError, MissingShardError, and what opening it raises."""
        found = self._shards.get(index.uuid)
        if found is not None:
            return found
        known = self._catalogue.of(index.name, index.uuid)
        if known.node != self._me:
            raise IndexNotFoundError(index.name)
        task = self._opening.get(index.uuid)
        if task is None:
            task = self._opening[index.uuid] = asyncio.get_running_loop().create_task(self._open(known))
            task.add_done_callback(lambda _: self._opening.pop(index.uuid, None))
        return await asyncio.shield(task)

    @property
    def open_shards(self) -> Iterable[Shard]:
        """The shards that are open now."""
        return list(self._shards.values())

    async def close(self) -> None:
        """Close every shard."""
        await asyncio.gather(*self._opening.values(), return_exceptions=True)
        await asyncio.gather(*self._leaving, return_exceptions=True)
        shards, self._shards = list(self._shards.values()), {}
        await asyncio.gather(*(shard.close() for shard in shards))

    async def _open(self, index: IndexMetadata) -> Shard:
        folder = self._folder / index.uuid
        if not folder.is_dir():
            raise MissingShardError(
                f"the data of index [{index.name}] is not on this node",
                where=str(folder),
                hint="restore it from a backup",
            )
        shard = await asyncio.to_thread(Shard, folder, index, self._machine, self._grow)
        self._shards[index.uuid] = shard
        shard.start()
        return shard

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
        gone: set[str] | None = None
        for uuid, shard in list(self._shards.items()):
            index = known.get(uuid)
            if index is not None and index.node == self._me:
                self._update(shard, index)
                continue
            gone = self._catalogue.tombstones() if gone is None else gone
            del self._shards[uuid]
            self._leave(shard, deleted=uuid in gone)

    def _update(self, shard: Shard, index: IndexMetadata) -> None:
        try:
            shard.update(index)
        except IsthmusError as error:
            log.error("the index [%s] goes on with the mapping it has: %s", index.name, error)

    def _leave(self, shard: Shard, *, deleted: bool) -> None:
        task = asyncio.get_running_loop().create_task(shard.delete() if deleted else shard.close())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def clean(self) -> None:
        """Remove what belonged to indices that were deleted while this node was away, and tell what nobody knows."""
        if not self._folder.is_dir():
            return
        known = {index.uuid for index in self._catalogue.indices.values()}
        gone = self._catalogue.tombstones()
        for folder in self._folder.iterdir():
            if folder.name in known:
                continue
            if folder.name in gone:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                log.warning("[%s] belongs to no index of the cluster; it is left alone", folder)

    # What others ask

    async def _create(self, request: CreateShard) -> ShardCreated:
        await asyncio.to_thread(make_folder, self._folder / request.uuid, request.uuid)
        return ShardCreated()

    async def _write(self, request: WriteItems) -> ItemsWritten:
        shard = await self.shard(request.index)
        return ItemsWritten(await shard.write(request.items, request.refresh))

    async def _get(self, request: GetDocuments) -> DocumentsFound:
        shard = await self.shard(request.index)
        if not request.realtime:
            await shard.refresh()
        return DocumentsFound(await shard.get(request.ids))

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
