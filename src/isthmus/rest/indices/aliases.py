"""Aliases over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-aliases.html
"""

from __future__ import annotations

from typing import Any

from isthmus.cluster.indices.creation import Indices
from isthmus.errors import UsageError
from isthmus.index.metadata.aliases import shown
from isthmus.index.metadata.errors import AliasesNotFoundError
from isthmus.index.metadata.expressions import matches
from isthmus.rest.answers import Json, Text
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.indices.body import json_body
from isthmus.rest.indices.changing import TIMEOUTS, within
from isthmus.rest.routing import Request
from isthmus.security.acting import acting

GET_PARAMETERS = (*PARAMETERS, "local", "master_timeout")
CHANGE_PARAMETERS = TIMEOUTS


async def update(indices: Indices, request: Request) -> Json:
    """`POST /_aliases`: all actions, or none."""
    await within(request.parameters, indices.update_aliases(json_body(request.body)))
    return Json({"acknowledged": True, "errors": False})


async def put(indices: Indices, request: Request) -> Json:
    """`PUT /{index}/_alias/{name}`."""
    given = json_body(request.body, default={})
    if not isinstance(given, dict):
        raise UsageError("the request's body is no object")
    named = [key for key in ("alias", "aliases", "index", "indices", "must_exist") if key in given]
    if named:
        raise UsageError(f"[{named[0]}] is not for the body: the path names the index and the alias")
    action = {**given, "index": request.variables["index"], "alias": request.variables["name"]}
    await within(request.parameters, indices.update_aliases({"actions": [{"add": action}]}))
    return Json({"acknowledged": True, "errors": False})


async def delete(indices: Indices, request: Request) -> Json:
    """`DELETE /{index}/_alias/{name}`; 404 if there is none of this name."""
    names = [one for one in request.variables["name"].split(",") if one]
    found = _found(indices, request, names)
    if not any(aliases for aliases in found.values()):
        raise AliasesNotFoundError(f"aliases [{', '.join(names)}] missing")
    action = {"index": request.variables["index"], "aliases": names}
    await within(request.parameters, indices.update_aliases({"actions": [{"remove": action}]}))
    return Json({"acknowledged": True, "errors": False})


async def get(indices: Indices, request: Request) -> Json:
    """`GET /{index}/_alias/{name}`; 404, with what there is, if a name is none."""
    names = [one for one in request.variables.get("name", "").split(",") if one]
    found = _found(indices, request, names)
    missing = [
        name for name in names if "*" not in name and name != "_all" and not any(name in own for own in found.values())
    ]
    told: dict[str, Any] = {index: {"aliases": aliases} for index, aliases in found.items() if aliases or not names}
    if missing:
        plural = "es" if len(missing) > 1 else ""
        return Json({"error": f"alias{plural} [{','.join(missing)}] missing", "status": 404, **told}, 404)
    return Json(told)


async def exists(indices: Indices, request: Request) -> Text:
    """`HEAD /{index}/_alias/{name}`."""
    answer = await get(indices, request)
    return Text("", 200 if answer.status == 200 and answer.value else 404)


def _found(indices: Indices, request: Request, names: list[str]) -> dict[str, dict[str, Any]]:
    expression = request.variables.get("index", "_all")
    resolved = indices.catalogue.resolve(expression, options(request.parameters))
    return {
        one.index.name: {
            name: shown(alias)
            for name, alias in sorted(one.index.aliases.items())
            if acting().sees(name)
            and (not names or any(pattern == "_all" or matches(pattern, name) for pattern in names))
        }
        for one in resolved
    }
