"""Refresh, flush, forced merges and statistics of indices.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-refresh.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from isthmus.cluster.indices.holder import Holders, named
from isthmus.cluster.indices.messages import MAINTAIN, STATISTICS, Maintain, StatisticsAsked
from isthmus.errors import IsthmusError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard.statistics import ShardStatistics


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of indices by name, and why some have none."""

    shards: dict[str, ShardStatistics] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class Upkeep:
    """What is done to whole indices by the nodes that hold them."""

    def __init__(self, holders: Holders) -> None:
        self._holders = holders

    async def refresh(self, indices: Sequence[IndexMetadata]) -> dict[str, str]:
        """Make everything written visible; return why it could not be for some, by index."""
        return await self._maintain(indices)

    async def flush(self, indices: Sequence[IndexMetadata]) -> dict[str, str]:
        """Bring the projections to disk as well; the ledgers always are."""
        return await self._maintain(indices)

    async def statistics(self, indices: Sequence[IndexMetadata]) -> Numbers:
        """Return the numbers of indices, and why those that cannot be reached have none."""
        numbers = Numbers()

        async def ask(node: str, own: list[IndexMetadata]) -> None:
            request = StatisticsAsked([named(one) for one in own])
            try:
                shards = (
                    await self._holders.ask_node(node, "the statistics cannot be had", STATISTICS, request)
                ).shards
            except IsthmusError as error:
                numbers.failed.update({one.name: str(error) for one in own})
                return
            numbers.shards.update(shards)
            numbers.failed.update({one.name: "it could not be opened" for one in own if one.name not in shards})

        await asyncio.gather(*(ask(node, own) for node, own in _by_node(indices).items()))
        return numbers

    async def _maintain(self, indices: Sequence[IndexMetadata]) -> dict[str, str]:
        failed: dict[str, str] = {}

        async def ask(node: str, own: list[IndexMetadata]) -> None:
            try:
                request = Maintain([named(one) for one in own], "refresh")
                failed.update((await self._holders.ask_node(node, "it cannot be refreshed", MAINTAIN, request)).failed)
            except IsthmusError as error:
                failed.update({one.name: str(error) for one in own})

        await asyncio.gather(*(ask(node, own) for node, own in _by_node(indices).items()))
        return failed


def shards_told(count: int, failed: dict[str, str]) -> dict[str, Any]:
    """Return `_shards` of an answer."""
    told: dict[str, Any] = {"total": count, "successful": count - len(failed), "failed": len(failed)}
    if failed:
        told["failures"] = [
            {
                "shard": 0,
                "index": index,
                "status": "INTERNAL_SERVER_ERROR",
                "reason": {"type": "exception", "reason": why},
            }
            for index, why in sorted(failed.items())
        ]
    return told


def _by_node(indices: Sequence[IndexMetadata]) -> dict[str, list[IndexMetadata]]:
    found: dict[str, list[IndexMetadata]] = {}
    for index in indices:
        found.setdefault(index.node, []).append(index)
    return found
