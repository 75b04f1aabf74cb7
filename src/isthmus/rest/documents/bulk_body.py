"""The body of `_bulk`: lines of actions and documents, split without looking into the documents. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-bulk.html
"""

from __future__ import annotations

import difflib
from typing import Any

import msgspec

from isthmus.errors import UsageError
from isthmus.index.ledger.operation import VersionType
from isthmus.index.writing.item import Item, ItemType
from isthmus.query.mistakes import ValidationError
from isthmus.query.source_filter import SourceFilter
from isthmus.rest.documents.identifiers import DocumentIdError, check_id, new_id
from isthmus.rest.documents.source import given_source_filter, updates_source_filter
from isthmus.rest.indices.body import BodyError

ACTIONS: tuple[ItemType, ...] = ("create", "delete", "index", "update")
MAX_ITEMS = 1_000_000
_VERSION_TYPES: dict[str, VersionType] = {
    "internal": "internal",
    "external": "external",
    "external_gt": "external",
    "external_gte": "external_gte",
}


class BulkRefusedError(UsageError):
    """A line of the body that is no action, or an action without its document."""

    type = "illegal_argument_exception"


class BulkItem(msgspec.Struct, frozen=True):
    """An item and the index it names. `action` is what was asked for, which is what is told: an item that is given an
    id is made (`create`) whatever it asked for. `shown` is what an update shows of its document, if it says so itself.
    `refusal` is set where it can never be done (its id is too long, …)."""

    index: str
    action: ItemType
    item: Item
    require_alias: bool
    pipeline: str | None
    shown: SourceFilter | None = None
    refusal: UsageError | None = None


class Defaults(msgspec.Struct, frozen=True):
    """What the request's path and query parameters say for all items."""

    index: str | None = None
    routing: str | None = None
    require_alias: bool = False
    pipeline: str | None = None
    source_wanted: bool = False
    op_type: ItemType = "index"


class _Metadata(msgspec.Struct, forbid_unknown_fields=True):
    index: str | None = msgspec.field(name="_index", default=None)
    id: str | int | float | None = msgspec.field(name="_id", default=None)
    routing: str | int | None = None
    old_routing: str | int | None = msgspec.field(name="_routing", default=None)
    version: int | None = None
    version_type: str | None = None
    if_seq_no: int | None = None
    if_primary_term: int | None = None
    retry_on_conflict: int = 0
    require_alias: bool | None = None
    list_executed_pipelines: bool = False
    require_data_stream: bool = False
    dynamic_templates: dict[str, str] | None = None
    pipeline: str | None = None
    source: Any = msgspec.field(name="_source", default=None)


class _Action(msgspec.Struct, forbid_unknown_fields=True):
    index: _Metadata | None = None
    create: _Metadata | None = None
    update: _Metadata | None = None
    delete: _Metadata | None = None


_decoder = msgspec.json.Decoder(_Action)


def parse_bulk(body: bytes, defaults: Defaults) -> list[BulkItem]:
    """Return the items of `body` in order.

    Raises BodyError if there is none, and BulkRefusedError that names the line, as Elasticsearch refuses the whole
    request then. What is wrong with one item alone is its `refusal`.
    """
    if not body.strip():
        raise BodyError("request body is required")
    if not body.endswith(b"\n"):
        raise BulkRefusedError("The bulk request must be terminated by a newline [\\n]")
    lines = body.split(b"\n")
    items: list[BulkItem] = []
    at = 0
    last = len(lines) - 1
    before = b""
    while at < last:
        line = lines[at]
        at += 1
        if not line.strip():
            continue
        if line != before:  # most requests repeat one line
            kind, metadata = _action(line, at)
            before = line
        source = b""
        if kind != "delete":
            if at >= last:
                raise BulkRefusedError(f"the action of line [{at}] has no document: the body ends")
            source = lines[at]
            at += 1
        items.append(_item(kind, metadata, source, defaults, at))
        if len(items) > MAX_ITEMS:
            raise BulkRefusedError(f"a bulk request has at most {MAX_ITEMS} items")
    if not items:
        raise BulkRefusedError("request body is required")
    return items


def _action(line: bytes, number: int) -> tuple[ItemType, _Metadata]:
    try:
        action = _decoder.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise _malformed(line, number, cause) from cause
    found: list[tuple[ItemType, _Metadata]] = [
        (kind, metadata) for kind in ACTIONS if (metadata := getattr(action, kind)) is not None
    ]
    if len(found) != 1:
        raise BulkRefusedError(
            f"Malformed action/metadata line [{number}], expected one of [create, delete, index, update]"
        )
    return found[0]


def _malformed(line: bytes, number: int, cause: Exception) -> BulkRefusedError:
    try:
        given = msgspec.json.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return BulkRefusedError(f"Malformed action/metadata line [{number}]: it is no JSON ({cause})")
    if isinstance(given, dict):
        for name, metadata in given.items():
            if name not in ACTIONS:
                return BulkRefusedError(
                    f"Malformed action/metadata line [{number}], expected field [create], [delete], [index] or "
                    f"[update] but found [{name[:100]}]{_near(name, ACTIONS)}"
                )
            unknown = [key for key in metadata if key not in _NAMES] if isinstance(metadata, dict) else []
            if unknown:
                return BulkRefusedError(
                    f"Action/metadata line [{number}] contains an unknown parameter "
                    f"[{unknown[0][:100]}]{_near(unknown[0], _NAMES)}"
                )
    return BulkRefusedError(f"Malformed action/metadata line [{number}]: {cause}")


def _item(kind: ItemType, metadata: _Metadata, source: bytes, defaults: Defaults, line: int) -> BulkItem:
    index = metadata.index if metadata.index is not None else defaults.index
    if index is None:
        raise ValidationError("Validation Failed: 1: index is missing;", hint=f"line {line}")
    routing = next(
        (str(one) for one in (metadata.routing, metadata.old_routing, defaults.routing) if one is not None), None
    )
    if kind == "index" and defaults.op_type == "create":
        kind = "create"
    action = kind
    refusal: UsageError | None = None
    if metadata.id is None and kind in ("index", "create"):
        name = new_id()
        kind = "create"
    else:
        name = "" if metadata.id is None else str(metadata.id)
        refusal = _refusal(kind, name, metadata)
    shown = _shown(metadata, source) if kind == "update" else None
    item = Item(
        kind=kind,
        id=name,
        source=source,
        routing=routing,
        if_seq_no=metadata.if_seq_no,
        if_primary_term=metadata.if_primary_term,
        version=metadata.version,
        version_type=_VERSION_TYPES.get(metadata.version_type or "internal", "internal"),
        retry_on_conflict=metadata.retry_on_conflict,
        source_wanted=kind == "update" and (defaults.source_wanted if shown is None else shown.enabled),
    )
    require_alias = defaults.require_alias if metadata.require_alias is None else metadata.require_alias
    return BulkItem(index, action, item, require_alias, metadata.pipeline or defaults.pipeline, shown, refusal)


def _shown(metadata: _Metadata, source: bytes) -> SourceFilter | None:
    return updates_source_filter(source) if metadata.source is None else given_source_filter(metadata.source)


def _refusal(kind: ItemType, id: str, metadata: _Metadata) -> UsageError | None:  # noqa: A002
    try:
        if metadata.id is None:
            raise DocumentIdError(f"an id must be provided if version type or value are set or to {kind} a document")
        check_id(id)
    except UsageError as error:
        return error
    if metadata.version_type is not None and metadata.version_type not in _VERSION_TYPES:
        return BulkRefusedError(f"No version type match [{metadata.version_type[:50]}]")
    if metadata.dynamic_templates is not None:
        return BulkRefusedError("[dynamic_templates] in a bulk request is not supported")
    if metadata.require_data_stream:
        return BulkRefusedError("[require_data_stream] is set, and data streams are not supported")
    return None


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name[:100], known, n=1)
    return f" did you mean [{near[0]}]?" if near else ""


_NAMES = tuple(one.encode_name for one in msgspec.structs.fields(_Metadata))
