"""How the indices of a cluster are: every replica is unassigned, an index whose node is away is red. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-health.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.index_settings import value_of
from isthmus.rest.view import Status

STATUSES: tuple[Status, ...] = ("green", "yellow", "red")


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """One index: whether its only shard is there, how many copies of it were asked for that nobody
    holds, and whether it is being moved."""

    name: str
    active: bool
    replicas: int
    relocating: bool = False

    @classmethod
    def of(cls, index: IndexMetadata, present: Collection[str]) -> IndexHealth:
        """Return the health of an index while the nodes of the ids `present` are in the cluster."""
        return cls(
            index.name,
            index.node in present,
            value_of(index.settings, "index.number_of_replicas"),
            index.relocating is not None,
        )

    @property
    def status(self) -> Status:
        """Red: nobody holds the index. Yellow: copies are missing."""
        if not self.active:
            return "red"
        return "yellow" if self.replicas else "green"

    @property
    def unassigned(self) -> int:
        """How many shards nobody holds."""
        return self.replicas + (not self.active)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of `statuses`, green if there are none."""
    return max(statuses, key=STATUSES.index, default="green")


def counts(indices: Collection[IndexHealth]) -> dict[str, int]:
    """Return the shards of `indices` by their state, as they are told."""
    active = sum(one.active for one in indices)
    return {
        "active_primary_shards": active,
        "active_shards": active,
        "relocating_shards": sum(one.relocating for one in indices),
        "initializing_shards": 0,
        "unassigned_shards": sum(one.unassigned for one in indices),
        "unassigned_primary_shards": sum(not one.active for one in indices),
    }


def percent_active(indices: Collection[IndexHealth]) -> float:
    """Return how many of the shards that were asked for are held; of none, all are."""
    wanted = sum(1 + one.replicas for one in indices)
    return 100.0 * sum(one.active for one in indices) / wanted if wanted else 100.0


def told(indices: Iterable[IndexHealth], *, shards: bool) -> dict[str, Any]:
    """Return `indices` of an answer, with each one's `shards` if they are asked for."""
    return {one.name: _told(one, shards=shards) for one in indices}


def _told(one: IndexHealth, *, shards: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "status": one.status,
        "number_of_shards": 1,
        "number_of_replicas": one.replicas,
        **counts([one]),
    }
    if shards:
        shard = {key: number for key, number in counts([one]).items() if key != "active_primary_shards"}
        body["shards"] = {"0": {"status": one.status, "primary_active": one.active, **shard}}
    return body
