"""Operations of another node's ledger become rows of this one, as they are."""

from __future__ import annotations

from collections.abc import Sequence

from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.ledger.versions import Current
from isthmus.index.ledger.writing import Batch


def replayed(operations: Sequence[StoredDocument], known: dict[str, Current], max_seq_no: int, moment: int) -> Batch:
    """Return the rows of those `operations`, in order, that come after `max_seq_no`.

    `known`, the documents as they are, is kept up to date; `moment` (ms) is when tombstones begin to age. Pure but for
    that.
    """
    batch = Batch()
    for one in operations:
        if one.seq_no <= max_seq_no:
            continue
        before = known.get(one.id)
        source = None if one.deleted else one.source
        batch.operations.append(
            (one.seq_no, one.deleted, one.id, one.version, one.primary_term, one.routing, moment, source)
        )
        if before is not None:
            batch.superseded.append((one.seq_no, before.seq_no))
        batch.growth += (not one.deleted) - (before is not None and not before.deleted)
        known[one.id] = batch.documents[one.id] = Current(one.seq_no, one.version, one.primary_term, one.deleted)
    return batch
