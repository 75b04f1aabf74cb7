"""Whether a write may be made on a document as it is, and what version it gets. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-index_.html#index-versioning
"""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.ledger.operation import Operation, VersionConflictError

_ABSENT = -1


class VersionRequestError(UsageError):
    """Conditions that contradict each other."""

    type = "action_request_validation_exception"


@dataclass(frozen=True, slots=True)
class Current:
    """A document as it is: a tombstone (`deleted`) still has its version."""

    seq_no: int
    version: int
    primary_term: int
    deleted: bool


def next_version(operation: Operation, current: Current | None) -> int:
    """Return the version that `operation` gives its document.

    Raises VersionConflictError if the document is not as the operation expects, VersionRequestError for conditions
    that cannot be.
    """
    _check_request(operation)
    if operation.if_seq_no is not None:
        _check_seq_no(operation, current)
    if operation.version_type != "internal":
        return _external(operation, current)
    if operation.kind == "create" and current is not None and not current.deleted:
        raise _conflict(operation, f"document already exists (current version [{current.version}])")
    return 1 if current is None else current.version + 1


def _check_request(operation: Operation) -> None:
    wrong = _wrong(operation)
    if wrong is not None:
        raise VersionRequestError(f"Validation Failed: 1: {wrong};")


def _wrong(operation: Operation) -> str | None:
    conditional = operation.if_seq_no is not None or operation.if_primary_term is not None
    if (operation.if_seq_no is None) != (operation.if_primary_term is None):
        return "ifSeqNo and ifPrimaryTerm must be set together"
    if operation.if_seq_no is not None and operation.if_seq_no < 0:
        return f"sequence numbers must be non negative. got [{operation.if_seq_no}]."
    if operation.version_type == "internal":
        if operation.version is not None:
            return (
                "internal versioning can not be used for optimistic concurrency control. "
                "Please use `if_seq_no` and `if_primary_term` instead"
            )
        return (
            "create operations do not support compare and set. use index instead"
            if (conditional and operation.kind == "create")
            else None
        )
    if operation.version is None or operation.version < 0:
        return f"illegal version value [{operation.version}] for version type [{operation.version_type.upper()}]"
    if operation.kind == "create":
        return "create operations only support internal versioning. use index instead"
    return "compare and write operations can not use versioning" if conditional else None


def _check_seq_no(operation: Operation, current: Current | None) -> None:
    required = f"required seqNo [{operation.if_seq_no}], primary term [{operation.if_primary_term}]"
    if current is None or current.deleted:
        raise _conflict(operation, f"{required}. but no document was found")
    if (current.seq_no, current.primary_term) != (operation.if_seq_no, operation.if_primary_term):
        raise _conflict(
            operation,
            f"{required}. current document has seqNo [{current.seq_no}] and primary term [{current.primary_term}]",
        )


def _external(operation: Operation, current: Current | None) -> int:
    version = _ABSENT if operation.version is None else operation.version
    if current is None:
        return version
    if operation.version_type == "external" and current.version >= version:
        raise _conflict(
            operation, f"current version [{current.version}] is higher or equal to the one provided [{version}]"
        )
    if operation.version_type == "external_gte" and current.version > version:
        raise _conflict(operation, f"current version [{current.version}] is higher than the one provided [{version}]")
    return version


def _conflict(operation: Operation, why: str) -> IsthmusError:
    return VersionConflictError(f"[{operation.id}]: version conflict, {why}")
