"""Which names of an expression are of this cluster, and which of others. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/modules-cross-cluster-search.html
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from isthmus.errors import UsageError
from isthmus.index.metadata.expressions import NoSuchRemoteClusterError, is_remote, matching


@dataclass(slots=True)
class Split:
    """`local` is the expression of this cluster, None if it names none here; `remote` those of others by alias."""

    local: str | None = None
    remote: dict[str, str] = field(default_factory=dict)


def split(expression: str, aliases: Collection[str]) -> Split:
    """Return the parts of an expression; `aliases` are the clusters that there are.

    A pattern of clusters that none has means none. Raises NoSuchRemoteClusterError for a name that is of none, and
    UsageError for a cluster that is left out and was not there before.
    """
    local: list[str] = []
    remote: dict[str, list[str]] = {}
    for part in filter(None, expression.split(",")):
        if not is_remote(part):
            local.append(part)
            continue
        cluster, _, index = part.partition(":")
        if cluster.startswith("-"):
            _leave_out(cluster[1:], index, remote, part)
            continue
        for alias in _meant(cluster, aliases):
            remote.setdefault(alias, []).append(index or "*")
    return Split(",".join(local) if local else None, {alias: ",".join(names) for alias, names in remote.items()})


def _meant(cluster: str, aliases: Collection[str]) -> list[str]:
    if cluster in aliases:
        return [cluster]
    if "*" in cluster:
        return matching([cluster], aliases)
    raise NoSuchRemoteClusterError(f"no such remote cluster: [{cluster[:100]}]")


def _leave_out(cluster: str, index: str, remote: dict[str, list[str]], part: str) -> None:
    if index != "*":
        raise UsageError(
            "To exclude a cluster you must specify the '*' wildcard for the index expression, but found: "
            f"[{index[:100]}]"
        )
    found = matching([cluster], remote)
    if not found:
        raise UsageError(
            f"Attempt to exclude cluster [{cluster[:100]}] failed as it is not included in the list of clusters to be "
            f"included: [{', '.join(remote)}]. Input: [{part[:200]}]"
        )
    for alias in found:
        del remote[alias]
