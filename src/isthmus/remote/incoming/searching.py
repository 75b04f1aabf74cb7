"""Searches that other clusters ask for: run here, and answered as they take it."""

from __future__ import annotations

import time
from collections.abc import Callable

from isthmus.query.dates import RequestDates
from isthmus.remote.incoming.calls import search_call
from isthmus.remote.incoming.hits import Origin
from isthmus.remote.incoming.responses import search_response
from isthmus.remote.server.actions import RemoteActions
from isthmus.search.service import SearchService
from isthmus.transport.registry import RequestChannel
from isthmus.wire.frames import Buffer
from isthmus.wire.search.requests import SEARCH_REQUEST
from isthmus.wire.search.responses import SEARCH_RESPONSE

SEARCH = "indices:data/read/search"


class IncomingSearches:
    """Serves searches of `searches`; `node` gives the id of this node."""

    def __init__(self, searches: SearchService, node: Callable[[], str]) -> None:
        self._searches = searches
        self._node = node

    def register(self, actions: RemoteActions) -> None:
        """Serve them to other clusters."""
        actions.serve(SEARCH, self._search)

    async def _search(self, body: Buffer, _channel: RequestChannel) -> bytes:
        began = time.monotonic()
        request = SEARCH_REQUEST.decode(body)
        found = await self._searches.found(search_call(request))
        cluster = request["cluster"]
        response = search_response(
            found.request,
            found.result,
            Origin(self._node(), found.uuids, None if cluster is None else cluster["alias"]),
            final=cluster is None or cluster["final_reduce"],
            took=int((time.monotonic() - began) * 1000),
            dates=RequestDates(found.now),
            max_buckets=self._searches.rules().max_buckets,
        )
        return SEARCH_RESPONSE.encode(response)
