"""What a target is asked: the request as it came, and the indices of the target that it is for."""

from __future__ import annotations

import msgspec

from isthmus.query.partial import SortValue


class IndexPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """One index. `filters` are the queries (JSON) of the aliases by which it was named: what any of them matches is
    searched, all of it if there are none. `boost` multiplies its scores (`indices_boost`).

    `names` are those by which it was asked for, its own or aliases: what may be seen depends on them. Without names
    those count by which it was asked for when the context was opened.

    `place` is its place among the indices of a point in time, which sets apart documents of the same place in two
    indices. A scroll goes on after `skip` hits of this index, or after the values of `after`.
    """

    name: str
    uuid: str
    filters: tuple[bytes, ...] = ()
    boost: float = 1.0
    place: int = 0
    skip: int = 0
    after: tuple[SortValue, ...] | None = None
    names: tuple[str, ...] = ()


class SearchPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """A search of some indices of one target.

    `body` is the JSON of the request and `parameters` those of its URL, parsed anew where they are run. `now` is the
    moment that date math starts from (ms), the same for all targets. `context` names what was opened before (a point
    in time or a scroll) in the place of the indices as they are now; uuids and filters are those of then. `page` is the
    size of one page of a scroll; pages after the first are `further`: without totals and aggregations.
    """

    indices: tuple[IndexPart, ...]
    body: bytes
    now: int
    parameters: dict[str, str] = {}
    context: str | None = None
    page: int | None = None
    further: bool = False


class OpenContext(msgspec.Struct, frozen=True):
    """Asks a target to keep indices as they are now, for `keep_alive` seconds after each use."""

    indices: tuple[IndexPart, ...]
    keep_alive: float
