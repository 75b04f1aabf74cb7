"""May this write be made on this document? Pure: the rules of versions and sequence numbers.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-index_.html#index-versioning
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/optimistic-concurrency-control.html
"""

from __future__ import annotations

from typing import NamedTuple

from isthmus.index.ledger.operation import PRIMARY_TERM, Operation, Refused, Result, VersionConflictError, Written


class Current(NamedTuple):
    """The newest operation on a document; `deleted` for a tombstone."""

    seq_no: int
    version: int
    deleted: bool


def judge(operation: Operation, current: Current | None, seq_no: int) -> Written | Refused:
    """Return what the write becomes under `seq_no`, or why it is refused. `current` is None if nothing is known."""
    conflict = _conflict(operation, current)
    if conflict is not None:
        return conflict
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


def _conflict(operation: Operation, current: Current | None) -> Refused | None:
    if operation.if_seq_no is not None or operation.if_primary_term is not None:
        return _sequence_conflict(operation, current)
    if operation.version is not None or operation.version_type != "internal":
        return _version_conflict(operation, current)
    if operation.kind == "create" and current is not None and not current.deleted:
        return _refused(operation, f"document already exists (current version [{current.version}])")
    return None


def _sequence_conflict(operation: Operation, current: Current | None) -> Refused | None:
    if operation.if_seq_no is None or operation.if_primary_term is None:
        return _invalid(operation, "if_seq_no and if_primary_term must be given together")
    if operation.version is not None or operation.version_type != "internal":
        return _invalid(operation, "compare and write operations can not use versioning")
    if operation.kind == "create":
        return _invalid(operation, "create operations do not support compare and set. use index instead")
    required = f"required seqNo [{operation.if_seq_no}], primary term [{operation.if_primary_term}]."
    if current is None or current.deleted:
        return _refused(operation, f"{required} but no document was found")
    if (current.seq_no, PRIMARY_TERM) != (operation.if_seq_no, operation.if_primary_term):
        found = f"current document has seqNo [{current.seq_no}] and primary term [{PRIMARY_TERM}]"
        return _refused(operation, f"{required} {found}")
    return None


def _version_conflict(operation: Operation, current: Current | None) -> Refused | None:
    given = operation.version
    if operation.version_type == "internal":
        return _invalid(operation, "internal versioning can not be used for optimistic concurrency control")
    if given is None or not 0 <= given < 2**63:
        return _invalid(operation, f"illegal version value [{given}] for version type [{operation.version_type}]")
    if operation.kind == "create":
        return _invalid(operation, "create operations only support internal versioning. use index instead")
    if current is None:
        return None
    if operation.version_type == "external" and current.version >= given:
        return _refused(
            operation, f"current version [{current.version}] is higher or equal to the one provided [{given}]"
        )
    if operation.version_type == "external_gte" and current.version > given:
        return _refused(operation, f"current version [{current.version}] is higher than the one provided [{given}]")
    return None


def _refused(operation: Operation, why: str) -> Refused:
    return Refused(
        id=operation.id,
        type=VersionConflictError.type,
        reason=f"[{operation.id}]: version conflict, {why}",
        status=VersionConflictError.status,
    )


def _invalid(operation: Operation, why: str) -> Refused:
    return Refused(id=operation.id, type="action_request_validation_exception", reason=why, status=400)
