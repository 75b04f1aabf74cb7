"""May this write be made on this document? Pure: the rules of versions and sequence numbers.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-index_.html#index-versioning
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/optimistic-concurrency-control.html
"""

from __future__ import annotations

from typing import NamedTuple

from isthmus.index.ledger.operation import Operation, Refused, Result, VersionConflictError, Written

MAX_VERSION = 2**63 - 1


class Current(NamedTuple):
    """The newest operation on a document; `deleted` for a tombstone."""

    seq_no: int
    version: int
    primary_term: int
    deleted: bool


def judge(operation: Operation, current: Current | None, seq_no: int) -> Written | Refused:
    """Return what the write becomes under `seq_no`, or why it is refused. `current` is None if nothing is known."""
    refused = _refusal(operation, current)
    if refused is not None:
        return refused
    live = current is not None and not current.deleted
    return Written(
        id=operation.id,
        result=_result(operation, live=live),
        version=_next_version(operation, current),
        seq_no=seq_no,
        superseded=current.seq_no if current is not None and live else None,
    )


def _result(operation: Operation, *, live: bool) -> Result:
    if operation.kind == "delete":
        return "deleted" if live else "not_found"
    return "updated" if live else "created"


def _next_version(operation: Operation, current: Current | None) -> int:
    if operation.version is not None:
        return operation.version
    return 1 if current is None else current.version + 1


def _refusal(operation: Operation, current: Current | None) -> Refused | None:
    if operation.if_seq_no is not None or operation.if_primary_term is not None:
        return _invalid(operation, _wrong_sequence(operation)) or _sequence_conflict(operation, current)
    if operation.version is not None or operation.version_type != "internal":
        return _invalid(operation, _wrong_version(operation)) or _version_conflict(operation, current)
    if operation.kind == "create" and current is not None and not current.deleted:
        return _conflict(operation, f"document already exists (current version [{current.version}])")
    return None


def _wrong_sequence(operation: Operation) -> str | None:
    if operation.if_seq_no is None or operation.if_primary_term is None:
        return "ifSeqNo and ifPrimaryTerm must be set together"
    if operation.if_seq_no < 0:
        return f"sequence numbers must be non negative. got [{operation.if_seq_no}]."
    if operation.version is not None or operation.version_type != "internal":
        return "compare and write operations can not use versioning"
    if operation.kind == "create":
        return "create operations do not support compare and set. use index instead"
    return None


def _wrong_version(operation: Operation) -> str | None:
    if operation.version_type == "internal":
        return (
            "internal versioning can not be used for optimistic concurrency control. "
            "Please use `if_seq_no` and `if_primary_term` instead"
        )
    if operation.version is None or not 0 <= operation.version <= MAX_VERSION:
        return f"illegal version value [{operation.version}] for version type [{operation.version_type.upper()}]"
    if operation.kind == "create":
        return "create operations only support internal versioning. use index instead"
    return None


def _sequence_conflict(operation: Operation, current: Current | None) -> Refused | None:
    required = f"required seqNo [{operation.if_seq_no}], primary term [{operation.if_primary_term}]."
    if current is None or current.deleted:
        return _conflict(operation, f"{required} but no document was found")
    if (current.seq_no, current.primary_term) != (operation.if_seq_no, operation.if_primary_term):
        found = f"current document has seqNo [{current.seq_no}] and primary term [{current.primary_term}]"
        return _conflict(operation, f"{required} {found}")
    return None


def _version_conflict(operation: Operation, current: Current | None) -> Refused | None:
    given = operation.version
    if current is None or given is None:
        return None
    if operation.version_type == "external" and current.version >= given:
        why = f"current version [{current.version}] is higher or equal to the one provided [{given}]"
        return _conflict(operation, why)
    if operation.version_type == "external_gte" and current.version > given:
        return _conflict(operation, f"current version [{current.version}] is higher than the one provided [{given}]")
    return None


def _conflict(operation: Operation, why: str) -> Refused:
    return Refused(
        id=operation.id,
        type=VersionConflictError.type,
        reason=f"[{operation.id}]: version conflict, {why}",
        status=VersionConflictError.status,
    )


def _invalid(operation: Operation, why: str | None) -> Refused | None:
    if why is None:
        return None
    reason = f"Validation Failed: 1: {why};"
    return Refused(id=operation.id, type="action_request_validation_exception", reason=reason, status=400)
