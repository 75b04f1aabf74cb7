"""Refresh, flush, forced merges and statistics of indices.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-refresh.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from isthmus.cluster.indices.holder import Holders, named
from isthmus.cluster.indices.messages import MAINTAIN, STATISTICS, Maintain, StatisticsAsked
from isthmus.errors import IsthmusError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.index_settings import value_of
from isthmus.index.shard.statistics import ShardStatistics

LEVELS = ("cluster", "indices", "shards")
METRICS = ("docs", "shard_stats", "store", "indexing", "get", "search", "refresh", "segments")


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

    async def statistics(self, indices: Sequence[IndexMetadata]) -> dict[str, ShardStatistics]:
        """Return the numbers of indices; those that cannot be reached are left out."""
        answers = await asyncio.gather(
            *(self._numbers(node, own) for node, own in _by_node(indices).items()), return_exceptions=True
        )
        found: dict[str, ShardStatistics] = {}
        for answer in answers:
            if isinstance(answer, BaseException):
                if not isinstance(answer, IsthmusError):
                    raise answer
                continue
            found |= answer
        return found

    async def _numbers(self, node: str, own: list[IndexMetadata]) -> dict[str, ShardStatistics]:
        asked = StatisticsAsked([named(one) for one in own])
        answer = await self._holders.ask_node(node, "its statistics cannot be had", STATISTICS, asked)
        return answer.shards

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


def shards_told(asked: Sequence[IndexMetadata], failed: dict[str, str]) -> dict[str, Any]:
    """Return `_shards` of an answer; copies that were asked for count, though nobody holds them."""
    total = sum(1 + value_of(one.settings, "index.number_of_replicas") for one in asked)
    told: dict[str, Any] = {"total": total, "successful": len(asked) - len(failed), "failed": len(failed)}
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


def statistics_told(
    asked: Sequence[IndexMetadata], found: dict[str, ShardStatistics], sections: Collection[str], level: str
) -> dict[str, Any]:
    """Return the answer of `_stats` with some `sections` of METRICS, down to a `level` of LEVELS.

    Indices without numbers are told as failed.
    """
    away = {one.name: "its numbers cannot be had" for one in asked if one.name not in found}
    per_index = {
        name: {section: numbers for section, numbers in _told(one).items() if section in sections}
        for name, one in sorted(found.items())
    }
    everything = _sum(list(per_index.values()))
    told: dict[str, Any] = {
        "_shards": shards_told(asked, away),
        "_all": {"primaries": everything, "total": everything},
    }
    if level != "cluster":
        nodes = {one.name: one.node for one in asked}
        told["indices"] = {
            name: {"primaries": one, "total": one} | (_shards(one, nodes[name]) if level == "shards" else {})
            for name, one in per_index.items()
        }
    return told


def _shards(numbers: dict[str, Any], node: str) -> dict[str, Any]:
    routing = {"state": "STARTED", "primary": True, "node": node, "relocating_node": None}
    return {"shards": {"0": [{"routing": routing, **numbers}]}}


def _told(one: ShardStatistics) -> dict[str, Any]:
    return {
        "docs": {"count": one.documents, "deleted": one.deleted},
        "shard_stats": {"total_count": 1},
        "store": {"size_in_bytes": one.size, "total_data_set_size_in_bytes": one.size},
        "indexing": {"index_total": one.operations.get("index", 0), "delete_total": one.operations.get("delete", 0)},
        "get": {"total": one.operations.get("get", 0)},
        "search": {"query_total": one.operations.get("search", 0)},
        "refresh": {"total": one.operations.get("refresh", 0)},
        "segments": {"count": one.segments},
    }


def _sum(told: list[dict[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for one in told:
        for section, numbers in one.items():
            place = total.setdefault(section, {})
            for name, number in numbers.items():
                place[name] = place.get(name, 0) + number
    return total


def _by_node(indices: Sequence[IndexMetadata]) -> dict[str, list[IndexMetadata]]:
    found: dict[str, list[IndexMetadata]] = {}
    for index in indices:
        found.setdefault(index.node, []).append(index)
    return found
