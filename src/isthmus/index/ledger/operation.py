"""A write asked for, what came of it, and a stored operation.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-index_.html
"""

from __future__ import annotations

from typing import Literal

import msgspec

from isthmus.errors import IsthmusError

OpType = Literal["index", "create", "delete"]
VersionType = Literal["internal", "external", "external_gte"]
Result = Literal["created", "updated", "deleted", "not_found", "noop"]

NO_SEQ_NO = -2
PRIMARY_TERM = 1


class Operation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One write: `source` is the document's JSON as it came. Conditions are checked in the commit itself."""

    kind: OpType
    id: str
    source: bytes = b""
    routing: str | None = None
    if_seq_no: int | None = None
    if_primary_term: int | None = None
    version: int | None = None
    version_type: VersionType = "internal"


class Written(msgspec.Struct, kw_only=True, omit_defaults=True, tag="written", tag_field="outcome"):
    """An acknowledged write. `replaces`: there was a document before, which is gone now."""

    id: str
    result: Result
    version: int
    seq_no: int
    primary_term: int = PRIMARY_TERM
    replaces: bool = False


class Refused(msgspec.Struct, kw_only=True, omit_defaults=True, tag="refused", tag_field="outcome"):
    """A write that was not made: Elasticsearch's error type, a sentence, the HTTP status."""

    id: str
    type: str
    reason: str
    status: int


Outcome = Written | Refused


class StoredDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The current state of a document. `deleted` for a tombstone, whose version still counts."""

    id: str
    seq_no: int
    version: int
    primary_term: int = PRIMARY_TERM
    routing: str | None = None
    source: bytes = b""
    deleted: bool = False


class VersionConflictError(IsthmusError):
    """A document is not in the state that a write expected."""

    type = "version_conflict_engine_exception"
    status = 409
