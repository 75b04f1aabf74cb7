"""The side that had the index: sends it, and lets go of it once it is told that the other side has it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from msgspec.structs import replace

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.holder import Holders
from isthmus.cluster.indices.messages import IndexName
from isthmus.cluster.indices.moving import marks
from isthmus.cluster.indices.moving.messages import (
    BEGIN,
    DROP,
    MOVE,
    OPERATIONS,
    PART,
    SENT,
    TAKE,
    BeginArrival,
    DropArrival,
    LedgerPart,
    LedgerSent,
    MoveBegun,
    MoveIndex,
    Operations,
    TakeIndex,
)
from isthmus.errors import IsthmusError, UnavailableError, UsageError
from isthmus.index.ledger.copying import look_at_copy
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard.gate import ShardMovedError
from isthmus.index.shard.shard import Shard
from isthmus.index.shard.statistics import Relocation
from isthmus.state.errors import VersionConflictError
from isthmus.transport.messages import Action

log = logging.getLogger(__name__)

PART_BYTES: Final = 4 << 20
BATCH: Final = 500
BATCH_BYTES: Final = 8 << 20
FEW: Final = 500
"""So few operations are sent while writes wait."""
ROUNDS: Final = 50
HELD_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0
TRIES: Final = 5

Stage = Literal["index", "translog", "finalize", "done"]


class Shards(Protocol):
    """Where shards are kept on this node."""

    async def shard(self, index: IndexName) -> Shard:
        """Return an open shard."""

    def let_go(self, shard: Shard) -> None:
        """The index is on another node: turn writes away, and remove the shard when nobody reads it any more."""


@dataclass(eq=False)
class _Move:
    id: str
    index: str
    target: str
    progress: Relocation
    began: float = field(default_factory=time.monotonic)

    def reached(self, stage: Stage) -> None:
        self.progress.stage = stage
        self.progress.seconds = time.monotonic() - self.began


class MoveFailedError(UnavailableError):
    """An index stays where it is."""


class Leaving:
    """Serves the node `me`, which keeps its shards in `shards`."""

    def __init__(self, me: str, shards: Shards, holders: Holders, catalogue: Catalogue) -> None:
        self._me = me
        self._shards = shards
        self._holders = holders
        self._catalogue = catalogue
        self._running: dict[str, asyncio.Task[None]] = {}

    def register(self, holders: Holders) -> None:
        """Answer those who want an index to move."""
        holders.serve(MOVE, self._begin)

    async def wait(self) -> None:
        """Return when no move goes on."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def close(self) -> None:
        """Give up what goes on; the index is where its entry says when the node starts again."""
        for task in list(self._running.values()):
            task.cancel()
        await self.wait()

    async def _begin(self, request: MoveIndex) -> MoveBegun:
        name = request.index
        shard = await self._shards.shard(name)

        def relocating(index: IndexMetadata) -> IndexMetadata:
            if index.relocating is not None:
                raise UsageError(f"[{index.name}] is being moved to the node of id [{index.relocating}] already")
            if name.uuid in self._running:
                raise UsageError(f"the last move of [{index.name}] is not over yet", hint="try again in a moment")
            return replace(index, relocating=request.target)

        await self._catalogue.change(name.name, relocating)
        progress = shard.relocation = Relocation(source=self._me, target=request.target)
        move = _Move(secrets.token_hex(8), name.name, request.target, progress)
        task = asyncio.get_running_loop().create_task(self._move(move, shard))
        self._running[name.uuid] = task
        task.add_done_callback(lambda _: self._running.pop(name.uuid, None))
        return MoveBegun()

    async def _move(self, move: _Move, shard: Shard) -> None:
        uuid = shard.index.uuid
        log.info("[%s] moves to the node of id [%s]", move.index, move.target)
        try:
            await self._sent(move, shard)
        except IsthmusError as error:
            if self._is_known(shard.index):
                log.error("[%s] stays on this node, its move failed: %s", move.index, error)
            else:
                log.info("[%s] was deleted while it moved", move.index)
            await self._told_to_drop(move, uuid)
        except Exception:
            log.exception("[%s] its move failed unexpectedly", move.index)
            await self._told_to_drop(move, uuid)
        else:
            move.reached("done")
            log.info("[%s] has moved, in %.1f s", move.index, move.progress.seconds)

    def _is_known(self, index: IndexMetadata) -> bool:
        try:
            self._catalogue.of(index.name, index.uuid)
        except IndexNotFoundError:
            return False
        return True

    async def _sent(self, move: _Move, shard: Shard) -> None:
        """Send everything and switch; whatever goes wrong, who holds the index is known when this ends."""
        copy = shard.folder / marks.COPY
        pin = f"move {move.id}"
        # What the copy does not have must be there until it was sent: tombstones above all.
        shard.views.pin(pin, shard.ledger.max_seq_no)
        shard.is_moving = True
        try:
            await self._sent_or_settled(move, shard, copy)
        except asyncio.CancelledError:
            shard.gate.moved(ShardMovedError(f"[{move.index}] the node that holds it is stopping"))
            raise
        finally:
            shard.views.unpin(pin)
            shard.is_moving = False
            copy.unlink(missing_ok=True)

    async def _sent_or_settled(self, move: _Move, shard: Shard, copy: Path) -> None:
        uuid = shard.index.uuid
        try:
            await self._ask(move, BEGIN, BeginArrival(move.id, shard.index))
            copied = await asyncio.to_thread(_copy, shard, copy)
            await self._send_copy(move, uuid, copy)
            move.reached("translog")
            after = await self._follow(move, shard, copied, FEW)
            await self._hand_over(move, shard, after)
        except Exception:
            if not await self._has_moved(move, uuid):
                await _stays(shard)
                raise
            self._shards.let_go(shard)
            await self._told_to_drop(move, uuid)  # it may not know that it has the index
        else:
            self._shards.let_go(shard)

    async def _send_copy(self, move: _Move, uuid: str, copy: Path) -> None:
        move.reached("index")
        move.progress.total = (await asyncio.to_thread(copy.stat)).st_size
        digest = hashlib.sha256()
        with copy.open("rb") as file:
            while data := await asyncio.to_thread(file.read, PART_BYTES):
                digest.update(data)
                await self._ask(move, PART, LedgerPart(move.id, uuid, move.progress.sent, data))
                move.progress.sent += len(data)
                move.reached("index")
        await self._ask(move, SENT, LedgerSent(move.id, uuid, digest.digest()), timeout=3600.0)

    async def _follow(self, move: _Move, shard: Shard, after: int, few: int) -> int:
        """Send operations until at most `few` are left; return the newest that was sent."""
        for _ in range(ROUNDS):
            newest = shard.ledger.max_seq_no
            while operations := await asyncio.to_thread(shard.ledger.changes, after, BATCH):
                for batch in _batches(operations):
                    request = Operations(move.id, shard.index.uuid, batch, batch[-1].seq_no)
                    await self._ask(move, OPERATIONS, request)
                    move.progress.operations += len(batch)
                after = operations[-1].seq_no
                if after >= newest:
                    break
            if shard.ledger.max_seq_no - max(after, newest) <= few:
                return after
        raise MoveFailedError("more is written than can be sent", hint="try again when less is written")

    async def _hand_over(self, move: _Move, shard: Shard, after: int) -> None:
        """Send the rest while writes wait, and let the other side switch. Raises if the index stays here."""
        move.reached("finalize")
        try:
            async with asyncio.timeout(HELD_SECONDS):
                await shard.gate.shut()
                after = await self._follow(move, shard, after, 0)
                rest = Operations(move.id, shard.index.uuid, [], shard.ledger.max_seq_no)
                await self._ask(move, OPERATIONS, rest)
        except TimeoutError as cause:
            raise MoveFailedError(f"the last operations were not sent in {HELD_SECONDS:g} s") from cause
        await self._switch(move, shard)

    async def _switch(self, move: _Move, shard: Shard) -> None:
        ledger = shard.ledger
        # From here on the index may be on the other node though this one, cut off, does not know.
        await asyncio.to_thread(marks.mark, shard.folder, marks.LEAVING)
        for attempt in range(TRIES):
            index, revision = self._catalogue.entry(move.index, shard.index.uuid)
            take = TakeIndex(move.id, index, revision, ledger.max_seq_no, ledger.count, move.progress)
            try:
                await self._ask(move, TAKE, take, timeout=HELD_SECONDS)
            except IsthmusError as error:
                # Somebody else changed the entry, its settings perhaps: with what it is now.
                if error.type != VersionConflictError.type or attempt == TRIES - 1:
                    raise
                await asyncio.sleep(0.1 * (attempt + 1))
            else:
                return

    async def _has_moved(self, move: _Move, uuid: str) -> bool:
        """Find out who holds the index after something went wrong; writes wait until it is known."""
        index = await self._catalogue.settle(move.index, uuid)
        return index is not None and index.node != self._me

    async def _told_to_drop(self, move: _Move, uuid: str) -> None:
        try:
            await self._ask(move, DROP, DropArrival(move.id, uuid))
        except IsthmusError as error:
            log.warning("[%s] the other node could not be told to drop it: %s", move.index, error)

    async def _ask(
        self, move: _Move, action: Action[Any, Any], request: object, *, timeout: float = ANSWER_SECONDS
    ) -> object:
        why = f"[{move.index}] cannot be moved"
        return await self._holders.ask_node(move.target, why, action, request, timeout=timeout)


async def _stays(shard: Shard) -> None:
    """Accept writes again, whatever becomes of the mark: when it is found, it is settled again who holds the index."""
    try:
        await asyncio.to_thread(marks.unmark, shard.folder)
    except FileNotFoundError:
        pass  # the index was deleted meanwhile
    except OSError as error:
        log.warning("[%s] the mark of its move cannot be removed: %s", shard.index.name, error)
    finally:
        shard.gate.open()


def _copy(shard: Shard, copy: Path) -> int:
    """Write a consistent copy of the ledger and return its newest operation."""
    copy.unlink(missing_ok=True)
    shard.ledger.copy_to(copy)
    return look_at_copy(copy, shard.index.uuid).max_seq_no


def _batches(operations: Sequence[StoredDocument]) -> Iterator[list[StoredDocument]]:
    batch: list[StoredDocument] = []
    size = 0
    for one in operations:
        if batch and size + len(one.source) > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += len(one.source)
    yield batch
