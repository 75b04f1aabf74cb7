"""The routes of searches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Final

from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route
from isthmus.rest.search import call, counting, explaining, multi, points, scrolling, validating
from isthmus.rest.search.cat_count import count_routes
from isthmus.rest.search.unsupported import unsupported_routes
from isthmus.search.scrolls import Scrolls
from isthmus.search.service import SearchService

SEARCH: Final = "indices:data/read/search"
VALIDATE: Final = "indices:admin/validate/query"

_Handler = Callable[[Request], Awaitable[Json]]


def search_routes(service: SearchService, scrolls: Scrolls) -> tuple[Route, ...]:
    """Return the routes by which indices are searched."""
    return (
        *_both(
            "_search",
            SEARCH,
            partial(scrolling.search, service, scrolls),
            (*call.PARAMETERS, "scroll"),
            lacks=call.LACKS,
        ),
        *_both("_count", SEARCH, partial(counting.count, service), counting.PARAMETERS),
        *_both(
            "_msearch",
            "indices:data/read/msearch",
            partial(multi.multi_search, service),
            multi.PARAMETERS,
            ndjson=True,
        ),
        *_both(
            "_validate/query",
            VALIDATE,
            partial(validating.validate_query, service),
            validating.PARAMETERS,
            lacks="`rewrite`",
        ),
        *(
            Route(
                method,
                "/{index}/_explain/{id}",
                "indices:data/read/explain",
                partial(explaining.explain, service),
                explaining.PARAMETERS,
                takes_body=True,
            )
            for method in ("GET", "POST")
        ),
        *count_routes(service),
        *unsupported_routes(),
        *_scroll_routes(scrolls),
        *_point_routes(service),
    )


def _both(
    path: str, action: str, handler: _Handler, parameters: tuple[str, ...], *, ndjson: bool = False, lacks: str = ""
) -> Iterator[Route]:
    """A path, and the same below an index; asked by GET and by POST."""
    for method in ("GET", "POST"):
        for full in (f"/{path}", f"/{{index}}/{path}"):
            yield Route(method, full, action, handler, parameters, takes_body=True, ndjson=ndjson, lacks=lacks)


def _scroll_routes(scrolls: Scrolls) -> Iterator[Route]:
    next_page, clear = partial(scrolling.next_page, scrolls), partial(scrolling.clear, scrolls)
    for path in ("/_search/scroll", "/_search/scroll/{scroll_id}"):
        for method in ("GET", "POST"):
            yield Route(method, path, "indices:data/read/scroll", next_page, scrolling.NEXT_PARAMETERS, takes_body=True)
        yield Route(
            "DELETE", path, "indices:data/read/scroll/clear", clear, scrolling.CLEAR_PARAMETERS, takes_body=True
        )


def _point_routes(service: SearchService) -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            "/{index}/_pit",
            "indices:data/read/open_point_in_time",
            partial(points.open_point_in_time, service),
            points.OPEN_PARAMETERS,
            takes_body=True,
        ),
        Route(
            "DELETE",
            "/_pit",
            "indices:data/read/close_point_in_time",
            partial(points.close_point_in_time, service),
            takes_body=True,
        ),
    )
