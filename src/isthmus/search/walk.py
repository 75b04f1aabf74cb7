"""All hits of a query, batch by batch, of indices as they were at first."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from isthmus.index.metadata.expressions import Options
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.query.partial import PartialResult
from isthmus.search.asking import ask, close_contexts
from isthmus.search.call import SearchCall
from isthmus.search.paging import Positions, gone_on, page_of, placed
from isthmus.search.part import SearchPart
from isthmus.search.planning import kept_parts
from isthmus.search.points import open_contexts
from isthmus.search.service import SearchService

KEEP_ALIVE = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What is walked over: the names of indices, the query and the filter of sources as JSON has them."""

    indices: str
    options: Options = field(default_factory=Options)
    query: Mapping[str, Any] | None = None
    source: Any = True
    batch: int = 1000
    parameters: Mapping[str, str] = field(default_factory=dict)


async def batches(
    service: SearchService, walk: Walk
) -> AsyncGenerator[tuple[dict[str, IndexMetadata], PartialResult], None]:
    """Give each batch of hits with the indices by name; the total is told by the first.

    Raises as `SearchService.search`; an index that cannot be searched ends it.
    """
    call = _call(walk)
    request, parameters = service.parsed(call)
    resolved = service.readable(walk.indices, walk.options)
    indices = {one.index.name: one.index for one in resolved}
    contexts = await open_contexts(service.targets, resolved, KEEP_ALIVE)
    positions: Positions = {}
    now, further = service.clock(), False
    try:
        while True:
            parts = {
                one.node: SearchPart(
                    indices=tuple(placed(part, positions) for part in kept_parts(one, {})),
                    body=call.body,
                    now=now,
                    parameters=dict(parameters),
                    context=one.context,
                    page=walk.batch,
                    further=further,
                )
                for one in contexts
            }
            result = await ask(service.targets, page_of(request, walk.batch, further=further), parts)
            service.check(call, result)
            if not result.hits:
                return
            yield indices, result
            positions, further = gone_on(positions, result.hits, by_values=True), True
    finally:
        await close_contexts(service.targets, contexts)


def _call(walk: Walk) -> SearchCall:
    body: dict[str, Any] = {
        "sort": ["_doc"],
        "_source": walk.source,
        "seq_no_primary_term": True,
        "version": True,
        "track_total_hits": True,
    }
    if walk.query is not None:
        body["query"] = walk.query
    return SearchCall(body=msgspec.json.encode(body), parameters=walk.parameters, allow_partial=False)
