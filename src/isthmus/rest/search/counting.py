"""`_count`: how many documents a query matches.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-count.html
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.query.json_object import JsonObject
from isthmus.query.overlay import WITH_Q
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS as INDICES_PARAMETERS
from isthmus.rest.index_options import options
from isthmus.rest.routing import Request
from isthmus.search.call import SearchCall
from isthmus.search.parsing import json_of
from isthmus.search.service import SearchService

PARAMETERS: Final = (
    *INDICES_PARAMETERS,
    *WITH_Q,
    *("min_score", "preference", "q", "routing", "terminate_after"),
)
_OF_REQUEST: Final = (*WITH_Q, "q", "terminate_after")


async def count(service: SearchService, request: Request) -> Json:
    """`GET|POST /_count` and `/{index}/_count`."""
    body = query_alone(request.body, "count")
    min_score = request.parameters.text("min_score")
    if min_score is not None:
        body["min_score"] = min_score
    given = request.parameters.given()
    call = SearchCall(
        indices=request.variables.get("index"),
        options=options(request.parameters),
        body=msgspec.json.encode(body | {"size": 0, "track_total_hits": True}),
        parameters={name: given[name] for name in _OF_REQUEST if name in given},
    )
    answer = await service.search(call)
    early = {name: answer[name] for name in ("terminated_early",) if name in answer}
    return Json({"count": answer["hits"]["total"]["value"], **early, "_shards": answer["_shards"]})


def query_alone(body: bytes, where: str) -> dict[str, Any]:
    """Return a body that says nothing but a query. Raises UsageError for other keys."""
    said = JsonObject(json_of(body) or {}, where)
    asked = {"query": said.json("query")} if "query" in said else {}
    said.end()
    return asked
