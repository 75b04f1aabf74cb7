"""The routes by which documents are written by a query."""

from __future__ import annotations

from functools import partial

from isthmus.rest.answers import Json
from isthmus.rest.documents.service import Names
from isthmus.rest.routing import Request, Route
from isthmus.rest.search import by_query as handlers
from isthmus.search.by_query import ByQuery
from isthmus.search.service import SearchService


def by_query_routes(by_query: ByQuery, service: SearchService, names: Names) -> tuple[Route, ...]:
    """Return the routes; `names` tells, or makes, the index that is written to."""

    async def reindex(request: Request) -> Json:
        return await handlers.reindex(by_query, service, names, request)

    return (
        Route(
            "POST",
            "/{index}/_delete_by_query",
            "indices:data/write/delete/byquery",
            partial(handlers.delete_by_query, by_query),
            handlers.DELETE_PARAMETERS,
            takes_body=True,
            lacks=handlers.LACKS,
        ),
        Route(
            "POST",
            "/{index}/_update_by_query",
            "indices:data/write/update/byquery",
            partial(handlers.update_by_query, by_query),
            handlers.UPDATE_PARAMETERS,
            takes_body=True,
            lacks=handlers.LACKS,
        ),
        Route(
            "POST",
            "/_reindex",
            "indices:data/write/reindex",
            reindex,
            handlers.REINDEX_PARAMETERS,
            takes_body=True,
            lacks=f"{handlers.LACKS}, `source.remote`",
        ),
    )
