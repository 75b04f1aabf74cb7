"""`_reindex`: what is copied, where to and how. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-reindex.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from isthmus.errors import UsageError
from isthmus.index.ledger.operation import VersionType
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.writing.item import Item
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ValidationError
from isthmus.query.partial import Hit
from isthmus.search.walk import Walk

MAX_BATCH = 10_000
_VERSION_TYPES: dict[str, VersionType | None] = {
    "internal": None,
    "external": "external",
    "external_gt": "external",
    "external_gte": "external_gte",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The index that is written to; `version_type` None leaves versions to it. `routing`: keep, discard or =value."""

    index: str
    create: bool = False
    version_type: VersionType | None = None
    routing: str = "keep"

    def item(self, hit: Hit) -> Item:
        """Return the write that copies a hit."""
        kept = {"keep": hit.routing, "discard": None}
        return Item(
            kind="create" if self.create else "index",
            id=hit.id,
            source=hit.source or b"{}",
            routing=kept[self.routing] if self.routing in kept else self.routing.removeprefix("="),
            version=hit.version if self.version_type else None,
            version_type=self.version_type or "internal",
        )


def parse_reindex(value: Any) -> tuple[Walk, Destination, int | None, str]:
    """Return the source, the destination, `max_docs` and `conflicts` of a body.

    Raises UsageError for what is wrong or not supported, by name.
    """
    body = JsonObject(value if value is not None else {}, "reindex")
    body.refuse("script")
    if "source" not in body or "dest" not in body:
        raise ValidationError("Validation Failed: 1: use _reindex with [source] and [dest];")
    walk = _source(JsonObject(body.json("source"), "source"))
    destination = _destination(JsonObject(body.json("dest"), "dest"))
    max_docs = body.integer("max_docs", 0, minimum=1) if "max_docs" in body else None
    conflicts = body.choice("conflicts", ("abort", "proceed"), "abort")
    body.end()
    return walk, destination, max_docs, conflicts


def check_apart(source: Iterable[IndexMetadata], destination: str, aliased: Iterable[str]) -> None:
    """Raise ValidationError if a source is the destination, by its name or one of its `aliased` indices."""
    names = {destination, *aliased}
    for index in source:
        if index.name in names:
            raise ValidationError(
                f"Validation Failed: 1: reindex cannot write into an index its reading from [{index.name}];"
            )


def _source(said: JsonObject) -> Walk:
    said.refuse("remote", "slice", "runtime_mappings", "sort", "search_after")
    names = said.texts("index")
    if not names:
        raise ValidationError("Validation Failed: 1: [source] names no [index];")
    query = said.json("query")
    walk = Walk(
        indices=",".join(names),
        query=query,
        source=said.json("_source") if "_source" in said else True,
        batch=said.integer("size", 1000, minimum=1, maximum=MAX_BATCH),
    )
    said.end()
    return walk


def _destination(said: JsonObject) -> Destination:
    said.refuse("pipeline")
    version_type = said.choice("version_type", tuple(_VERSION_TYPES), "internal")
    routing = said.text("routing") or "keep"
    if routing not in ("keep", "discard") and not routing.startswith("="):
        raise UsageError(f"Unsupported routing command: [{routing[:50]}]")
    destination = Destination(
        index=said.required_text("index"),
        create=said.choice("op_type", ("index", "create"), "index") == "create",
        version_type=_VERSION_TYPES[version_type],
        routing=routing,
    )
    said.end()
    return destination
