"""One index on the node that holds it: writes in, documents and views out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from isthmus.errors import IsthmusError
from isthmus.index.ledger.operation import Operation, Outcome, Refused, StoredDocument, Written
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.writing.item import Answered, Item
from isthmus.index.writing.preparing import PreparedOperation, prepare
from isthmus.index.writing.runs import runs
from isthmus.index.writing.update import parse_update, updated

INLINE = 8  # so few documents are parsed faster than a thread is reached


class Commits(Protocol):
    """The group commit of the ledger: durable and visible to `get` when it returns."""

    async def write(self, operations: Sequence[Operation]) -> list[Outcome]: ...


class Mapped(Protocol):
    """Who has the mapping. `grow` makes one that documents ask for the cluster's and returns what it is then."""

    mapping: Mapping

    async def grow(self, mapping: Mapping) -> Mapping: ...


class Writing:
    """Turns items into durable operations, in order. `stored(ids)` reads the documents that updates change."""

    def __init__(
        self, mapped: Mapped, commits: Commits, stored: Callable[[Sequence[str]], list[StoredDocument | None]]
    ) -> None:
        self._mapped = mapped
        self._commits = commits
        self._stored = stored

    async def write(self, items: Sequence[Item]) -> list[Answered]:
        """Write `items` and return what came of each, once they are on disk."""
        answers: list[Answered] = []
        for run in runs(items):
            answers += await self._write_run([items[place] for place in run])
        return answers

    async def _write_run(self, items: list[Item]) -> list[Answered]:
        updates = [place for place, item in enumerate(items) if item.kind == "update"]
        if not updates:
            return [Answered(outcome=outcome) for outcome in await self._commit([one.operation() for one in items])]
        answers: dict[int, Answered] = {}
        pending = list(range(len(items)))
        tries = 0
        while pending:
            made = self._made([items[place] for place in pending])
            answers |= {place: one for place, one in zip(pending, made, strict=True) if isinstance(one, Answered)}
            asked = [(place, one) for place, one in zip(pending, made, strict=True) if isinstance(one, Operation)]
            outcomes = await self._commit([one for _, one in asked])
            pending = []
            for (place, operation), outcome in zip(asked, outcomes, strict=True):
                if _conflicts(outcome) and items[place].kind == "update" and tries < items[place].retry_on_conflict:
                    pending.append(place)
                    continue
                wanted = operation.source if items[place].source_wanted and isinstance(outcome, Written) else None
                answers[place] = Answered(outcome=outcome, source=wanted)
            tries += 1
        return [answers[place] for place in range(len(items))]

    def _made(self, items: list[Item]) -> list[Operation | Answered]:
        """Turn updates into operations on the documents as they are now."""
        ids = list(dict.fromkeys(item.id for item in items if item.kind == "update"))
        stored = dict(zip(ids, self._stored(ids), strict=True))
        return [_operation(item, stored[item.id]) if item.kind == "update" else item.operation() for item in items]

    async def _commit(self, operations: list[Operation]) -> list[Outcome]:
        ready = await self._prepare(operations)
        prepared = [one for one in ready if isinstance(one, PreparedOperation)]
        outcomes = iter(await self._commits.write(prepared) if prepared else ())
        return [next(outcomes) if isinstance(one, PreparedOperation) else one for one in ready]

    async def _prepare(self, operations: list[Operation]) -> list[PreparedOperation | Refused]:
        while True:
            before = self._mapped.mapping
            if len(operations) > INLINE:
                ready, mapping = await asyncio.to_thread(prepare, operations, before)
            else:
                ready, mapping = prepare(operations, before)
            if mapping is before:
                return ready
            # The cluster may have learnt of other fields meanwhile: what it says is what counts, so parse again.
            await self._mapped.grow(mapping)


def _conflicts(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.status == 409


def _operation(item: Item, stored: StoredDocument | None) -> Operation | Answered:
    present = stored if stored is not None and not stored.deleted else None
    try:
        made = updated(parse_update(item.source), item.id, present)
    except IsthmusError as error:
        return Answered(outcome=Refused(id=item.id, type=error.type, reason=str(error), status=error.status))
    if made is None and present is not None:
        written = Written(id=item.id, result="noop", version=present.version, seq_no=present.seq_no)
        return Answered(outcome=written, source=present.source if item.source_wanted else None)
    source = msgspec.json.encode(made)
    if present is None:
        return Operation(kind="create", id=item.id, source=source, routing=item.routing)
    return Operation(
        kind="index",
        id=item.id,
        source=source,
        routing=item.routing if item.routing is not None else present.routing,
        if_seq_no=item.if_seq_no if item.if_seq_no is not None else present.seq_no,
        if_primary_term=item.if_primary_term if item.if_primary_term is not None else present.primary_term,
    )
