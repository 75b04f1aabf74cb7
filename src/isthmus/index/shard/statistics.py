"""The numbers of one shard."""

from __future__ import annotations

import msgspec


class ShardStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts since the shard was opened; sizes in bytes. `recovery`: why the projection was built anew, how many
    documents were done of how many, and for how many seconds; None if it never was."""

    documents: int
    deleted: int
    ledger_bytes: int
    projection_bytes: int
    segments: int
    operations: dict[str, int]
    max_seq_no: int
    checkpoint: int
    recovery: tuple[str, int, int, float, bool] | None = None

    @property
    def size(self) -> int:
        """Everything on disk."""
        return self.ledger_bytes + self.projection_bytes
