"""Searches that another cluster steers index by index (`ccs_minimize_roundtrips=false`): found first, fetched later.

It learns which indices there are and asks each for its best hits; what it then chooses of all clusters' hits it fetches
by their places (es-wire §4.6). An index here is one shard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from isthmus.query.dates import RequestDates
from isthmus.remote.incoming.bodies import body_json
from isthmus.remote.incoming.calls import expression, options
from isthmus.remote.incoming.hits import Origin
from isthmus.remote.incoming.results import Results
from isthmus.remote.incoming.shard_answers import fetched, found_here
from isthmus.remote.server.actions import RemoteActions
from isthmus.search.aggregations.limits import BucketCount
from isthmus.search.call import SearchCall
from isthmus.search.contexts import Contexts, SearchContextMissingError
from isthmus.search.service import Found, SearchService
from isthmus.security.acting import acting, doing
from isthmus.security.subject import Authentication, is_same
from isthmus.transport.registry import RequestChannel
from isthmus.wire.frames import Buffer
from isthmus.wire.layouts import BOOL, NODE, TASK, Layout, UnsupportedError, struct
from isthmus.wire.nodes import DiscoveryNode
from isthmus.wire.search.requests import (
    FETCH_REQUEST,
    FREE_REQUEST,
    QUERY_THEN_FETCH,
    SEARCH_SHARDS_REQUEST,
    SEARCH_SHARDS_RESPONSE,
    SHARD_SEARCH_REQUEST,
)
from isthmus.wire.search.responses import FETCH_RESULT, QUERY_AND_FETCH_RESULT, QUERY_RESULT

SEARCH: Final = "indices:data/read/search"
SEARCH_SHARDS: Final = "indices:admin/search/search_shards"
QUERY: Final = f"{SEARCH}[phase/query]"
FETCH: Final = f"{SEARCH}[phase/fetch/id]"
FREE: Final = (f"{SEARCH}[free_context]", f"{SEARCH}[free_context/scroll]")
PROXIED: Final = "internal:transport/proxy/"
KEEP_ALIVE: Final = 60.0
"""How long hits that were found wait to be fetched (seconds)."""


@dataclass(frozen=True)
class _Waiting:
    """What was found, and for whom."""

    found: Found
    origin: Origin
    who: Authentication


class IncomingShardSearches:
    """Serves such searches by `searches`; `node()` is this node, as other clusters see it."""

    def __init__(self, searches: SearchService, node: Callable[[], DiscoveryNode]) -> None:
        self._searches = searches
        self._node = node
        self._waiting: Contexts[_Waiting] = Contexts(lambda _: None, lambda: searches.rules().max_open_contexts)

    def register(self, actions: RemoteActions) -> None:
        """Serve them to other clusters; a node may be asked through another one."""
        actions.serve(SEARCH_SHARDS, self._search_shards)
        for action, layout, handler in (
            (QUERY, SHARD_SEARCH_REQUEST, self._query),
            (FETCH, FETCH_REQUEST, self._fetch),
            *((free, FREE_REQUEST, self._free) for free in FREE),
        ):
            actions.serve(action, _decoding(layout, handler))
            through = struct(parent=TASK, target=NODE, request=layout)
            actions.serve(f"{PROXIED}{action}", _decoding(through, handler, lambda request: request["request"]))

    def _search_shards(self, body: Buffer, _channel: RequestChannel) -> bytes:
        request = SEARCH_SHARDS_REQUEST.decode(body)
        found = self._searches.readable(expression(request["indices"]), options(request["indices_options"]))
        here = self._node()
        return SEARCH_SHARDS_RESPONSE.encode(
            {
                "groups": [
                    {
                        "shard": {"index": one.index.name, "uuid": one.index.uuid, "shard": 0},
                        "nodes": [here.id],
                        "skipped": False,
                    }
                    for one in found
                ],
                "nodes": [here] if found else [],
                "alias_filters": {one.index.uuid: {"aliases": [], "query": None} for one in found},
            }
        )

    async def _query(self, request: Mapping[str, Any]) -> bytes:
        _check(request)
        with doing(SEARCH):
            found = await self._searches.found(_call(request), only=request["shard"]["index"])
        origin = Origin(self._node().id, found.uuids, request["alias"])
        count = BucketCount(self._searches.rules().max_buckets)
        results = Results(RequestDates(found.now), count, final=False, of_shard=True)
        context = self._waiting.keep(_Waiting(found, origin, acting().authentication), KEEP_ALIVE)
        answer = found_here(request, found, results, context)
        if request["shards"] != 1:
            return QUERY_RESULT.encode(answer)
        first, asked = found.request.from_, found.request.from_ + found.request.size
        places = range(first, min(asked, len(found.result.hits)))
        self._waiting.drop(context)
        return QUERY_AND_FETCH_RESULT.encode({"query": answer, "fetch": fetched(found, origin, list(places), context)})

    async def _fetch(self, request: Mapping[str, Any]) -> bytes:
        context = request["context"]["session"]
        waiting = self._waiting.use(context)
        if not is_same(waiting.who, acting().authentication):
            raise SearchContextMissingError(f"No search context found for id [{context[:50]}]")
        return FETCH_RESULT.encode(fetched(waiting.found, waiting.origin, request["documents"], context))

    async def _free(self, request: Mapping[str, Any]) -> bytes:
        context = request["context"]["session"]
        try:
            is_own = is_same(self._waiting.use(context).who, acting().authentication)
        except SearchContextMissingError:
            is_own = False
        return BOOL.encode(is_own and self._waiting.drop(context))


Decoded = Callable[[Mapping[str, Any]], Any]


def _decoding(
    layout: Layout, handler: Decoded, inner: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda request: request
) -> Callable[[Buffer, RequestChannel], Any]:
    return lambda body, _channel: handler(inner(layout.decode(body)))


def _check(request: Mapping[str, Any]) -> None:
    """Raise UnsupportedError by name for what only whole searches do here."""
    for name in ("scroll", "reader", "keep_alive"):
        if request[name] is not None:
            raise UnsupportedError(f"[{name}] of a search by shards is not supported by this cluster")
    if request["search_type"] != QUERY_THEN_FETCH:
        raise UnsupportedError("[search_type] of [dfs_query_then_fetch] is not supported by this cluster")
    if request["source"] is not None and request["source"]["collapse"] is not None:
        raise UnsupportedError("[collapse] of a search by shards is not supported by this cluster")


def _call(request: Mapping[str, Any]) -> SearchCall:
    original = request["original_indices"]
    return SearchCall(
        indices=expression(original["indices"]),
        options=options(original["options"]),
        body=body_json(request["source"]),
        allow_partial=request["allow_partial"],
    )
