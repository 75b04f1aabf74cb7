"""The side that will have the index: takes the copy and the operations in, and makes the switch."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from msgspec.structs import replace

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.holder import Holders
from isthmus.cluster.indices.moving.messages import (
    BEGIN,
    DROP,
    OPERATIONS,
    PART,
    SENT,
    TAKE,
    BeginArrival,
    Done,
    DropArrival,
    LedgerPart,
    LedgerSent,
    Operations,
    TakeIndex,
)
from isthmus.errors import DataError, IsthmusError
from isthmus.files import sync_folder
from isthmus.index.ledger import schema
from isthmus.index.ledger.copying import look_at_copy
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard.shard import Shard

log = logging.getLogger(__name__)

PATIENCE: Final = 300.0
"""How long, in seconds, an index may be on its way without a word from the node that sends it."""


class Shards(Protocol):
    """Where shards are kept on this node."""

    def folder_of(self, uuid: str) -> Path:
        """Return where the shard of an index is, or will be."""

    async def make_room(self, uuid: str) -> None:
        """Make the folder of an index that comes; it is left alone until `arrived` or `remove_arriving`.

        Raises CannotCreateError if there is data of it.
        """

    def make(self, index: IndexMetadata) -> Shard:
        """Open the shard of an index in its folder; blocks."""

    def arriving(self, shard: Shard) -> None:
        """Keep a shard that is not ours yet: it is from the moment that the catalogue says so."""

    def arrived_not(self, uuid: str) -> Shard | None:
        """Forget such a shard, and return it."""

    async def arrived(self, uuid: str) -> None:
        """The index is this node's: the folder is like any other."""

    async def remove_arriving(self, uuid: str) -> None:
        """Remove what came of an index that is not this node's."""


class MoveMismatchError(DataError):
    """A part of a move that this node does not know, or that does not fit what came before."""


@dataclass(eq=False)
class _Arrival:
    move: str
    index: IndexMetadata
    folder: Path
    shard: Shard | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    watch: asyncio.TimerHandle | None = None

    @property
    def path(self) -> Path:
        return self.folder / schema.FILE


class Arriving:
    """Serves the node `me`; shards are kept in `shards`."""

    def __init__(self, me: str, shards: Shards, catalogue: Catalogue) -> None:
        self._me = me
        self._shards = shards
        self._catalogue = catalogue
        self._arrivals: dict[str, _Arrival] = {}
        self._dropping: set[asyncio.Task[None]] = set()

    def register(self, holders: Holders) -> None:
        """Answer those who send indices."""
        holders.serve(BEGIN, self._begin)
        holders.serve(PART, self._part)
        holders.serve(SENT, self._sent)
        holders.serve(OPERATIONS, self._operations)
        holders.serve(TAKE, self._take)
        holders.serve(DROP, self._drop)

    async def close(self) -> None:
        """Let go of what is on its way; it is removed when the node starts again."""
        arrivals, self._arrivals = self._arrivals, {}
        for arrival in arrivals.values():
            if arrival.watch is not None:
                arrival.watch.cancel()
        for task in self._dropping:
            task.cancel()  # it may wait for the state's owner, which may be away for long
        await asyncio.gather(*self._dropping, return_exceptions=True)
        shards = [self._shards.arrived_not(uuid) for uuid in arrivals]
        await asyncio.gather(*(shard.close() for shard in shards if shard is not None))

    async def _begin(self, request: BeginArrival) -> Done:
        uuid = request.index.uuid
        while (before := self._arrivals.get(uuid)) is not None:
            await self._end(before)
        arrival = self._arrivals[uuid] = _Arrival(request.move, request.index, self._shards.folder_of(uuid))
        async with arrival.lock:
            try:
                await self._shards.make_room(uuid)
            except BaseException:
                self._forget(arrival)
                raise
        self._watch(arrival)
        log.info("[%s] arrives", request.index.name)
        return Done()

    async def _part(self, request: LedgerPart) -> Done:
        async with self._held(request.uuid, request.move) as arrival:
            await asyncio.to_thread(_write_part, arrival.path, request.offset, request.data)
        return Done()

    async def _sent(self, request: LedgerSent) -> Done:
        async with self._held(request.uuid, request.move) as arrival:
            await asyncio.to_thread(_check_copy, arrival.path, request.uuid, request.digest)
            # As it is known by now: documents may have brought fields since the move began.
            index = self._catalogue.of(arrival.index.name, request.uuid)
            shard = arrival.shard = await asyncio.to_thread(self._shards.make, index)
            self._shards.arriving(shard)
            shard.start()
            await shard.built()  # a large index takes longer than anybody who searches it would wait
            await shard.refresh()
        return Done()

    async def _operations(self, request: Operations) -> Done:
        async with self._held(request.uuid, request.move) as arrival:
            await _shard_of(arrival).replay(request.operations, request.max_seq_no)
        return Done()

    async def _take(self, request: TakeIndex) -> Done:
        async with self._held(request.index.uuid, request.move) as arrival:
            shard = _shard_of(arrival)
            found = (shard.ledger.max_seq_no, shard.ledger.count)
            if found != (request.max_seq_no, request.count):
                raise MoveMismatchError(
                    f"the ledger of [{request.index.name}] ends at operation {found[0]} with {found[1]} documents "
                    f"here, and at {request.max_seq_no} with {request.count} where it comes from"
                )
            await shard.refresh()
            taken = replace(request.index, node=self._me, relocating=None)
            await self._catalogue.replace(taken, request.revision)
            shard.relocation = replace(request.progress, stage="done")
            await self._keep(arrival)
        log.info("[%s] is on this node now", request.index.name)
        return Done()

    async def _drop(self, request: DropArrival) -> Done:
        arrival = self._arrivals.get(request.uuid)
        if arrival is not None and arrival.move == request.move:
            await self._end(arrival)
        return Done()

    async def _end(self, arrival: _Arrival) -> None:
        """End a move from this side: the switch may have been made, or be on its way."""
        async with arrival.lock:
            if self._arrivals.get(arrival.index.uuid) is not arrival:
                return
            index = await self._catalogue.settle(arrival.index.name, arrival.index.uuid)
            if index is not None and index.node == self._me:
                await self._keep(arrival)
                return
            await self._shards.remove_arriving(arrival.index.uuid)
            # Only now: the next arrival waits for this one's lock, and its folder is the same.
            self._forget(arrival)
            log.info("[%s] did not arrive; what came of it is removed", arrival.index.name)

    async def _keep(self, arrival: _Arrival) -> None:
        await self._shards.arrived(arrival.index.uuid)
        self._forget(arrival)

    @asynccontextmanager
    async def _held(self, uuid: str, move: str) -> AsyncIterator[_Arrival]:
        """Have an arrival for oneself. Raises MoveMismatchError, also if it was ended meanwhile."""
        arrival = self._of(uuid, move)
        async with arrival.lock:
            self._of(uuid, move)
            yield arrival

    def _of(self, uuid: str, move: str) -> _Arrival:
        arrival = self._arrivals.get(uuid)
        if arrival is None or arrival.move != move:
            raise MoveMismatchError("this node knows of no such move", hint="move the index again")
        self._watch(arrival)
        return arrival

    def _watch(self, arrival: _Arrival) -> None:
        if arrival.watch is not None:
            arrival.watch.cancel()
        arrival.watch = asyncio.get_running_loop().call_later(PATIENCE, self._give_up, arrival)

    def _give_up(self, arrival: _Arrival) -> None:
        task = asyncio.get_running_loop().create_task(self._given_up(arrival))
        self._dropping.add(task)
        task.add_done_callback(self._dropping.discard)

    async def _given_up(self, arrival: _Arrival) -> None:
        log.warning("[%s] nothing came of it for %d s: its move is given up", arrival.index.name, PATIENCE)
        try:
            await self._end(arrival)
        except IsthmusError as error:
            log.warning("[%s] its move cannot be ended yet: %s", arrival.index.name, error)
            self._watch(arrival)

    def _forget(self, arrival: _Arrival) -> None:
        self._arrivals.pop(arrival.index.uuid, None)
        if arrival.watch is not None:
            arrival.watch.cancel()


def _shard_of(arrival: _Arrival) -> Shard:
    if arrival.shard is None:
        raise MoveMismatchError(f"the ledger of [{arrival.index.name}] is not whole yet")
    return arrival.shard


def _write_part(path: Path, offset: int, data: bytes) -> None:
    with path.open("ab") as file:
        if file.tell() != offset:
            raise MoveMismatchError(f"a part of the ledger begins at {offset}, and {file.tell()} bytes are here")
        file.write(data)
    path.chmod(0o600)


def _check_copy(path: Path, uuid: str, digest: bytes) -> None:
    with path.open("rb+") as file:
        if hashlib.file_digest(file, "sha256").digest() != digest:
            raise MoveMismatchError("the copy of the ledger is not what was sent", hint="move the index again")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    look_at_copy(path, uuid)
