"""`_msearch`: several searches in one request, each answered in its place.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-multi-search.html
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any, Final

from isthmus.errors import IsthmusError, UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ValidationError
from isthmus.rest.answers import Json
from isthmus.rest.errors import error_body
from isthmus.rest.index_options import PARAMETERS as INDICES_PARAMETERS
from isthmus.rest.index_options import options
from isthmus.rest.indices.body import BodyError
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request
from isthmus.rest.search.call import HINTS, check_search_type
from isthmus.search.call import SearchCall
from isthmus.search.parsing import json_of
from isthmus.search.service import SearchService
from isthmus.security.acting import doing

PARAMETERS: Final = (
    *INDICES_PARAMETERS,
    *HINTS,
    *("max_concurrent_searches", "rest_total_hits_as_int", "search_type", "typed_keys"),
)
SEARCH: Final = "indices:data/read/search"
MAX_SEARCHES: Final = 10_000
CONCURRENT: Final = 8
_IGNORED: Final = (*HINTS, "ignore_throttled")
_HEADER: Final = ("allow_no_indices", "expand_wildcards", "ignore_unavailable")


async def multi_search(service: SearchService, request: Request) -> Json:
    """`GET|POST /_msearch` and `/{index}/_msearch`; one that is wrong by itself refuses them all."""
    began = time.monotonic()
    calls = searches(request)
    for call in calls:
        service.check_call(call)
    at_once = asyncio.Semaphore(_concurrent(request.parameters))

    async def one(call: SearchCall) -> dict[str, Any]:
        async with at_once:
            try:
                with doing(SEARCH):
                    return await service.search(call) | {"status": 200}
            except IsthmusError as error:
                return error_body(error)

    answers = await asyncio.gather(*map(one, calls))
    return Json({"took": int((time.monotonic() - began) * 1000), "responses": answers})


def searches(request: Request) -> list[SearchCall]:
    """Return the searches of the lines of a body. Raises UsageError, which refuses the whole request."""
    check_search_type(request.parameters.text("search_type"))
    if not request.body.strip():
        raise BodyError("request body is required")
    if not request.body.endswith(b"\n"):
        raise UsageError("The msearch request must be terminated by a newline [\\n]")
    lines = request.body[:-1].split(b"\n")
    if len(lines) > 2 * MAX_SEARCHES:
        raise UsageError(f"a request has at most {MAX_SEARCHES} searches")
    if len(lines) % 2:
        raise ValidationError("Validation Failed: 1: no requests added;" if len(lines) < 2 else _unpaired(len(lines)))
    return [_search(request, lines[at], lines[at + 1]) for at in range(0, len(lines), 2)]


def _unpaired(line: int) -> str:
    return f"Validation Failed: 1: the header of line [{line}] has no body;"


def _search(request: Request, header: bytes, body: bytes) -> SearchCall:
    parameters = request.parameters
    said = JsonObject(json_of(header) or {}, "multi search header")
    names = said.texts("index") or said.texts("indices")
    check_search_type(said.text("search_type"))
    merged = dict(parameters.given()) | _states(said)
    for name in _IGNORED:
        said.json(name)
    call = SearchCall(
        indices=",".join(names) or request.variables.get("index"),
        options=options(Parameters(merged)),
        body=body,
        typed_keys=parameters.boolean("typed_keys"),
        total_as_int=parameters.boolean("rest_total_hits_as_int"),
    )
    if "allow_partial_search_results" in said:
        call = replace(call, allow_partial=said.boolean("allow_partial_search_results", default=True))
    unknown = said.unread()
    if unknown:
        raise UsageError(f"key [{unknown[0][:100]}] is not supported in the metadata section")
    return call


def _states(said: JsonObject) -> dict[str, str]:
    """What a header says of names, as parameters say it."""
    given = {name: said.json(name) for name in _HEADER if name in said}
    return {name: ",".join(value) if isinstance(value, list) else str(value).lower() for name, value in given.items()}


def _concurrent(parameters: Parameters) -> int:
    number = parameters.number("max_concurrent_searches", CONCURRENT)
    if number < 1:
        raise UsageError("maxConcurrentSearchRequests must be positive")
    return min(number, 64)
