"""Documents as they came become typed values: parsed once, the mapping growing as they ask for it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.ledger.operation import Operation, Refused
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.mapping.parsed import ParsedDocument

_decoder = msgspec.json.Decoder(dict[str, Any])


class DocumentParsingError(UsageError):
    """A document that is no JSON object."""

    type = "document_parsing_exception"


class PreparedOperation(Operation, kw_only=True):
    """An operation ready for the ledger, with its document's values for the projection (None for a delete)."""

    document: Any = None


def prepare(operations: Sequence[Operation], mapping: Mapping) -> tuple[list[PreparedOperation | Refused], Mapping]:
    """Parse the documents of `operations` under `mapping`; return what became of each, and the mapping as it must be.

    The mapping returned is `mapping` itself if no document has anything new.
    """
    ready: list[PreparedOperation | Refused] = []
    for operation in operations:
        if operation.kind == "delete":
            ready.append(_prepared(operation, None))
            continue
        try:
            document, mapping = _parse(operation, mapping)
        except IsthmusError as error:
            ready.append(Refused(id=operation.id, type=error.type, reason=str(error), status=error.status))
        else:
            ready.append(_prepared(operation, document))
    return ready, mapping


def _prepared(operation: Operation, document: ParsedDocument | None) -> PreparedOperation:
    return PreparedOperation(
        kind=operation.kind,
        id=operation.id,
        source=operation.source,
        routing=operation.routing,
        if_seq_no=operation.if_seq_no,
        if_primary_term=operation.if_primary_term,
        version=operation.version,
        version_type=operation.version_type,
        document=document,
    )


def _parse(operation: Operation, mapping: Mapping) -> tuple[ParsedDocument, Mapping]:
    try:
        source = _decoder.decode(operation.source)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise DocumentParsingError(f"failed to parse: the document is no JSON object: {cause}") from cause
    document = mapping.parse(source, operation.id)
    if document.added is not None:
        mapping = mapping.merge(document.added)
        document = mapping.parse(source, operation.id)
    return document, mapping
