"""How well the shards of indices are: one primary each, at the node that holds it, and no replica anywhere. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-health.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.index_settings import value_of
from isthmus.rest.view import Status

STATUSES: Final[tuple[Status, ...]] = ("green", "yellow", "red")


@dataclass(frozen=True, slots=True)
class ShardHealth:
    """The shard of one index. Replicas that are asked for are never assigned: an index lives on one node."""

    index: str
    active: bool
    replicas: int

    @property
    def status(self) -> Status:
        """red: its node is away; yellow: replicas are asked for."""
        if not self.active:
            return "red"
        return "yellow" if self.replicas else "green"

    @property
    def unassigned(self) -> int:
        """Copies that are nowhere."""
        return self.replicas + (0 if self.active else 1)


def shard_health(index: IndexMetadata, node_ids: Collection[str]) -> ShardHealth:
    """Return the health of an index whose cluster has these nodes now."""
    return ShardHealth(index.name, index.node in node_ids, value_of(index.settings, "index.number_of_replicas"))


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of some statuses, green of none."""
    return max(statuses, key=STATUSES.index, default="green")


def counts(shards: Collection[ShardHealth]) -> dict[str, Any]:
    """Return the numbers of shards under Elasticsearch's names."""
    active = sum(one.active for one in shards)
    return {
        "active_primary_shards": active,
        "active_shards": active,
        "relocating_shards": 0,
        "initializing_shards": 0,
        "unassigned_shards": sum(one.unassigned for one in shards),
        "unassigned_primary_shards": len(shards) - active,
    }


def active_percent(shards: Collection[ShardHealth]) -> float:
    """Return how much of all copies is active, in percent; all of none is 100."""
    total = sum(1 + one.replicas for one in shards)
    return 100.0 if not total else 100.0 * sum(one.active for one in shards) / total


def of_index(one: ShardHealth, *, shards: bool) -> dict[str, Any]:
    """Return what `level=indices` tells of an index, and with `shards` what `level=shards` does."""
    told = {"status": one.status, "number_of_shards": 1, "number_of_replicas": one.replicas, **counts([one])}
    return told | {"shards": {"0": _of_shard(one)}} if shards else told


def _of_shard(one: ShardHealth) -> dict[str, Any]:
    of_all = counts([one])
    del of_all["active_primary_shards"]
    return {"status": one.status, "primary_active": one.active, **of_all}
