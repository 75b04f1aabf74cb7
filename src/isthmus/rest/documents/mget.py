"""`_mget`: many documents by their ids.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-multi-get.html
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.query.mistakes import ParsingError, ValidationError
from isthmus.query.source_filter import SourceFilter
from isthmus.rest.answers import Json
from isthmus.rest.documents.document_routing import routing_of
from isthmus.rest.documents.identifiers import check_id
from isthmus.rest.documents.service import DocumentService, Found
from isthmus.rest.documents.source import given_source_filter, source_filter
from isthmus.rest.indices.body import BodyError
from isthmus.rest.routing import Request

PARAMETERS = (
    "_source",
    "_source_excludes",
    "_source_includes",
    "preference",
    "realtime",
    "refresh",
    "routing",
    "stored_fields",
)
MAX_DOCUMENTS = 100_000
_KEYS = ("_id", "_index", "_source", "routing", "stored_fields", "version", "version_type")


class _Asked(msgspec.Struct):
    index: str
    id: str
    shown: SourceFilter
    routing: str | None
    version: int | None


async def mget(documents: DocumentService, request: Request) -> Json:
    """`GET|POST /_mget` and `/{index}/_mget`: each document in the place it was asked for."""
    parameters = request.parameters
    if parameters.text("stored_fields") not in (None, "_none_"):
        raise UsageError("[stored_fields] is not supported: no field is stored apart from the source")
    realtime = parameters.text("realtime") is None or parameters.boolean("realtime")
    asked = _asked(request, source_filter(parameters, default=True))
    names = list(dict.fromkeys(one.index for one in asked))
    indices = {name: _index(documents, name) for name in names}
    if parameters.boolean("refresh"):
        await documents.refresh([index for index in indices.values() if isinstance(index, IndexMetadata)])
    ids = {name: list(dict.fromkeys(one.id for one in asked if one.index == name)) for name in names}
    found = dict(
        zip(
            names,
            await asyncio.gather(
                *(_read(documents, name, indices[name], ids[name], realtime=realtime) for name in names)
            ),
            strict=True,
        )
    )
    return Json({"docs": [_told(one, indices[one.index], found[one.index]) for one in asked]})


def _index(documents: DocumentService, name: str) -> IndexMetadata | IsthmusError:
    try:
        return documents.names.read_index(name)
    except IsthmusError as error:
        return error


async def _read(
    documents: DocumentService, name: str, index: IndexMetadata | IsthmusError, ids: list[str], *, realtime: bool
) -> dict[str, Found] | IsthmusError:
    if isinstance(index, IsthmusError):
        return index
    try:
        found = await documents.documents.get(index, ids, realtime=realtime, names=(name,))
    except IsthmusError as error:
        return error
    return {id_: Found(index.name, document) for id_, document in zip(ids, found, strict=True)}


def _told(one: _Asked, index: IndexMetadata | IsthmusError, found: dict[str, Found] | IsthmusError) -> dict[str, Any]:
    if isinstance(index, IsthmusError):
        return _failed(one, index)
    if isinstance(found, IsthmusError):
        return _failed(one, found)
    document = found[one.id]
    try:
        routing_of(index, one.index, one.id, one.routing)
        document.check_version(one.version)
    except IsthmusError as error:
        return _failed(one, error)
    if document.document is None:
        return {"_index": document.index, "_id": one.id, "found": False}
    return document.body(one.shown)


def _failed(one: _Asked, why: IsthmusError) -> dict[str, Any]:
    error = {"type": why.type, "reason": str(why), "index": one.index}
    return {"_index": one.index, "_id": one.id, "error": {"root_cause": [error], **error}}


def _asked(request: Request, shown: SourceFilter) -> list[_Asked]:
    if not request.body.strip():
        raise BodyError("request body is required")
    try:
        body = msgspec.json.decode(request.body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise ParsingError(f"the request's body is no JSON object: {cause}") from cause
    unknown = [name for name in body if name not in ("docs", "ids")]
    if unknown:
        raise UsageError(f"unknown key [{unknown[0][:100]}] for a START_OBJECT, expected [docs] or [ids]")
    docs = body.get("docs", [])
    ids = body.get("ids", [])
    if not isinstance(docs, list) or not isinstance(ids, list):
        raise UsageError("[docs] and [ids] are lists")
    if not all(isinstance(one, str | int | float) for one in ids):
        raise UsageError("ids array element should only contain ids")
    default = request.variables.get("index")
    given = (*docs, *({"_id": one} for one in ids))
    routing = request.parameters.text("routing")
    asked = [_one(number, doc, default, shown, routing) for number, doc in enumerate(given)]
    if not asked:
        raise ValidationError("Validation Failed: 1: no documents to get;")
    if len(asked) > MAX_DOCUMENTS:
        raise UsageError(f"a request asks for at most {MAX_DOCUMENTS} documents")
    return asked


def _one(number: int, doc: object, default: str | None, shown: SourceFilter, routing: str | None) -> _Asked:
    if not isinstance(doc, dict):
        raise UsageError("each of [docs] is an object with [_id]")
    unknown = [name for name in doc if name not in _KEYS]
    if unknown:
        raise UsageError(f"unknown key [{str(unknown[0])[:100]}] in [docs]", hint=f"known are {', '.join(_KEYS)}")
    index, id_ = doc.get("_index", default), doc.get("_id")
    if not isinstance(index, str):
        raise ValidationError(f"Validation Failed: 1: index is missing for doc {number};")
    if not isinstance(id_, str | int | float):
        raise ValidationError(f"Validation Failed: 1: id is missing for doc {number};")
    version, own_routing = doc.get("version"), doc.get("routing", routing)
    if version is not None and type(version) is not int:
        raise UsageError(f"[version] of doc {number} is no whole number")
    if doc.get("stored_fields") not in (None, [], "_none_", ["_none_"]):
        raise UsageError("[stored_fields] is not supported: no field is stored apart from the source")
    filtered = given_source_filter(doc["_source"]) if "_source" in doc else shown
    return _Asked(index, check_id(str(id_)), filtered, None if own_routing is None else str(own_routing), version)
