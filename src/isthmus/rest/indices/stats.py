"""`_stats`: the numbers of indices, those of replicas being none.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-stats.html
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Final

from isthmus.cluster.indices.creation import Indices
from isthmus.errors import UsageError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.shard.statistics import ShardStatistics
from isthmus.rest.answers import Json
from isthmus.rest.indices.options import PARAMETERS, options
from isthmus.rest.indices.upkeep import Numbers, Upkeep, shards_told
from isthmus.rest.routing import Request, Route

Section = dict[str, int]

METRICS: Final[Mapping[str, Callable[[ShardStatistics], Section]]] = {
    "docs": lambda one: {"count": one.documents, "deleted": one.deleted},
    "shard_stats": lambda _: {"total_count": 1},
    "store": lambda one: {"size_in_bytes": one.size, "total_data_set_size_in_bytes": one.size},
    "indexing": lambda one: {"index_total": _done(one, "index"), "delete_total": _done(one, "delete")},
    "get": lambda one: {"total": _done(one, "get")},
    "search": lambda one: {"query_total": _done(one, "search")},
    "refresh": lambda one: {"total": _done(one, "refresh")},
    "segments": lambda one: {"count": one.segments},
}


def routes(indices: Indices, upkeep: Upkeep) -> tuple[Route, ...]:
    """Return the routes."""
    return tuple(
        Route("GET", path, "indices:monitor/stats", partial(stats, indices, upkeep), (*PARAMETERS, "level"))
        for path in ("/_stats", "/_stats/{metric}", "/{index}/_stats", "/{index}/_stats/{metric}")
    )


async def stats(indices: Indices, upkeep: Upkeep, request: Request) -> Json:
    """Answer the numbers of the indices, of the metrics that are named."""
    metrics = _metrics(request.variables.get("metric", "_all"))
    level = request.parameters.choice("level", ("cluster", "indices")) or "indices"
    expression = request.variables.get("index", "_all")
    found = [one.index for one in indices.catalogue.resolve(expression, options(request.parameters))]
    return Json(_told(found, await upkeep.statistics(found), metrics, per_index=level == "indices"))


def _metrics(given: str) -> list[str]:
    names = [one for one in given.split(",") if one]
    unknown = [one for one in names if one not in METRICS and one != "_all"]
    if unknown:
        near = difflib.get_close_matches(unknown[0][:50], METRICS, n=1)
        hint = f"did you mean [{near[0]}]?" if near else f"known are {', '.join(METRICS)}"
        raise UsageError(f"request contains unrecognized metric: [{unknown[0][:50]}]", hint=hint)
    return list(METRICS) if "_all" in names else [one for one in METRICS if one in names]


def _told(
    indices: Iterable[IndexMetadata], numbers: Numbers, metrics: Collection[str], *, per_index: bool
) -> dict[str, Any]:
    found = [index for index in indices if index.name in numbers.shards]
    own = {index.name: _sections([numbers.shards[index.name]], metrics) for index in found}
    everything = _sections(list(numbers.shards.values()), metrics)
    told: dict[str, Any] = {
        "_shards": shards_told(len(found) + len(numbers.failed), numbers.failed),
        "_all": {"primaries": everything, "total": everything},
    }
    if per_index:
        told["indices"] = {
            index.name: {
                "uuid": index.uuid,
                "health": "yellow" if index.settings.get("index.number_of_replicas", "0") != "0" else "green",
                "status": "open",
                "primaries": own[index.name],
                "total": own[index.name],
            }
            for index in found
        }
    return told


def _sections(shards: Collection[ShardStatistics], metrics: Iterable[str]) -> dict[str, Section]:
    told: dict[str, Section] = {}
    for metric in metrics:
        total: Section = {}
        for shard in shards:
            for name, number in METRICS[metric](shard).items():
                total[name] = total.get(name, 0) + number
        told[metric] = total
    return told


def _done(one: ShardStatistics, operation: str) -> int:
    return one.operations.get(operation, 0)
