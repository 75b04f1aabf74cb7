"""Documents wherever their index is: written and read through the node that holds it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.holder import Holders, named
from isthmus.cluster.indices.messages import (
    GET,
    WRITE,
    GetDocuments,
    RefreshPolicy,
    WriteItems,
)
from isthmus.errors import IsthmusError
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard.gate import ShardMovedError
from isthmus.index.writing.item import Answered, Item
from isthmus.transport.messages import Action

Req = TypeVar("Req")
Resp = TypeVar("Resp")

MAX_CHUNK_BYTES = 32 << 20  # with room to spare in one message of the transport
_ITEM_BYTES = 200
PATIENCE = 60.0  # longer than writes wait at the gate of a shard that moves
AGAIN = 0.02


class Documents:
    """Reads and writes documents of indices that are named by their metadata."""

    def __init__(self, holders: Holders, catalogue: Catalogue) -> None:
        self._holders = holders
        self._catalogue = catalogue

    async def write(
        self, index: IndexMetadata, items: Sequence[Item], refresh: RefreshPolicy = "false"
    ) -> list[Answered]:
        """Write `items` in order and return what came of each; `refresh` as in Elasticsearch.

        Raises HolderAwayError, and what the holder says of the whole index.
        """
        chunks = [list(items)] if self._holders.is_here(index) else list(_chunks(items))
        answers: list[Answered] = []
        for at, chunk in enumerate(chunks):
            policy: RefreshPolicy = refresh if at == len(chunks) - 1 else "false"
            written = await self._ask(index, WRITE, WriteItems(named(index), chunk, policy))
            answers += written.answers
        return answers

    async def get(
        self, index: IndexMetadata, ids: Sequence[str], *, realtime: bool = True, names: tuple[str, ...] = ()
    ) -> list[StoredDocument | None]:
        """Return what who acts may see of the documents of `ids`, None where there is none; raises as `write`.

        `names` are those by which the index was asked for; none: its own.
        """
        found = await self._ask(index, GET, GetDocuments(named(index), list(ids), realtime, names))
        return found.documents

    async def _ask(self, index: IndexMetadata, action: Action[Req, Resp], request: Req) -> Resp:
        """Ask the holder; where the index has moved, the one that the catalogue tells by then."""
        patience = time.monotonic() + PATIENCE
        while True:
            index = self._catalogue.of(index.name, index.uuid)
            try:
                return await self._holders.ask(index, action, request)
            except IsthmusError as error:
                if error.type != ShardMovedError.type or time.monotonic() > patience:
                    raise
            await asyncio.sleep(AGAIN)


def _chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        grown = size + len(item.source) + _ITEM_BYTES
        if chunk and grown > MAX_CHUNK_BYTES:
            yield chunk
            chunk, grown = [], len(item.source) + _ITEM_BYTES
        chunk.append(item)
        size = grown
    yield chunk
