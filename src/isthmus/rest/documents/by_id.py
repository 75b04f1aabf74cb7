"""Single documents: index, create, get, exists, `_source`, delete, update.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs.html
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec

from isthmus.errors import UsageError
from isthmus.index.ledger.operation import Refused, VersionType, Written
from isthmus.index.writing.item import Answered, Item, ItemType
from isthmus.query.mistakes import ValidationError
from isthmus.query.source_filter import SourceFilter
from isthmus.rest.answers import Json
from isthmus.rest.documents.identifiers import check_id, new_id
from isthmus.rest.documents.refused import RefusedWriteError
from isthmus.rest.documents.service import DocumentService, Found, refresh_policy
from isthmus.rest.documents.source import PARAMETERS, source_filter, source_json, updates_source_filter
from isthmus.rest.indices.body import BodyError
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request

WRITE_PARAMETERS = (
    "if_primary_term",
    "if_seq_no",
    "include_source_on_error",
    "pipeline",
    "refresh",
    "require_alias",
    "require_data_stream",
    "routing",
    "timeout",
    "version",
    "version_type",
    "wait_for_active_shards",
)
INDEX_PARAMETERS = (*WRITE_PARAMETERS, "op_type")
DELETE_PARAMETERS = tuple(name for name in WRITE_PARAMETERS if name not in ("pipeline", "include_source_on_error"))
UPDATE_PARAMETERS = (
    *(name for name in WRITE_PARAMETERS if name not in ("pipeline", "version", "version_type")),
    "_source",
    "_source_excludes",
    "_source_includes",
    "lang",
    "retry_on_conflict",
)
GET_PARAMETERS = (
    "_source",
    "_source_excludes",
    "_source_includes",
    "preference",
    "realtime",
    "refresh",
    "routing",
    "stored_fields",
    "version",
    "version_type",
)
SOURCE_PARAMETERS = tuple(name for name in GET_PARAMETERS if name != "stored_fields")
_VERSION_TYPES: dict[str, VersionType] = {
    "internal": "internal",
    "external": "external",
    "external_gt": "external",
    "external_gte": "external_gte",
}


async def index_document(documents: DocumentService, request: Request) -> Json:
    """`PUT|POST /{index}/_doc/{id}` and `POST /{index}/_doc`."""
    op_type: ItemType = "create" if request.parameters.choice("op_type", ("index", "create")) == "create" else "index"
    return await _write(documents, request, op_type)


async def create_document(documents: DocumentService, request: Request) -> Json:
    """`PUT|POST /{index}/_create/{id}`."""
    return await _write(documents, request, "create")


async def delete_document(documents: DocumentService, request: Request) -> Json:
    """`DELETE /{index}/_doc/{id}`; 404 if there is no such document."""
    item = _item(request, "delete", check_id(request.variables["id"]))
    index, answered = await documents.write_one(request.variables["index"], item, _policy(request), request.parameters)
    return _written(index, answered, item.routing)


async def update_document(documents: DocumentService, request: Request) -> Json:
    """`POST /{index}/_update/{id}`."""
    parameters = request.parameters
    shown = _shown_of_update(request)
    item = msgspec.structs.replace(
        _item(request, "update", check_id(request.variables["id"])),
        retry_on_conflict=parameters.number("retry_on_conflict", 0),
        source_wanted=shown.enabled,
    )
    index, answered = await documents.write_one(request.variables["index"], item, _policy(request), parameters)
    answer = _written(index, answered, item.routing)
    if shown.enabled and answered.source is not None and isinstance(answered.outcome, Written):
        written = answered.outcome
        answer.value["get"] = {
            "_seq_no": written.seq_no,
            "_primary_term": written.primary_term,
            "found": True,
            "_source": source_json(answered.source, shown),
        }
    return answer


def _shown_of_update(request: Request) -> SourceFilter:
    """The path's parameters count before what the body says."""
    said = source_filter(request.parameters, default=False)
    if any(name in request.parameters for name in PARAMETERS):
        return said
    return updates_source_filter(request.body) or said


async def get_document(documents: DocumentService, request: Request) -> Json:
    """`GET /{index}/_doc/{id}`; 404 with `found: false` if there is none."""
    stored_fields = request.parameters.texts("stored_fields")
    if stored_fields and stored_fields != ["_none_"]:
        raise UsageError("[stored_fields] is not supported: no field is stored apart from the source")
    found = await _get(documents, request)
    if found.document is None:
        return Json({"_index": found.index, "_id": request.variables["id"], "found": False}, 404)
    shown = source_filter(request.parameters, default=not stored_fields)
    return Json(found.body(shown))


async def get_source(documents: DocumentService, request: Request) -> Json:
    """`GET /{index}/_source/{id}`: the document alone."""
    found = await _get(documents, request)
    if found.document is None:
        raise SourceNotFoundError(f"Document not found [{found.index}]/[{request.variables['id']}]")
    return Json(source_json(found.document.source, source_filter(request.parameters, default=True)))


class SourceNotFoundError(UsageError):
    """There is no document whose source could be shown."""

    type = "resource_not_found_exception"
    status = 404


async def _write(documents: DocumentService, request: Request, kind: ItemType) -> Json:
    given = request.variables.get("id")
    item = _item(request, "create", new_id()) if given is None else _item(request, kind, check_id(given))
    if not item.source.strip():
        raise BodyError("request body is required")
    index, answered = await documents.write_one(request.variables["index"], item, _policy(request), request.parameters)
    return _written(index, answered, item.routing)


def _item(request: Request, kind: ItemType, id: str) -> Item:  # noqa: A002 - the field's own name
    parameters = request.parameters
    version = parameters.text("version")
    type_given = parameters.text("version_type") or "internal"
    if type_given not in _VERSION_TYPES:
        raise UsageError(f"No version type match [{type_given[:50]}]")
    if kind == "update" and ("if_seq_no" in parameters) != ("if_primary_term" in parameters):
        raise ValidationError("Validation Failed: 1: ifSeqNo and ifPrimaryTerm must be set together;")
    return Item(
        kind=kind,
        id=id,
        source=request.body,
        routing=parameters.text("routing"),
        if_seq_no=parameters.optional_number("if_seq_no"),
        if_primary_term=parameters.optional_number("if_primary_term"),
        version=None if version is None else parameters.number("version", 0),
        version_type=_VERSION_TYPES[type_given],
    )


def _policy(request: Request) -> Any:
    return refresh_policy(request.parameters)


def _written(index: str, answered: Answered, routing: str | None) -> Json:
    outcome = answered.outcome
    if isinstance(outcome, Refused):
        raise RefusedWriteError(index, outcome)
    status = {"created": 201, "not_found": 404}.get(outcome.result, 200)
    location = _location(index, outcome.id, routing) if status == HTTPStatus.CREATED else None
    return Json(written_body(index, answered, outcome), status, location)


def _location(index: str, id: str, routing: str | None) -> str:  # noqa: A002 - the field's own name
    path = f"/{quote(index, safe='')}/_doc/{quote(id, safe='')}"
    return path if routing is None else f"{path}?routing={quote(routing, safe='')}"


def written_body(index: str, answered: Answered, written: Written) -> dict[str, Any]:
    """Return what is told of a write that was made, alone or in a bulk request."""
    shards = {"total": 0, "successful": 0, "failed": 0} if written.result == "noop" else dict(_ONE_SHARD)
    body: dict[str, Any] = {
        "_index": index,
        "_id": written.id,
        "_version": written.version,
        "result": written.result,
        "_shards": shards,
        "_seq_no": written.seq_no,
        "_primary_term": written.primary_term,
    }
    return body | {"forced_refresh": True} if answered.forced_refresh else body


_ONE_SHARD = {"total": 1, "successful": 1, "failed": 0}


async def _get(documents: DocumentService, request: Request) -> Found:
    parameters: Parameters = request.parameters
    realtime = parameters.text("realtime") is None or parameters.boolean("realtime")
    found = await documents.get(
        request.variables["index"],
        check_id(request.variables["id"]),
        routing=parameters.text("routing"),
        realtime=realtime,
        refresh=parameters.boolean("refresh"),
    )
    found.check_version(parameters.optional_number("version"))
    return found
