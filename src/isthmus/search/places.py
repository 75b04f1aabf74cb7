"""`_shard_doc` over several indices: a document's place in its index, under the index's place in the point in time.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/paginate-search-results.html#search-after
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec

from isthmus.errors import UsageError
from isthmus.query.partial import Hit, SortValue
from isthmus.query.search_request import SearchRequest
from isthmus.query.sorts import SortKey
from isthmus.query.tree import Scalar

SHARD_DOC: Final = "_shard_doc"
PLACES: Final = (SHARD_DOC, "_doc")
BITS: Final = 40
LAST: Final = (1 << BITS) - 1


def with_index_place(hits: Sequence[Hit], sort: Sequence[SortKey], place: int) -> list[Hit]:
    """Return an index's hits with `_shard_doc` as it is among all indices."""
    positions = [at for at, key in enumerate(sort) if key.field == SHARD_DOC]
    if not positions or not place:
        return list(hits)
    return [_raised(hit, positions, place << BITS) for hit in hits]


def within_index(request: SearchRequest, place: int) -> SearchRequest:
    """Return the request as one index is asked: `search_after` with what its `_shard_doc` means in that index."""
    after = request.search_after
    if after is None:
        return request
    meant = tuple(
        _within(value, place) if key.field == SHARD_DOC else value
        for value, key in zip(after, request.sort, strict=False)
    )
    return replace(request, search_after=meant)


def with_tie_breaker(request: SearchRequest) -> SearchRequest:
    """Return a sorted request whose hits have a place of their own each, so that a scroll can go on after one."""
    if not request.sort or any(key.field in PLACES for key in request.sort):
        return request
    return replace(request, sort=(*request.sort, SortKey(field=SHARD_DOC)))


def _raised(hit: Hit, positions: Sequence[int], by: int) -> Hit:
    sort, shown = _added(hit.sort, positions, by), _added(hit.sort_shown, positions, by)
    return msgspec.structs.replace(hit, sort=sort, sort_shown=shown)


def _added(values: Sequence[SortValue], positions: Sequence[int], by: int) -> tuple[SortValue, ...]:
    return tuple(int(value) + by if at in positions and value is not None else value for at, value in enumerate(values))


def _within(value: Scalar, place: int) -> int:
    """Every document of an index that comes later has a higher place than the hit, every one of an earlier a lower."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"[{SHARD_DOC}] of [search_after] is a whole number", hint="give it as it was answered")
    at, within = value >> BITS, value & LAST
    if place == at:
        return within
    return -1 if place > at else LAST
