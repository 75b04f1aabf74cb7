"""Documents deleted, written again or copied by a query, batch by batch, each in the state in which it was found.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-update-by-query.html
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from isthmus.cluster.indices.documents import Documents
from isthmus.cluster.indices.messages import BULK
from isthmus.index.ledger.operation import Refused
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.writing.item import Answered, Item
from isthmus.query.partial import Hit
from isthmus.search.service import SearchService
from isthmus.search.walk import Walk, batches
from isthmus.security.acting import doing

CONFLICT = 409

Turned = Callable[[Hit, IndexMetadata], tuple[IndexMetadata, Item]]
"""Makes of a hit and its index what is to be written, and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """At most `max_docs` documents; without `abort_on_conflict` those that changed meanwhile are left alone."""

    max_docs: int | None = None
    abort_on_conflict: bool = True
    refresh: bool = False


@dataclass(slots=True)
class Tally:
    """What was done. `total` is how many documents there were to do."""

    total: int = 0
    batches: int = 0
    version_conflicts: int = 0
    took: int = 0
    results: dict[str, int] = field(default_factory=lambda: {"created": 0, "updated": 0, "deleted": 0, "noop": 0})
    failures: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The HTTP status: that of the worst failure."""
        return max((one["status"] for one in self.failures), default=200)

    def body(self, *kinds: str) -> dict[str, Any]:
        """Return the answer, with the counts of `kinds`: created, updated, deleted."""
        return {
            "took": self.took,
            "timed_out": False,
            "total": self.total,
            **{kind: self.results[kind] for kind in kinds},
            "batches": self.batches,
            "version_conflicts": self.version_conflicts,
            "noops": self.results["noop"],
            "retries": {"bulk": 0, "search": 0},
            "throttled_millis": 0,
            "requests_per_second": -1.0,
            "throttled_until_millis": 0,
            "failures": self.failures,
        }


class ByQuery:
    """Writes what a walk finds; `refresh(indices)` makes it visible."""

    def __init__(
        self,
        service: SearchService,
        documents: Documents,
        refresh: Callable[[Sequence[IndexMetadata]], Awaitable[object]],
    ) -> None:
        self._service = service
        self._documents = documents
        self._refresh = refresh

    async def run(self, walk: Walk, turned: Turned, rules: Rules) -> Tally:
        """Write what `turned` makes of each hit, until the first failure. Raises as `walk.batches`."""
        began = time.monotonic()
        tally = Tally()
        written: dict[str, IndexMetadata] = {}
        async with aclosing(batches(self._service, walk)) as found:
            async for indices, result in found:
                if not tally.batches:
                    tally.total = result.total if rules.max_docs is None else min(result.total, rules.max_docs)
                hits = result.hits[: tally.total - self._done(tally)]
                if not hits:
                    break
                tally.batches += 1
                chosen = [turned(hit, indices[hit.index]) for hit in hits]
                written |= {index.uuid: index for index, _ in chosen}
                await self._write(chosen, tally, rules)
                if tally.failures or self._done(tally) >= tally.total:
                    break
        if rules.refresh and written:
            await self._refresh(list(written.values()))
        tally.took = int((time.monotonic() - began) * 1000)
        return tally

    def names_of(self, walk: Walk) -> list[tuple[str, ...]]:
        """Return the names by which a walk reaches each of its indices: its own, or aliases."""
        found = self._service.resolve(walk.indices, walk.options)
        return [(one.index.name,) if one.itself else one.names for one in found]

    @staticmethod
    def _done(tally: Tally) -> int:
        return sum(tally.results.values()) + tally.version_conflicts

    async def _write(self, chosen: Sequence[tuple[IndexMetadata, Item]], tally: Tally, rules: Rules) -> None:
        by_index: dict[str, list[Item]] = {}
        indices = {index.uuid: index for index, _ in chosen}
        for index, item in chosen:
            by_index.setdefault(index.uuid, []).append(item)

        async def write(uuid: str, items: list[Item]) -> None:
            with doing(BULK):
                written = await self._documents.write(indices[uuid], items)
            for answered in written:
                count(tally, indices[uuid].name, answered, abort_on_conflict=rules.abort_on_conflict)

        await asyncio.gather(*(write(uuid, items) for uuid, items in by_index.items()))


def count(tally: Tally, index: str, answered: Answered, *, abort_on_conflict: bool) -> None:
    """Add what came of one item; a document that is gone meanwhile was changed by somebody else."""
    outcome = answered.outcome
    if not isinstance(outcome, Refused) and outcome.result != "not_found":
        tally.results[outcome.result] += 1
        return
    if isinstance(outcome, Refused) and outcome.status != CONFLICT:
        tally.failures.append(_failure(index, outcome.id, outcome.type, outcome.reason, outcome.status))
        return
    tally.version_conflicts += 1
    if abort_on_conflict:
        reason = outcome.reason if isinstance(outcome, Refused) else f"[{outcome.id}]: the document is gone"
        tally.failures.append(_failure(index, outcome.id, "version_conflict_engine_exception", reason, CONFLICT))


def _failure(index: str, id_: str, type_: str, reason: str, status: int) -> dict[str, Any]:
    cause = {"type": type_, "reason": reason, "index": index}
    return {"index": index, "id": id_, "cause": cause, "status": status}


def deleted(hit: Hit, index: IndexMetadata) -> tuple[IndexMetadata, Item]:
    """Delete the document, if it is still as it was found."""
    return index, Item(
        kind="delete", id=hit.id, routing=hit.routing, if_seq_no=hit.seq_no, if_primary_term=hit.primary_term
    )


def written_again(hit: Hit, index: IndexMetadata) -> tuple[IndexMetadata, Item]:
    """Index the document as it is, if it still is, so that the mapping of today applies to it."""
    return index, Item(
        kind="index",
        id=hit.id,
        source=hit.source or b"{}",
        routing=hit.routing,
        if_seq_no=hit.seq_no,
        if_primary_term=hit.primary_term,
    )
