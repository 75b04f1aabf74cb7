"""`_validate/query`: whether a query could be searched, and what becomes of it.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-validate.html
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.query.overlay import WITH_Q
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS as INDICES_PARAMETERS
from isthmus.rest.index_options import options
from isthmus.rest.routing import Request
from isthmus.rest.search.counting import query_alone
from isthmus.search.call import SearchCall
from isthmus.search.failures import SearchPhaseError
from isthmus.search.service import SearchService
from isthmus.security.authorization.denial import AuthorizationError

PARAMETERS: Final = (*INDICES_PARAMETERS, *WITH_Q, "all_shards", "explain", "q", "rewrite")


async def validate_query(service: SearchService, request: Request) -> Json:
    """`GET|POST /_validate/query` and `/{index}/_validate/query`."""
    given = request.parameters.given()
    explain = request.parameters.boolean("explain")
    refuse_rewrite(request.parameters.text("rewrite"))
    try:
        call = SearchCall(
            indices=request.variables.get("index"),
            options=options(request.parameters),
            body=msgspec.json.encode(query_alone(request.body, "validate") | {"size": 0, "profile": True}),
            parameters={name: given[name] for name in (*WITH_Q, "q") if name in given},
            validates=True,
        )
        answer = await service.search(call)
    except (IndexNotFoundError, AuthorizationError):
        raise
    except SearchPhaseError as error:
        failures = [_failed(one.index, one.reason) for one in error.failures]
        return Json(_told(failures, len(failures), explain=explain))
    except IsthmusError as error:
        return Json({"valid": False} | ({"error": f"{error.type}: {error.reason}"} if explain else {}))
    failures = [_failed(one["index"], one["reason"]["reason"]) for one in answer["_shards"].get("failures", ())]
    explanations = failures + [_right(one) for one in answer["profile"]["shards"]]
    return Json(_told(explanations, answer["_shards"]["total"], explain=explain))


def _told(explanations: list[dict[str, Any]], indices: int, *, explain: bool) -> dict[str, Any]:
    shown = min(indices, 1)
    told: dict[str, Any] = {
        "_shards": {"total": shown, "successful": shown, "failed": 0},
        "valid": all(one["valid"] for one in explanations),
    }
    return told | {"explanations": explanations} if explain else told


def _failed(index: str, reason: str) -> dict[str, Any]:
    return {"index": index, "valid": False, "error": reason}


def _right(profile: dict[str, Any]) -> dict[str, Any]:
    (search,) = profile["searches"]
    return {"index": profile["index"], "valid": True, "explanation": search["query"][0]["description"]}


def refuse_rewrite(given: str | None) -> None:
    """Raise UsageError for `rewrite`: what is shown is what a query becomes at once."""
    if given is not None:
        raise UsageError("[rewrite] of a validated query is not supported", hint="ask for [explain]")
