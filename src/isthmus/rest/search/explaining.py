"""`_explain/{id}`: why a document matches a query, or that it does not.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-explain.html
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.query.mistakes import ValidationError
from isthmus.query.overlay import SOURCE, WITH_Q
from isthmus.rest.answers import Json
from isthmus.rest.documents.source import source_filter, source_json
from isthmus.rest.routing import Request
from isthmus.rest.search.counting import query_alone
from isthmus.search.call import SearchCall
from isthmus.search.service import SearchService

PARAMETERS: Final = (*SOURCE, *WITH_Q, "preference", "q", "routing")
_WITH_NUMBERS: Final = {"seq_no_primary_term": True}
_NO_MATCH: Final = {"value": 0.0, "description": "no matching clause", "details": []}


async def explain(service: SearchService, request: Request) -> Json:
    """`GET|POST /{index}/_explain/{id}`; 404 if there is no such document."""
    index, id_ = request.variables["index"], request.variables["id"]
    body = query_alone(request.body, "explain")
    given = request.parameters.given()
    parameters = {name: given[name] for name in (*WITH_Q, "q") if name in given}
    if not body and "q" not in parameters:
        raise ValidationError("Validation Failed: 1: query is missing;")
    only = {"post_filter": {"ids": {"values": [id_]}}, "size": 1}
    # Without its own query the document tells whether it is there at all.
    there = await _hits(service, index, {"query": {"ids": {"values": [id_]}}, "size": 1, **_WITH_NUMBERS}, {})
    if not there:
        return Json({"_index": index, "_id": id_, "matched": False}, 404)
    found = await _hits(service, index, body | only | {"explain": True}, parameters)
    told: dict[str, Any] = {"_index": there[0]["_index"], "_id": id_, "matched": bool(found)}
    told["explanation"] = found[0]["_explanation"] if found else _NO_MATCH
    return Json(told | _got(request, there[0]))


async def _hits(
    service: SearchService, index: str, body: dict[str, Any], parameters: dict[str, str]
) -> list[dict[str, Any]]:
    call = SearchCall(indices=index, body=msgspec.json.encode(body), parameters=parameters, allow_partial=False)
    hits: list[dict[str, Any]] = (await service.search(call))["hits"]["hits"]
    return hits


def _got(request: Request, hit: dict[str, Any]) -> dict[str, Any]:
    shown = source_filter(request.parameters, default=False)
    if not shown.enabled:
        return {}
    numbers = {name: hit[name] for name in ("_seq_no", "_primary_term")}
    return {"get": {**numbers, "found": True, "_source": source_json(bytes(hit["_source"]), shown)}}
