"""A write that was refused, as an error or as the error of a bulk item. Pure."""

from __future__ import annotations

from typing import Any

from isthmus.errors import IsthmusError
from isthmus.index.ledger.operation import Refused


class RefusedWriteError(IsthmusError):
    """A single write that the index refused; type, status and sentence are the index's."""

    def __init__(self, index: str, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.index = index
        self._refused = refused

    @property
    def type(self) -> str:  # type: ignore[override]  # what the index said, not one for each class
        return self._refused.type

    @property
    def status(self) -> int:  # type: ignore[override]
        return self._refused.status


def refused_by(error: IsthmusError, id: str) -> Refused:  # noqa: A002 - the field's own name
    """Return `error` as what came of one item."""
    return Refused(id=id, type=error.type, reason=str(error), status=error.status)


def bulk_error(refused: Refused, index: str, uuid: str | None) -> dict[str, Any]:
    """Return the `error` of a bulk item."""
    place = {} if uuid is None else {"index_uuid": uuid, "shard": "0"}
    return {"type": refused.type, "reason": refused.reason, **place, "index": index}
