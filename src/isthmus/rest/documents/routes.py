"""The routes of documents."""

from __future__ import annotations

from functools import partial

from isthmus.rest.documents import bulk, by_id, mget
from isthmus.rest.documents.service import DocumentService
from isthmus.rest.routing import Route

_WRITE = "indices:data/write"
_READ = "indices:data/read"


def document_routes(documents: DocumentService) -> tuple[Route, ...]:
    """Return the routes by which documents are written and read."""
    index = partial(by_id.index_document, documents)
    create = partial(by_id.create_document, documents)
    known = by_id.INDEX_PARAMETERS
    read = by_id.GET_PARAMETERS
    source = partial(by_id.get_source, documents)
    many = partial(mget.mget, documents)
    bulks = partial(bulk.bulk, documents)
    return (
        *(
            Route(method, "/{index}/_doc/{id}", f"{_WRITE}/index", index, known, takes_body=True)
            for method in ("PUT", "POST")
        ),
        Route("POST", "/{index}/_doc", f"{_WRITE}/index", index, known, takes_body=True),
        *(
            Route(method, "/{index}/_create/{id}", f"{_WRITE}/index", create, known, takes_body=True)
            for method in ("PUT", "POST")
        ),
        Route("GET", "/{index}/_doc/{id}", f"{_READ}/get", partial(by_id.get_document, documents), read),
        Route(
            "GET",
            "/{index}/_source/{id}",
            f"{_READ}/get",
            partial(by_id.get_source, documents),
            by_id.SOURCE_PARAMETERS,
        ),
        Route(
            "DELETE",
            "/{index}/_doc/{id}",
            f"{_WRITE}/delete",
            partial(by_id.delete_document, documents),
            by_id.DELETE_PARAMETERS,
        ),
        Route(
            "POST",
            "/{index}/_update/{id}",
            f"{_WRITE}/update",
            partial(by_id.update_document, documents),
            by_id.UPDATE_PARAMETERS,
            takes_body=True,
        ),
        *(
            Route(method, path, f"{_READ}/mget", many, mget.PARAMETERS, takes_body=True)
            for method in ("GET", "POST")
            for path in ("/_mget", "/{index}/_mget")
        ),
        *(
            Route(method, path, f"{_WRITE}/bulk", bulks, bulk.PARAMETERS, takes_body=True, lines=True)
            for method in ("PUT", "POST")
            for path in ("/_bulk", "/{index}/_bulk")
        ),
    )
