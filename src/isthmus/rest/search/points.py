"""`_pit`: points in time are opened and closed.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/point-in-time-api.html
"""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.query.json_object import JsonObject
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS as INDICES_PARAMETERS
from isthmus.rest.index_options import options
from isthmus.rest.routing import Request
from isthmus.rest.search.keeping import keep_alive
from isthmus.search.parsing import json_of
from isthmus.search.service import SearchService

OPEN_PARAMETERS = (
    *INDICES_PARAMETERS,
    *("allow_partial_search_results", "keep_alive", "max_concurrent_shard_requests", "preference", "routing"),
)


async def open_point_in_time(service: SearchService, request: Request) -> Json:
    """`POST /{index}/_pit`."""
    parameters = request.parameters
    if request.body:
        raise UsageError("[index_filter] of a point in time is not supported", hint="filter in the searches")
    if parameters.boolean("allow_partial_search_results"):
        raise UsageError("[allow_partial_search_results] of a point in time is not supported: it is of all or none")
    seconds = keep_alive(parameters, "keep_alive")
    chosen = options(parameters)
    return Json(await service.open_point_in_time(request.variables["index"], chosen, seconds))


async def close_point_in_time(service: SearchService, request: Request) -> Json:
    """`DELETE /_pit`; 404 if there was none."""
    body = JsonObject(json_of(request.body), "close_point_in_time")
    id_ = body.required_text("id")
    body.end()
    freed = await service.close_point_in_time(id_)
    return Json({"succeeded": True, "num_freed": freed}, 200 if freed else 404)
