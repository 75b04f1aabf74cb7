"""What nodes ask the node that holds an index, as MessagePack under our own names.

An index is named with its uuid: a name may be deleted and made anew between the question and its arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, Protocol

import msgspec

from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.shard.statistics import ShardStatistics
from isthmus.index.writing.item import Answered, Item, ItemType
from isthmus.transport.messages import Action, ForUsers

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


class CreateShard(msgspec.Struct, frozen=True):
    """Asks a node to make room for a new index, before the cluster knows of it."""

    index: IndexName


class ShardCreated(msgspec.Struct, frozen=True):
    """It is on disk."""


class DiscardShard(msgspec.Struct, frozen=True):
    """Asks a node to remove the room for an index that was not made."""

    index: IndexName


class ShardDiscarded(msgspec.Struct, frozen=True):
    """It is not on disk any more."""


class StatisticsAsked(msgspec.Struct, frozen=True):
    """Asks for the numbers of indices."""

    indices: list[IndexName]


class Statistics(msgspec.Struct, frozen=True):
    """The numbers by index; those that could not be opened are left out."""

    shards: dict[str, ShardStatistics]


WRITES: Final[Mapping[ItemType, str]] = {
    "index": "indices:data/write/index:op_type/index",
    "create": "indices:data/write/index:op_type/create",
    "update": "indices:data/write/update",
    "delete": "indices:data/write/delete",
}
"""By which action each kind of item is written: who may create documents need not be one who may replace them."""

BULK: Final = "indices:data/write/bulk"
READ: Final = "indices:data/read/*"


class _OfOne(Protocol):
    @property
    def index(self) -> IndexName: ...


class _OfSome(Protocol):
    @property
    def indices(self) -> list[IndexName]: ...


def _one(request: _OfOne) -> Iterable[str]:
    return (request.index.name,)


def _some(request: _OfSome) -> Iterable[str]:
    return (one.name for one in request.indices)


def _writes(request: WriteItems) -> Iterable[str]:
    return {WRITES[item.kind] for item in request.items}


_MAINTAINING: Final = (
    *("indices:admin/refresh", "indices:admin/flush", "indices:admin/forcemerge"),
    *(READ, "indices:data/write/*"),  # which may ask for a refresh
)
_MAKING: Final = ("indices:admin/create", "indices:admin/auto_create")

WRITE = Action(
    "internal:isthmus/index/write", WriteItems, ItemsWritten, ForUsers(("indices:data/write/*",), _one, _writes)
)
GET = Action("internal:isthmus/index/get", GetDocuments, DocumentsFound, ForUsers((READ,), _one))
MAINTAIN = Action("internal:isthmus/index/maintain", Maintain, Maintained, ForUsers(_MAINTAINING, _some))
CREATE = Action("internal:isthmus/index/create", CreateShard, ShardCreated, ForUsers(_MAKING, _one))
DISCARD = Action("internal:isthmus/index/discard", DiscardShard, ShardDiscarded, ForUsers(_MAKING, _one))
STATISTICS = Action(
    "internal:isthmus/index/statistics", StatisticsAsked, Statistics, ForUsers(("indices:monitor/*", READ), _some)
)
