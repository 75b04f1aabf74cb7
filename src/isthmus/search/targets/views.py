"""The snapshots that a search of one node runs on: of now, or of a context that was opened before."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from isthmus.cluster.indices.messages import IndexName
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard.views import OpenViews, View
from isthmus.search.part import IndexPart


class OpenShard(Protocol):
    """An index that is open on this node."""

    index: IndexMetadata
    views: OpenViews

    async def view(self) -> View:
        """Return what searches see now; it must be given back."""

    def sources(self, seq_nos: Sequence[int]) -> Mapping[int, StoredDocument]:
        """Return documents by the operations that made them; blocks."""


class Shards(Protocol):
    """The indices that this node holds."""

    async def shard(self, index: IndexName) -> OpenShard:
        """Return an open index. Raises IndexNotFoundError, and what opening it raises."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An index of a context: with the filters under which it was opened, and what it held then."""

    part: IndexPart
    shard: OpenShard
    view: View

    @property
    def key(self) -> Hashable:
        """What an answer depends on besides the request and the view."""
        index = self.shard.index
        return self.part.filters, self.part.boost, index.settings_version, index.mapping_version


class KeptViews:
    """Views of several indices, held until they are closed."""

    def __init__(self) -> None:
        self._held: dict[str, Kept] = {}

    def keep(self, kept: Kept) -> None:
        """Hold a view that was taken."""
        self._held[kept.part.name] = kept

    def again(self, name: str) -> Kept | None:
        """Take the view of an index once more; None if it is not held."""
        held = self._held.get(name)
        if held is not None:
            held.shard.views.again(held.view)
        return held

    def close(self) -> None:
        """Give all views back."""
        held, self._held = self._held, {}
        for one in held.values():
            one.shard.views.give_back(one.view)
