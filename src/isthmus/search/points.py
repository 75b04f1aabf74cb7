"""Points in time: indices as they were when it was opened, on every node that holds some of them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/point-in-time-api.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from isthmus.errors import IsthmusError
from isthmus.index.metadata.expressions import Resolved
from isthmus.query.partial import Failure
from isthmus.search.asking import Targets, close_contexts
from isthmus.search.failures import SearchPhaseError, failed
from isthmus.search.part import IndexPart, OpenContext
from isthmus.search.planning import grouped
from isthmus.search.tokens import KeptIndices


async def open_contexts(targets: Targets, resolved: Sequence[Resolved], keep_alive: float) -> tuple[KeptIndices, ...]:
    """Keep the indices as they are now, all or none. Raises SearchPhaseError for those that cannot be kept."""
    groups = grouped(resolved, {})
    opened = await asyncio.gather(
        *(_open(targets, node, parts, keep_alive) for node, parts in groups.items()), return_exceptions=True
    )
    contexts = tuple(one for one in opened if isinstance(one, KeptIndices))
    if len(contexts) == len(groups):
        return contexts
    await close_contexts(targets, contexts)
    failures: list[Failure] = []
    for (node, parts), outcome in zip(groups.items(), opened, strict=True):
        if isinstance(outcome, IsthmusError):
            failures += [failed(one.name, outcome, node) for one in parts]
        elif isinstance(outcome, BaseException):
            raise outcome
    raise SearchPhaseError("all shards failed" if not contexts else "Partial shards failure", failures)


async def _open(targets: Targets, node: str, parts: tuple[IndexPart, ...], keep_alive: float) -> KeptIndices:
    context = await targets(node).open_context(OpenContext(parts, keep_alive))
    return KeptIndices(node, context, tuple((one.name, one.place) for one in parts))
