"""An index held in memory, written to and read from through the real document handlers."""

from __future__ import annotations

from collections.abc import Sequence

from isthmus.index.ledger.operation import Outcome, Refused, Result, StoredDocument, Written
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.writing.item import Answered, Item


class Memory:
    """Documents of indices by name; takes the places of the names, the documents and the refresh of a service."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, StoredDocument]] = {}
        self.refreshed: list[str] = []
        self.policies: list[str] = []

    async def write_index(self, name: str, *, require_alias: bool = False, make: bool = True) -> IndexMetadata:
        if require_alias or name.startswith("no") or not (make or name in self.stored):
            raise IndexNotFoundError(name)
        self.stored.setdefault(name, {})
        return described(name)

    def read_index(self, name: str) -> IndexMetadata:
        if name not in self.stored:
            raise IndexNotFoundError(name)
        return described(name)

    async def write(self, index: IndexMetadata, items: Sequence[Item], refresh: str = "false") -> list[Answered]:
        self.policies.append(refresh)
        stored = self.stored[index.name]
        return [
            Answered(outcome=self._write(stored, item), source=item.source if item.source_wanted else None)
            for item in items
        ]

    async def get(
        self, index: IndexMetadata, ids: Sequence[str], *, realtime: bool = True, names: tuple[str, ...] = ()
    ) -> list[StoredDocument | None]:
        return [self.stored[index.name].get(one) for one in ids]

    async def refresh(self, indices: Sequence[IndexMetadata]) -> None:
        self.refreshed += [index.name for index in indices]

    @staticmethod
    def _write(stored: dict[str, StoredDocument], item: Item) -> Outcome:
        before = stored.get(item.id)
        if item.kind == "create" and before is not None:
            reason = f"[{item.id}]: version conflict, document already exists"
            return Refused(id=item.id, type="version_conflict_engine_exception", reason=reason, status=409)
        if item.kind == "delete" and stored.pop(item.id, None) is None:
            return Written(id=item.id, result="not_found", version=1, seq_no=0)
        version = 1 if before is None else before.version + 1
        if item.kind != "delete":
            stored[item.id] = StoredDocument(id=item.id, seq_no=version, version=version, source=item.source)
        result: Result = "deleted" if item.kind == "delete" else "created" if before is None else "updated"
        return Written(id=item.id, result=result, version=version, seq_no=version)


def described(name: str) -> IndexMetadata:
    return IndexMetadata(name=name, uuid=f"uuid-{name}", node="here", creation_date=0)
