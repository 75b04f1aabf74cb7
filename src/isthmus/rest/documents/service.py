"""What the handlers of documents work on: names become indices, and documents are found or written there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from isthmus.cluster.indices.documents import Documents
from isthmus.cluster.indices.messages import WRITES, RefreshPolicy
from isthmus.errors import UsageError
from isthmus.index.ledger.operation import StoredDocument, VersionConflictError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.writing.item import Answered, Item
from isthmus.query.source_filter import SourceFilter
from isthmus.rest.active_copies import check_copies
from isthmus.rest.documents.document_routing import routing_of
from isthmus.rest.documents.source import source_json
from isthmus.rest.parameters import Parameters
from isthmus.security.acting import doing
from isthmus.security.limited import check_update


class Names(Protocol):
    """How a name in a request becomes one index."""

    async def write_index(self, name: str, *, require_alias: bool = False, make: bool = True) -> IndexMetadata:
        """Return the index that a document of `name` is written to; if it is not there it is made if it may be."""

    def read_index(self, name: str) -> IndexMetadata:
        """Return the index that a document of `name` is read from."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was asked for; None if there is none."""

    index: str
    document: StoredDocument | None

    def body(self, shown: SourceFilter) -> dict[str, Any]:
        """Return what is told of a document that was found."""
        document = self.document
        if document is None:
            raise ValueError("there is no document to tell of")
        body: dict[str, Any] = {
            "_index": self.index,
            "_id": document.id,
            "_version": document.version,
            "_seq_no": document.seq_no,
            "_primary_term": document.primary_term,
        }
        if document.routing is not None:
            body["_routing"] = document.routing
        body["found"] = True
        if shown.enabled:
            body["_source"] = source_json(document.source, shown)
        return body

    def check_version(self, wanted: int | None) -> None:
        """Raise VersionConflictError if a version was asked for and the document has another."""
        if wanted is None or self.document is None or self.document.version == wanted:
            return
        raise VersionConflictError(
            f"[{self.document.id}]: version conflict, current version [{self.document.version}] is different than the "
            f"one provided [{wanted}]"
        )


class DocumentService:
    """Documents by the names that requests give."""

    def __init__(
        self, names: Names, documents: Documents, refresh: Callable[[Sequence[IndexMetadata]], Awaitable[object]]
    ) -> None:
        self.names = names
        self.documents = documents
        self.refresh = refresh

    async def write_one(
        self, name: str, item: Item, policy: RefreshPolicy, parameters: Parameters
    ) -> tuple[str, Answered]:
        """Write one item; return the name of its index and what came of it."""
        refuse_pipeline(parameters.text("pipeline"))
        refuse_data_stream(parameters)
        check_copies(parameters)
        index = await self.write_index(name, item, require_alias=parameters.boolean("require_alias"))
        item.routing = routing_of(index, name, item.id, item.routing)
        (answered,) = await self.documents.write(index, [item], policy)
        return index.name, answered

    async def write_index(
        self, name: str, item: Item, *, require_alias: bool = False, in_bulk: bool = False
    ) -> IndexMetadata:
        """Return the index that an item is written to, if who acts may; see Names.

        Raises LimitedError for an update of a document of which not all may be seen.
        """
        with doing(WRITES[item.kind]):
            if item.kind == "update":
                check_update(name, in_bulk=in_bulk)
            return await self.names.write_index(name, require_alias=require_alias, make=makes_index(item))

    async def get(
        self,
        name: str,
        id: str,  # noqa: A002 - the field's own name
        *,
        routing: str | None,
        realtime: bool,
        refresh: bool,
    ) -> Found:
        """Return one document; `refresh` makes everything written before visible first."""
        index = self.names.read_index(name)
        routing_of(index, name, id, routing)
        if refresh:
            await self.refresh([index])
        (document,) = await self.documents.get(index, [id], realtime=realtime, names=(name,))
        return Found(index.name, document)


def makes_index(item: Item) -> bool:
    """Tell whether a write makes its index where there is none: a deletion only if its version is to be remembered."""
    return item.kind != "delete" or item.version_type != "internal"


def refuse_pipeline(name: str | None) -> None:
    """Raise UsageError if a request names an ingest pipeline: there are none."""
    if name not in (None, "", "_none"):
        raise UsageError(f"pipeline with id [{name}] does not exist", hint="ingest pipelines are not supported")


def refuse_data_stream(parameters: Parameters) -> None:
    """Raise UsageError if a write is for data streams only: there are none."""
    if parameters.boolean("require_data_stream"):
        raise UsageError("[require_data_stream] of [true] is not supported", hint="there are no data streams")


def refresh_policy(parameters: Parameters) -> RefreshPolicy:
    """Return the `refresh` parameter of a write; given without a value it is `true`."""
    given = parameters.choice("refresh", ("", "true", "false", "wait_for"))
    if given == "wait_for":
        return "wait_for"
    return "true" if given in ("", "true") else "false"
