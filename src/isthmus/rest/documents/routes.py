"""The routes of documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from isthmus.rest.answers import Json
from isthmus.rest.documents import bulk, by_id, mget
from isthmus.rest.documents.service import DocumentService
from isthmus.rest.routing import Request, Route

INDEX, DELETE, UPDATE = "indices:data/write/index", "indices:data/write/delete", "indices:data/write/update"
GET, MGET, BULK = "indices:data/read/get", "indices:data/read/mget", "indices:data/write/bulk"

_Handler = Callable[[DocumentService, Request], Awaitable[Json]]


def document_routes(documents: DocumentService) -> tuple[Route, ...]:
    """Return the routes by which documents are written and read."""

    def write(
        method: str, path: str, action: str, handler: _Handler, parameters: tuple[str, ...], lacks: str = "pipelines"
    ) -> Route:
        return Route(method, path, action, partial(handler, documents), parameters, takes_body=True, lacks=lacks)

    return (
        write("POST", "/{index}/_doc", INDEX, by_id.index_document, by_id.INDEX_PARAMETERS),
        *(
            route
            for method in ("PUT", "POST")
            for route in (
                write(method, "/{index}/_doc/{id}", INDEX, by_id.index_document, by_id.INDEX_PARAMETERS),
                write(method, "/{index}/_create/{id}", INDEX, by_id.create_document, by_id.WRITE_PARAMETERS),
            )
        ),
        write("POST", "/{index}/_update/{id}", UPDATE, by_id.update_document, by_id.UPDATE_PARAMETERS, "scripts"),
        Route(
            "DELETE",
            "/{index}/_doc/{id}",
            DELETE,
            partial(by_id.delete_document, documents),
            by_id.DELETE_PARAMETERS,
        ),
        Route("GET", "/{index}/_doc/{id}", GET, partial(by_id.get_document, documents), by_id.GET_PARAMETERS),
        Route("GET", "/{index}/_source/{id}", GET, partial(by_id.get_source, documents), by_id.SOURCE_PARAMETERS),
        *(
            Route(
                method,
                path,
                BULK,
                partial(bulk.bulk, documents),
                bulk.PARAMETERS,
                takes_body=True,
                ndjson=True,
                lacks="scripts, pipelines",
            )
            for method in ("POST", "PUT")
            for path in ("/_bulk", "/{index}/_bulk")
        ),
        *(
            Route(method, path, MGET, partial(mget.mget, documents), mget.PARAMETERS, takes_body=True)
            for method in ("GET", "POST")
            for path in ("/_mget", "/{index}/_mget")
        ),
    )
