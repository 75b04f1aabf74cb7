"""`_bulk` and `_mget`: many documents of many indices in one request.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-bulk.html
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from isthmus.errors import IsthmusError
from isthmus.index.ledger.operation import Refused
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.writing.item import Answered
from isthmus.rest.active_copies import check_copies
from isthmus.rest.answers import Json
from isthmus.rest.documents.bulk_body import BulkItem, Defaults, parse_bulk
from isthmus.rest.documents.by_id import written_body
from isthmus.rest.documents.document_routing import RoutingRule
from isthmus.rest.documents.refused import bulk_error, refused_by
from isthmus.rest.documents.service import DocumentService, makes_index, refresh_policy, refuse_pipeline
from isthmus.rest.documents.source import source_filter, source_json
from isthmus.rest.routing import Request

PARAMETERS = (
    "_source",
    "_source_excludes",
    "_source_includes",
    "include_source_on_error",
    "op_type",
    "pipeline",
    "refresh",
    "require_alias",
    "routing",
    "timeout",
    "wait_for_active_shards",
)
_STATUS = {"created": 201, "not_found": 404}


@dataclass(slots=True)
class _Batch:
    """The items of one index, with their places in the request."""

    index: IndexMetadata
    places: list[int] = field(default_factory=list)


async def bulk(documents: DocumentService, request: Request) -> Json:
    """`POST|PUT /_bulk` and `/{index}/_bulk`: write every item, and tell of each in its place."""
    began = time.monotonic()
    parameters = request.parameters
    check_copies(parameters)
    shown = source_filter(parameters, default=False)
    defaults = Defaults(
        index=request.variables.get("index"),
        routing=parameters.text("routing"),
        require_alias=parameters.boolean("require_alias"),
        pipeline=parameters.text("pipeline"),
        source_wanted=shown.enabled,
        op_type="create" if parameters.choice("op_type", ("index", "create")) == "create" else "index",
    )
    policy = refresh_policy(parameters)
    items = parse_bulk(request.body, defaults)
    told: list[dict[str, Any]] = [{}] * len(items)
    batches = await _batches(documents, items, told)

    async def write(batch: _Batch) -> None:
        answers = await _answers(documents, batch, items, policy)
        for place, answered in zip(batch.places, answers, strict=True):
            told[place] = _told(items[place], batch.index, answered, shown)

    await asyncio.gather(*map(write, batches))
    took = int((time.monotonic() - began) * 1000)
    errors = any("error" in next(iter(one.values())) for one in told)
    return Json({"errors": errors, "took": took, "items": told})


async def _batches(documents: DocumentService, items: list[BulkItem], told: list[dict[str, Any]]) -> list[_Batch]:
    """Sort the items by their index; those that have none are refused in `told`."""
    targets: dict[tuple[str, bool, str, bool], _Batch | IsthmusError] = {}
    rules: dict[str, RoutingRule | None] = {}
    by_uuid: dict[str, _Batch] = {}
    for place, item in enumerate(items):
        key = (item.index, item.require_alias, item.item.kind, makes_index(item.item))
        found = targets.get(key)
        if found is None:
            found = await _target(documents, item)
            if isinstance(found, _Batch):
                found = by_uuid.setdefault(found.index.uuid, found)
                rules[item.index] = RoutingRule.of(found.index, item.index)
            targets[key] = found
        refusal = found if isinstance(found, IsthmusError) else _refusal(item, rules[item.index])
        if refusal is not None:
            told[place] = _failed(item, refused_by(refusal, item.item.id), item.index, None)
        elif isinstance(found, _Batch):
            found.places.append(place)
    return [batch for batch in by_uuid.values() if batch.places]


async def _target(documents: DocumentService, item: BulkItem) -> _Batch | IsthmusError:
    try:
        return _Batch(
            await documents.write_index(item.index, item.item, require_alias=item.require_alias, in_bulk=True)
        )
    except IsthmusError as error:
        return error


def _refusal(item: BulkItem, rule: RoutingRule | None) -> IsthmusError | None:
    try:
        refuse_pipeline(item.pipeline)
        if rule is not None:
            item.item.routing = rule.routing_of(item.item.id, item.item.routing)
    except IsthmusError as error:
        return error
    return item.refusal


async def _answers(documents: DocumentService, batch: _Batch, items: list[BulkItem], policy: Any) -> list[Answered]:
    chosen = [items[place].item for place in batch.places]
    try:
        return await documents.documents.write(batch.index, chosen, policy)
    except IsthmusError as error:
        return [Answered(outcome=refused_by(error, item.id)) for item in chosen]


def _told(item: BulkItem, index: IndexMetadata, answered: Answered, shown: Any) -> dict[str, Any]:
    outcome = answered.outcome
    if isinstance(outcome, Refused):
        return _failed(item, outcome, index.name, index.uuid)
    body = written_body(index.name, answered, outcome)
    body["status"] = _STATUS.get(outcome.result, 200)
    if answered.source is not None:
        place = {"_seq_no": outcome.seq_no, "_primary_term": outcome.primary_term, "found": True}
        body["get"] = place | {"_source": source_json(answered.source, item.shown or shown)}
    return {item.action: body}


def _failed(item: BulkItem, refused: Refused, index: str, uuid: str | None) -> dict[str, Any]:
    return {
        item.action: {
            "_index": index,
            "_id": refused.id,
            "status": refused.status,
            "error": bulk_error(refused, index, uuid),
        }
    }
