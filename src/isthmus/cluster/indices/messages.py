"""What nodes ask the node that holds an index, as MessagePack under our own names.

An index is named with its uuid: a name may be deleted and made anew between the question and its arrival.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.shard.statistics import ShardStatistics
from isthmus.index.writing.item import Answered, Item
from isthmus.transport.messages import Action

RefreshPolicy = Literal["false", "true", "wait_for"]


class IndexName(msgspec.Struct, frozen=True):
    """An index of the node that is asked."""

    name: str
    uuid: str


class WriteItems(msgspec.Struct, frozen=True):
    """Items to be written in order."""

    index: IndexName
    items: list[Item]
    refresh: RefreshPolicy = "false"


class ItemsWritten(msgspec.Struct, frozen=True):
    """What came of each item."""

    answers: list[Answered]


class GetDocuments(msgspec.Struct, frozen=True):
    """Documents by `_id`; real time, or what searches see.

    `names` are those by which the index was asked for, its own or aliases: what may be seen depends on them.
    """

    index: IndexName
    ids: list[str]
    realtime: bool = True
    names: tuple[str, ...] = ()


class DocumentsFound(msgspec.Struct, frozen=True):
    """The documents, None for those that there are none of."""

    documents: list[StoredDocument | None]


class Maintain(msgspec.Struct, frozen=True):
    """Something to do to whole indices."""

    indices: list[IndexName]
    what: Literal["refresh", "flush"]


class Maintained(msgspec.Struct, frozen=True):
    """Done; `failed` tells why it was not for some, by index."""

    failed: dict[str, str] = {}


WRITE = Action("internal:isthmus/index/write", WriteItems, ItemsWritten)
GET = Action("internal:isthmus/index/get", GetDocuments, DocumentsFound)
MAINTAIN = Action("internal:isthmus/index/maintain", Maintain, Maintained)


class CreateShard(msgspec.Struct, frozen=True):
    """Asks a node to make room for a new index, before the cluster knows of it."""

    uuid: str


class ShardCreated(msgspec.Struct, frozen=True):
    """It is on disk."""


class DiscardShard(msgspec.Struct, frozen=True):
    """Asks a node to remove the room for an index that was not made."""

    uuid: str


class ShardDiscarded(msgspec.Struct, frozen=True):
    """It is not on disk any more."""


class StatisticsAsked(msgspec.Struct, frozen=True):
    """Asks for the numbers of indices."""

    indices: list[IndexName]


class Statistics(msgspec.Struct, frozen=True):
    """The numbers by index; those that could not be opened are left out."""

    shards: dict[str, ShardStatistics]


CREATE = Action("internal:isthmus/index/create", CreateShard, ShardCreated)
DISCARD = Action("internal:isthmus/index/discard", DiscardShard, ShardDiscarded)
STATISTICS = Action("internal:isthmus/index/statistics", StatisticsAsked, Statistics)
