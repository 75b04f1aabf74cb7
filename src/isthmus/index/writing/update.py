"""What an update makes of a document. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-update.html
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

import msgspec

from isthmus.errors import UsageError
from isthmus.index.ledger.operation import StoredDocument

KEYS = ("_source", "detect_noop", "doc", "doc_as_upsert", "upsert")
REFUSED = {"script": "scripts are not run here", "scripted_upsert": "scripts are not run here"}
MAX_DEPTH = 100


class UpdateBodyError(UsageError):
    """The body of an update cannot be read."""

    type = "x_content_parse_exception"


class MissingDocumentError(UsageError):
    """The document that a partial update is for does not exist, and no `upsert` was given."""

    type = "document_missing_exception"
    status = 404


class UpdateValidationError(UsageError):
    """An update that says nothing, or contradicts itself."""

    type = "action_request_validation_exception"


@dataclass(frozen=True, slots=True)
class Update:
    """A parsed body."""

    doc: dict[str, Any] | None = None
    upsert: dict[str, Any] | None = None
    doc_as_upsert: bool = False
    detect_noop: bool = True


def parse_update(body: bytes) -> Update:
    """Return what an update's body says. Raises UsageError that names what is wrong; scripts are refused."""
    given = _object(body)
    for name in given:
        if name in REFUSED:
            raise UsageError(f"[{name}] is not supported: {REFUSED[name]}", hint="send the changed fields in [doc]")
        if name not in KEYS:
            near = difflib.get_close_matches(name[:100], KEYS, n=1)
            suggestion = f" did you mean [{near[0]}]?" if near else ""
            raise UpdateBodyError(f"[UpdateRequest] unknown field [{name[:100]}]{suggestion}")
    update = Update(
        doc=_document(given, "doc"),
        upsert=_document(given, "upsert"),
        doc_as_upsert=_flag(given, "doc_as_upsert", default=False),
        detect_noop=_flag(given, "detect_noop", default=True),
    )
    if update.doc is None:
        missing = "script or doc is missing"
        if update.doc_as_upsert:
            missing += ";2: doc must be specified if doc_as_upsert is enabled"
        raise UpdateValidationError(f"Validation Failed: 1: {missing};")
    return update


def updated(update: Update, id: str, stored: StoredDocument | None) -> dict[str, Any] | None:  # noqa: A002
    """Return the source that `update` makes of `stored`, or None if that changes nothing.

    Raises MissingDocumentError if there is no document and nothing to put in its place.
    """
    doc = update.doc if update.doc is not None else {}
    if stored is None or stored.deleted:
        if update.doc_as_upsert:
            return doc
        if update.upsert is None:
            raise MissingDocumentError(f"[{id}]: document missing")
        return update.upsert
    source = msgspec.json.decode(stored.source)
    changed = _merge(source, doc, MAX_DEPTH)
    return source if changed or not update.detect_noop else None


def _merge(into: dict[str, Any], changes: dict[str, Any], depth: int) -> bool:
    """Lay `changes` over `into`, object by object; return whether anything differs."""
    if depth == 0:
        raise UsageError(f"the document is nested deeper than {MAX_DEPTH} levels")
    changed = False
    for name, value in changes.items():
        present = into.get(name)
        if isinstance(present, dict) and isinstance(value, dict):
            changed |= _merge(present, value, depth - 1)
        elif name not in into or _differs(present, value):
            into[name] = value
            changed = True
    return changed


def _differs(one: object, other: object) -> bool:
    """Tell whether two JSON values differ; 1, 1.0 and true are three values."""
    return type(one) is not type(other) or msgspec.json.encode(one) != msgspec.json.encode(other)


def _object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        given = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise UpdateBodyError(f"the body of the update is no JSON: {cause}") from cause
    if not isinstance(given, dict):
        raise UpdateBodyError("the body of the update is no JSON object")
    return given


def _document(given: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise UpdateBodyError(f"[UpdateRequest] [{name}] is no object")
    return value


def _flag(given: dict[str, Any], name: str, *, default: bool) -> bool:
    value = given.get(name, default)
    if not isinstance(value, bool):
        raise UpdateBodyError(f"[UpdateRequest] [{name}] is neither true nor false")
    return value
