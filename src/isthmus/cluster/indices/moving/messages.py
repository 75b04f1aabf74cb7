"""What the two nodes of a move say to each other. `move` names the move; a part of another one is refused."""

from __future__ import annotations

import msgspec

from isthmus.cluster.indices.messages import IndexName
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard.statistics import Relocation
from isthmus.transport.messages import FOR_NODES, Action, ForUsers


class MoveIndex(msgspec.Struct, frozen=True):
    """Asks the node that holds an index to move it to the node of id `target`."""

    index: IndexName
    target: str


class MoveBegun(msgspec.Struct, frozen=True):
    """It goes on in the background; the catalogue tells."""


class BeginArrival(msgspec.Struct, frozen=True):
    """An index will come."""

    move: str
    index: IndexMetadata


class LedgerPart(msgspec.Struct, frozen=True):
    """The next bytes of the copy of the ledger, from `offset` on."""

    move: str
    uuid: str
    offset: int
    data: bytes


class LedgerSent(msgspec.Struct, frozen=True):
    """The copy is whole; `digest` is its SHA-256."""

    move: str
    uuid: str
    digest: bytes


class Operations(msgspec.Struct, frozen=True):
    """Operations in order; `max_seq_no` is what the ledger has come to with them."""

    move: str
    uuid: str
    operations: list[StoredDocument]
    max_seq_no: int


class TakeIndex(msgspec.Struct, frozen=True):
    """Nothing is written any more: take the index over, if its entry still stands at `revision`.

    `progress` is for those who ask how it went.
    """

    move: str
    index: IndexMetadata
    revision: int
    max_seq_no: int
    count: int
    progress: Relocation


class DropArrival(msgspec.Struct, frozen=True):
    """The move has ended, and whether with a switch, its entry tells: an answer to it was not received."""

    move: str
    uuid: str


class Done(msgspec.Struct, frozen=True):
    """It was done."""


MOVE = Action("internal:isthmus/index/move", MoveIndex, MoveBegun, ForUsers(("cluster:admin/reroute",)))
BEGIN = Action("internal:isthmus/index/move/begin", BeginArrival, Done, FOR_NODES)
PART = Action("internal:isthmus/index/move/part", LedgerPart, Done, FOR_NODES)
SENT = Action("internal:isthmus/index/move/sent", LedgerSent, Done, FOR_NODES)
OPERATIONS = Action("internal:isthmus/index/move/operations", Operations, Done, FOR_NODES)
TAKE = Action("internal:isthmus/index/move/take", TakeIndex, Done, FOR_NODES)
DROP = Action("internal:isthmus/index/move/drop", DropArrival, Done, FOR_NODES)
