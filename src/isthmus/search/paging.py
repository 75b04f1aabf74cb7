"""The pages of a scroll: how one is asked for, and where the next one goes on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import msgspec

from isthmus.query.partial import Hit, SortValue
from isthmus.query.search_request import SearchRequest
from isthmus.search.part import IndexPart
from isthmus.search.places import with_tie_breaker


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index was shown: so many hits where the order is that of scores, up to these values otherwise."""

    shown: int = 0
    after: tuple[SortValue, ...] | None = None


Positions: TypeAlias = Mapping[str, Position]
START = Position()


def page_of(request: SearchRequest, size: int, *, further: bool) -> SearchRequest:
    """Return the request of one page: in an order that the next can go on in; `further` pages tell hits alone."""
    page = with_tie_breaker(replace(request, size=size, from_=0))
    return replace(page, aggregations=(), track_total_hits=0) if further else page


def gone_on(positions: Positions, hits: Sequence[Hit], *, by_values: bool) -> Positions:
    """Return where the indices stand after a page of `hits` was shown."""
    moved = dict(positions)
    for hit in hits:
        shown = moved.get(hit.index, START).shown + 1
        moved[hit.index] = Position(shown, hit.sort if by_values else None)
    return moved


def placed(part: IndexPart, positions: Positions) -> IndexPart:
    """Return what an index is asked for the next page."""
    position = positions.get(part.name, START)
    skip = position.shown if position.after is None else 0
    return msgspec.structs.replace(part, skip=skip, after=position.after)


def without_tie_breaker(request: SearchRequest, hits: Sequence[Hit]) -> list[Hit]:
    """Return a page's hits with the sort values that `request` asked for, and no more."""
    count = len(request.sort)
    if with_tie_breaker(request).sort == request.sort:
        return list(hits)
    return [msgspec.structs.replace(hit, sort=hit.sort[:count], sort_shown=hit.sort_shown[:count]) for hit in hits]
