"""`_delete_by_query`, `_update_by_query` and `_reindex`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-delete-by-query.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.writing.item import Item
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ValidationError
from isthmus.query.overlay import WITH_Q
from isthmus.query.partial import Hit
from isthmus.rest.active_copies import check_copies
from isthmus.rest.answers import Json
from isthmus.rest.documents.service import Names, refuse_pipeline
from isthmus.rest.index_options import PARAMETERS as INDICES_PARAMETERS
from isthmus.rest.index_options import options
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request
from isthmus.search.by_query import ByQuery, Rules, Turned, deleted, written_again
from isthmus.search.parsing import json_of
from isthmus.search.reindexing import MAX_BATCH, check_apart, parse_reindex
from isthmus.search.service import SearchService
from isthmus.search.walk import Walk
from isthmus.security.acting import check_seen, doing
from isthmus.security.limited import check_written_again

_READ: Final = "indices:data/read/search"
_WRITE: Final = "indices:data/write/index:op_type/index"
_RUN: Final = ("requests_per_second", "slices", "timeout", "wait_for_active_shards", "wait_for_completion")
_HINTS: Final = ("preference", "request_cache", "routing", "scroll", "search_timeout")
LACKS: Final = "scripts, pipelines, slices, throttling, `wait_for_completion=false`"
DELETE_PARAMETERS: Final = (
    *INDICES_PARAMETERS,
    *_RUN,
    *_HINTS,
    *WITH_Q,
    *("conflicts", "max_docs", "q", "refresh", "scroll_size"),
)
UPDATE_PARAMETERS: Final = (*DELETE_PARAMETERS, "pipeline")
REINDEX_PARAMETERS: Final = (*_RUN, "max_docs", "refresh", "require_alias", "scroll")


async def delete_by_query(by_query: ByQuery, request: Request) -> Json:
    """`POST /{index}/_delete_by_query`."""
    if "q" not in request.parameters and _has_no_query(json_of(request.body)):
        raise ValidationError("Validation Failed: 1: query is missing;")
    return await _run(by_query, request, deleted, "deleted")


async def update_by_query(by_query: ByQuery, request: Request) -> Json:
    """`POST /{index}/_update_by_query`, without a script."""
    refuse_pipeline(request.parameters.text("pipeline"))
    return await _run(by_query, request, written_again, "updated", "deleted")


async def reindex(by_query: ByQuery, service: SearchService, names: Names, request: Request) -> Json:
    """`POST /_reindex`, from indices of this cluster."""
    parameters = request.parameters
    _check_run(parameters)
    walk, destination, max_docs, conflicts = parse_reindex(json_of(request.body))
    with doing(_READ):
        source = [one.index for one in service.resolve(walk.indices, walk.options)]
    with doing(_WRITE):
        aliased = [
            one.index.name for one in service.resolve(destination.index, replace(walk.options, ignore_unavailable=True))
        ]
        check_apart(source, destination.index, aliased)
        index = await names.write_index(destination.index, require_alias=parameters.boolean("require_alias"))

    def copied(hit: Hit, _: IndexMetadata) -> tuple[IndexMetadata, Item]:
        return index, destination.item(hit)

    rules = Rules(
        max_docs=max_docs if max_docs is not None else _max_docs(parameters),
        abort_on_conflict=conflicts == "abort",
        refresh=parameters.boolean("refresh"),
    )
    with doing(_READ):
        tally = await by_query.run(walk, copied, rules)
    return Json(tally.body("updated", "created", "deleted"), tally.status)


async def _run(by_query: ByQuery, request: Request, turned: Turned, *kinds: str) -> Json:
    parameters = request.parameters
    _check_run(parameters)
    said = JsonObject(json_of(request.body) or {}, "by query")
    said.refuse("script", "slice", "sort")
    query: Any = said.json("query")
    max_docs = said.integer("max_docs", 0, minimum=1) if "max_docs" in said else _max_docs(parameters)
    conflicts = said.text("conflicts") or parameters.text("conflicts") or "abort"
    said.end()
    if conflicts not in ("abort", "proceed"):
        raise UsageError(f'conflicts may only be "proceed" or "abort" but was [{conflicts[:50]}]')
    walk = Walk(
        indices=request.variables["index"],
        options=options(parameters),
        query=query,
        batch=_batch(parameters),
        parameters=_of_search(parameters),
    )
    rules = Rules(max_docs=max_docs, abort_on_conflict=conflicts == "abort", refresh=parameters.boolean("refresh"))
    with doing(_READ):
        found = by_query.names_of(walk)
        if turned is written_again:
            check_written_again(found)
    check_seen(name for names in found for name in names)
    with doing(_READ):
        tally = await by_query.run(walk, turned, rules)
    return Json(tally.body(*kinds), tally.status)


def _has_no_query(body: object) -> bool:
    """What is to be deleted is always said: a body that says nothing means nothing, not everything."""
    return not body or (isinstance(body, dict) and body.get("query") is None)


def _check_run(parameters: Parameters) -> None:
    """A request is done when it is answered, by itself, as fast as it goes."""
    check_copies(parameters)
    if "wait_for_completion" in parameters and not parameters.boolean("wait_for_completion"):
        raise UsageError("[wait_for_completion] of [false] is not supported", hint="there are no tasks to wait for")
    if parameters.text("slices") not in (None, "1", "auto"):
        raise UsageError("[slices] of more than one is not supported", hint="an index is one shard")
    if parameters.text("requests_per_second") not in (None, "-1", "-1.0"):
        raise UsageError("[requests_per_second] is not supported", hint="leave it out, or set [max_docs]")


def _of_search(parameters: Parameters) -> dict[str, str]:
    """A search that takes longer than `search_timeout` ends the request."""
    said = {name: value for name, value in parameters.given().items() if name in (*WITH_Q, "q")}
    limit = parameters.text("search_timeout")
    return said if limit is None else said | {"timeout": limit}


def _max_docs(parameters: Parameters) -> int | None:
    number = parameters.optional_number("max_docs")
    if number is not None and number < 1:
        raise UsageError(f"[max_docs] parameter must be greater than or equal to 1, found [{number}]")
    return number


def _batch(parameters: Parameters) -> int:
    number = parameters.number("scroll_size", 1000)
    if not 1 <= number <= MAX_BATCH:
        raise UsageError(f"[scroll_size] is from 1 to {MAX_BATCH}, not [{number}]")
    return number
