"""Several targets asked at once, and one result of their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeAlias

from isthmus.errors import IsthmusError, UsageError
from isthmus.query.partial import PartialResult, opened
from isthmus.query.search_request import SearchRequest
from isthmus.search.failures import all_failed
from isthmus.search.part import SearchPart
from isthmus.search.reduce import reduce
from isthmus.search.target import Target
from isthmus.search.tokens import KeptIndices

Targets: TypeAlias = Callable[[str], Target]
"""The target of a node's id."""


async def ask(targets: Targets, request: SearchRequest, parts: Mapping[str, SearchPart]) -> PartialResult:
    """Return the merged answers to the `parts` of nodes. A node that cannot be asked is a failure of its indices.

    Raises UsageError where the request itself is wrong.
    """
    return opened(await ask_sealed(targets, request, parts))


async def ask_sealed(targets: Targets, request: SearchRequest, parts: Mapping[str, SearchPart]) -> PartialResult:
    """Return the same; that of one node may be sealed."""
    if len(parts) == 1:
        ((node, part),) = parts.items()
        return await _ask_one(targets(node), node, part)
    answers = await asyncio.gather(*(_ask_one(targets(node), node, part) for node, part in parts.items()))
    return reduce(request, [opened(one) for one in answers])


async def _ask_one(target: Target, node: str, part: SearchPart) -> PartialResult:
    try:
        return await target.search(part)
    except UsageError as error:
        if part.context is None:
            raise
        return all_failed([one.name for one in part.indices], error, node)
    except IsthmusError as error:
        return all_failed([one.name for one in part.indices], error, node)


async def close_contexts(targets: Targets, contexts: tuple[KeptIndices, ...]) -> int:
    """Close contexts wherever they are; return of how many indices. A node that is away has none any more."""
    closed = await asyncio.gather(
        *(targets(one.node).close_context(one.context) for one in contexts), return_exceptions=True
    )
    return sum(len(one.indices) for one, done in zip(contexts, closed, strict=True) if done is True)


async def keep_contexts(targets: Targets, contexts: tuple[KeptIndices, ...], keep_alive: float) -> None:
    """Keep contexts for so long from now; one that is gone will be told by the search."""
    await asyncio.gather(
        *(targets(one.node).keep_context(one.context, keep_alive) for one in contexts), return_exceptions=True
    )
