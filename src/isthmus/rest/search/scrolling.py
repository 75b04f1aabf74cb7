"""`_search?scroll` and `_search/scroll`: all hits, page by page.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/scroll-api.html
"""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ValidationError
from isthmus.rest.answers import Json
from isthmus.rest.routing import Request
from isthmus.rest.search.call import search_call
from isthmus.rest.search.keeping import keep_alive, keep_alive_of
from isthmus.search.parsing import json_of
from isthmus.search.scrolls import Scrolls
from isthmus.search.service import SearchService
from isthmus.security.acting import acting, doing

NEXT_PARAMETERS = ("rest_total_hits_as_int", "scroll", "scroll_id")
CLEAR_PARAMETERS = ("scroll_id",)
MAX_IDS = 10_000


async def search(service: SearchService, scrolls: Scrolls, request: Request) -> Json:
    """`GET|POST /_search` and `/{index}/_search`."""
    call = search_call(request)
    if "scroll" not in request.parameters:
        return Json(await service.search(call))
    return Json(await scrolls.open(call, keep_alive(request.parameters, "scroll")))


async def next_page(scrolls: Scrolls, request: Request) -> Json:
    """`GET|POST /_search/scroll` and `/_search/scroll/{scroll_id}`."""
    parameters = request.parameters
    body = JsonObject(json_of(request.body) or {}, "search_scroll")
    scroll_id = body.text("scroll_id") or request.variables.get("scroll_id") or parameters.text("scroll_id")
    kept = body.text("scroll") or parameters.text("scroll")
    body.end()
    if not scroll_id:
        raise ValidationError("Validation Failed: 1: scrollId is missing;")
    seconds = None if kept is None else keep_alive_of(kept, "scroll")
    total_as_int = parameters.boolean("rest_total_hits_as_int")
    return Json(await scrolls.next(scroll_id, seconds, total_as_int=total_as_int))


async def clear(scrolls: Scrolls, request: Request) -> Json:
    """`DELETE /_search/scroll` and `/_search/scroll/{scroll_id}`; 404 if there was none."""
    body = JsonObject(json_of(request.body) or {}, "clear_scroll")
    ids = list(body.texts("scroll_id"))
    body.end()
    given = request.variables.get("scroll_id") or request.parameters.text("scroll_id") or ""
    ids = ids or [one for one in given.split(",") if one]
    if not ids:
        raise ValidationError("Validation Failed: 1: no scroll ids specified;")
    if len(ids) > MAX_IDS:
        raise UsageError(f"a request names at most {MAX_IDS} scrolls")
    if ids == ["_all"]:
        with doing("cluster:admin/indices/scroll/clear_all"):  # those of others too
            acting().check()
            freed = await scrolls.clear_all()
    else:
        freed = await scrolls.clear(ids)
    return Json({"succeeded": True, "num_freed": freed}, 200 if freed else 404)
