"""`_async_search`: submit, get, status, delete.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/async-search.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final, Literal

import msgspec

from isthmus.rest.answers import Json
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request, Route
from isthmus.rest.search import call
from isthmus.rest.search.keeping import keep_alive
from isthmus.search.asynchronous import MAX_WAIT, AsyncSearches
from isthmus.search.contexts import MAX_KEEP_ALIVE
from isthmus.search.messages import AskAsync, Rendered

ACTION: Final = "indices:data/read/async_search"
SUBMIT_PARAMETERS: Final = (*call.PARAMETERS, "keep_alive", "keep_on_completion", "wait_for_completion_timeout")
GET_PARAMETERS: Final = ("keep_alive", "wait_for_completion_timeout")


def async_search_routes(searches: AsyncSearches) -> Iterator[Route]:
    """Return the routes of asynchronous searches."""
    for path in ("/_async_search", "/{index}/_async_search"):
        submitting = partial(submit, searches)
        yield Route("POST", path, f"{ACTION}/submit", submitting, SUBMIT_PARAMETERS, takes_body=True)
    yield Route(
        "GET", "/_async_search/status/{id}", f"{ACTION}/status", partial(_asked, searches, "status"), ("keep_alive",)
    )
    yield Route("GET", "/_async_search/{id}", f"{ACTION}/get", partial(_asked, searches, "get"), GET_PARAMETERS)
    yield Route("DELETE", "/_async_search/{id}", f"{ACTION}/delete", partial(_asked, searches, "delete"))


async def submit(searches: AsyncSearches, request: Request) -> Json:
    """`POST /_async_search` and `/{index}/_async_search`."""
    parameters = request.parameters
    kept = keep_alive(parameters, "keep_alive", MAX_KEEP_ALIVE)
    wait = parameters.seconds("wait_for_completion_timeout", 1.0, MAX_WAIT)
    keep = parameters.boolean("keep_on_completion")
    return _json(await searches.submit(call.search_call(request), wait, kept, keep=keep))


async def _asked(searches: AsyncSearches, what: Literal["get", "status", "delete"], request: Request) -> Json:
    parameters: Parameters = request.parameters
    asked = AskAsync(
        id="",
        what=what,
        wait=parameters.seconds("wait_for_completion_timeout", 0.0, MAX_WAIT),
        keep_alive=keep_alive(parameters, "keep_alive") if "keep_alive" in parameters else None,
    )
    return _json(await searches.ask(request.variables["id"], asked))


def _json(rendered: Rendered) -> Json:
    return Json(msgspec.Raw(rendered.body), rendered.status)
