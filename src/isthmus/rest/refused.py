"""Elasticsearch's APIs that are not served, each answered 400 by its name and with what to do instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from isthmus.errors import UsageError
from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route

ACTION: Final = "indices:admin/unsupported"
METHODS: Final = ("DELETE", "GET", "POST", "PUT")
_MERGED = "segments are merged by themselves, and Tantivy's binding has no call to merge them at once"
_ONE_SHARD = "an index has one shard"
_STATE = "ask _cluster/health, _cat/indices or the index itself"
_NO_STREAMS = "there are no data streams"
_NO_TASKS = "a request is done when it is answered"
_NO_SCRIPTS = "there are no scripts"
_NO_SNAPSHOTS = "use isthmus backup"
REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/_cache/clear": "there are no caches that requests could clear",
        "/{index}/_cache/clear": "there are no caches that requests could clear",
        "/_cat/allocation": "ask _cat/shards",
        "/_cat/fielddata": "no field data is loaded",
        "/_cat/master": "ask _cat/nodes",
        "/_cat/nodeattrs": "ask _nodes",
        "/_cat/pending_tasks": _NO_TASKS,
        "/_cat/plugins": "there are no plugins",
        "/_cat/segments": "ask _stats/segments",
        "/_cat/tasks": _NO_TASKS,
        "/_cat/thread_pool": "ask _prometheus/metrics",
        "/_cluster/allocation/explain": "ask _cat/shards",
        "/_cluster/pending_tasks": _NO_TASKS,
        "/_cluster/state": _STATE,
        "/_cluster/state/{metric}": _STATE,
        "/_cluster/stats": "ask _stats and _nodes",
        "/_data_stream": _NO_STREAMS,
        "/_data_stream/{name}": _NO_STREAMS,
        "/_delete_by_query/{task}/_rethrottle": _NO_TASKS,
        "/_forcemerge": _MERGED,
        "/{index}/_forcemerge": _MERGED,
        "/_index_template/_simulate": "use _index_template/_simulate_index",
        "/_ingest/pipeline": "there are no ingest pipelines",
        "/_ingest/pipeline/{id}": "there are no ingest pipelines",
        "/_mtermvectors": "use _analyze or _explain",
        "/{index}/_mtermvectors": "use _analyze or _explain",
        "/_recovery": "ask _cat/recovery",
        "/{index}/_recovery": "ask _cat/recovery",
        "/_reindex/{task}/_rethrottle": _NO_TASKS,
        "/_scripts/{id}": _NO_SCRIPTS,
        "/_segments": "ask _stats/segments",
        "/{index}/_segments": "ask _stats/segments",
        "/_shard_stores": "ask _cat/shards",
        "/{index}/_shard_stores": "ask _cat/shards",
        "/_snapshot": _NO_SNAPSHOTS,
        "/_snapshot/{repository}": _NO_SNAPSHOTS,
        "/_tasks": _NO_TASKS,
        "/_tasks/{id}": _NO_TASKS,
        "/_template": "use _index_template",
        "/_template/{name}": "use _index_template",
        "/_update_by_query/{task}/_rethrottle": _NO_TASKS,
        "/{index}/_clone": "reindex it into another index",
        "/{index}/_clone/{target}": "reindex it into another index",
        "/{index}/_close": "indices cannot be closed",
        "/{index}/_disk_usage": "ask _stats/store",
        "/{index}/_eql/search": "use _search",
        "/{index}/_field_usage_stats": "ask _stats",
        "/{index}/_open": "indices are always open",
        "/{index}/_rollover": "write to an alias and move it",
        "/{index}/_rollover/{new_index}": "write to an alias and move it",
        "/{index}/_shrink": _ONE_SHARD,
        "/{index}/_shrink/{target}": _ONE_SHARD,
        "/{index}/_split": _ONE_SHARD,
        "/{index}/_split/{target}": _ONE_SHARD,
        "/{index}/_termvectors": "use _analyze or _explain",
        "/{index}/_termvectors/{id}": "use _analyze or _explain",
    }
)
"""The paths, and what to do instead or why there is nothing to do."""


def refused_routes() -> Iterator[Route]:
    """Return the routes that say so, whatever the method."""
    for path, why in REFUSED.items():
        api = "/".join(part for part in path.split("/") if part and "{" not in part)
        for method in METHODS:
            yield Route(method, path, ACTION, partial(_refuse, api, why), takes_body=True, ndjson=True, refused=True)


async def _refuse(api: str, why: str, _request: Request) -> Json:
    raise UsageError(f"[{api}] is not supported: {why}")
