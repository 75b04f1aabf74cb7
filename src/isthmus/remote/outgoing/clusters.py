"""What came of each cluster in a search of several, and how that is told. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/modules-cross-cluster-search.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from isthmus.query.partial import Failure, PartialResult

LOCAL: Final = "(local)"
Status = Literal["successful", "skipped", "partial", "failed"]
STATUSES: Final[tuple[Status, ...]] = ("successful", "skipped", "partial", "failed")


@dataclass(frozen=True)
class ClusterResult:
    """What the cluster `alias` gave for `indices`: a result, or what it failed by. `took` is in milliseconds."""

    alias: str
    indices: str
    result: PartialResult = field(default_factory=PartialResult)
    failure: Failure | None = None
    took: int | None = None

    @property
    def status(self) -> Status:
        """How it ended."""
        if self.failure is not None:
            return "skipped"
        if self.result.shards and len(self.result.failures) >= self.result.shards:
            return "skipped"
        return "partial" if self.result.failures or self.result.timed_out else "successful"


def clusters_json(clusters: Sequence[ClusterResult]) -> dict[str, Any]:
    """Return the object of `_clusters`."""
    counts = Counter(one.status for one in clusters)
    told: dict[str, Any] = {"total": len(clusters), "successful": counts["successful"], "skipped": counts["skipped"]}
    told |= {"running": 0, "partial": counts["partial"], "failed": counts["failed"]}
    return told | {"details": {one.alias or LOCAL: _details(one) for one in clusters}}


def _details(cluster: ClusterResult) -> dict[str, Any]:
    told: dict[str, Any] = {"status": cluster.status, "indices": cluster.indices}
    if cluster.took is not None:
        told["took"] = cluster.took
    told["timed_out"] = cluster.result.timed_out
    if cluster.failure is not None:
        return told | {"failures": [_failure(cluster.failure, shard=-1, index=None)]}
    result = cluster.result
    told["_shards"] = {
        "total": result.shards,
        "successful": result.shards - len(result.failures),
        "skipped": result.skipped,
        "failed": len(result.failures),
    }
    if result.failures:
        told["failures"] = [_failure(one, shard=0, index=one.index) for one in result.failures]
    return told


def _failure(failure: Failure, *, shard: int, index: str | None) -> dict[str, Any]:
    return {"shard": shard, "index": index, "reason": {"type": failure.type, "reason": failure.reason}}
