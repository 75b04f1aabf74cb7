"""One item of a bulk request, as it travels to the node that holds the index.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-bulk.html
"""

from __future__ import annotations

from typing import Literal

import msgspec

from isthmus.index.ledger.operation import Operation, Outcome, VersionType

ItemType = Literal["index", "create", "update", "delete"]


class Item(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One write. `source` is the document, of an update its body (`doc`, `upsert` …). `source_wanted`: an update
    answers with the document that it made."""

    kind: ItemType
    id: str
    source: bytes = b""
    routing: str | None = None
    if_seq_no: int | None = None
    if_primary_term: int | None = None
    version: int | None = None
    version_type: VersionType = "internal"
    retry_on_conflict: int = 0
    source_wanted: bool = False

    def operation(self) -> Operation:
        """Return the ledger's operation; not for an update."""
        if self.kind == "update":
            raise ValueError("an update is no operation before the document is known")
        return Operation(
            kind=self.kind,
            id=self.id,
            source=self.source,
            routing=self.routing,
            if_seq_no=self.if_seq_no,
            if_primary_term=self.if_primary_term,
            version=self.version,
            version_type=self.version_type,
        )


class Answered(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What came of an item. `source` is the document that an update made, if it was wanted."""

    outcome: Outcome
    source: bytes | None = None
    forced_refresh: bool = False
