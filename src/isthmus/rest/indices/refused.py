"""What Elasticsearch does to indices and is not done here: refused by name, with the way that leads further."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from isthmus.errors import UsageError
from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route

_ONE_SHARD = "an index has one shard"
_NO_STREAMS = "there are no data streams"
_NO_LEGACY = "legacy templates are not kept, use [_index_template]"
_NO_CACHES = "there are no caches that requests could clear"
_ANY = ("DELETE", "GET", "POST", "PUT")

TABLE: Final = (
    ("_close", ("POST",), ("/{index}/_close",), "indices are always open"),
    ("_open", ("POST",), ("/{index}/_open",), "indices are always open"),
    ("_shrink", ("POST", "PUT"), ("/{index}/_shrink/{target}",), _ONE_SHARD),
    ("_split", ("POST", "PUT"), ("/{index}/_split/{target}",), _ONE_SHARD),
    ("_clone", ("POST", "PUT"), ("/{index}/_clone/{target}",), "reindex it into another index"),
    ("_rollover", ("POST",), ("/{index}/_rollover", "/{index}/_rollover/{new_index}"), "make an index, move the alias"),
    ("_forcemerge", ("POST",), ("/_forcemerge", "/{index}/_forcemerge"), "segments are merged as they grow"),
    ("_cache/clear", ("POST",), ("/_cache/clear", "/{index}/_cache/clear"), _NO_CACHES),
    ("_template", _ANY, ("/_template/{name}",), _NO_LEGACY),
    ("_template", ("GET",), ("/_template",), _NO_LEGACY),
    ("_data_stream", _ANY, ("/_data_stream/{name}",), _NO_STREAMS),
    ("_data_stream", ("GET",), ("/_data_stream",), _NO_STREAMS),
)


def routes() -> Iterator[Route]:
    """Yield a route for each way to ask for what is refused."""
    for name, methods, paths, why in TABLE:
        for method in methods:
            for path in paths:
                yield Route(method, path, f"indices:admin/{name[1:]}", _refuse(name, why), takes_body=True)


def _refuse(name: str, why: str) -> Callable[[Request], Awaitable[Json]]:
    async def refuse(_request: Request) -> Json:
        raise UsageError(f"[{name}] is not supported: {why}")

    return refuse
