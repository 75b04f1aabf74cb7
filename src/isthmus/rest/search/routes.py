"""The routes of searches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Final

from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route
from isthmus.rest.search import call, points
from isthmus.search.service import SearchService

SEARCH: Final = "indices:data/read/search"

_Handler = Callable[[SearchService, Request], Awaitable[Json]]


def search_routes(service: SearchService) -> tuple[Route, ...]:
    """Return the routes by which indices are searched."""

    def both(path: str, action: str, handler: _Handler, parameters: tuple[str, ...]) -> Iterator[Route]:
        """A path, and the same below an index; asked by GET and by POST."""
        for method in ("GET", "POST"):
            for full in (f"/{path}", f"/{{index}}/{path}"):
                yield Route(method, full, action, partial(handler, service), parameters, takes_body=True)

    return (
        *both("_search", SEARCH, search, call.PARAMETERS),
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


async def search(service: SearchService, request: Request) -> Json:
    """`GET|POST /_search` and `/{index}/_search`."""
    return Json(await service.search(call.search_call(request)))
