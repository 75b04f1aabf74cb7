"""The numbers of one shard."""

from __future__ import annotations

from typing import Literal

import msgspec


class Relocation(msgspec.Struct, kw_only=True):
    """How far a shard has come on its way between the nodes of the ids `source` and `target`; sizes in bytes."""

    source: str
    target: str
    stage: Literal["init", "index", "translog", "finalize", "done"] = "init"
    total: int = 0
    sent: int = 0
    operations: int = 0
    seconds: float = 0.0


class ShardStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts since the shard was opened; sizes in bytes. `recovery`: why the projection was built anew, how many
    documents were done of how many, and for how many seconds; None if it never was. `relocation`: of the last
    move to or from this node."""

    documents: int
    deleted: int
    ledger_bytes: int
    projection_bytes: int
    segments: int
    operations: dict[str, int]
    max_seq_no: int
    checkpoint: int
    recovery: tuple[str, int, int, float, bool] | None = None
    relocation: Relocation | None = None

    @property
    def size(self) -> int:
        """Everything on disk."""
        return self.ledger_bytes + self.projection_bytes
