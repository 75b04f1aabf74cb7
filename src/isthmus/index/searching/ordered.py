"""The first documents of a query in the order of several keys.

Tantivy sorts by one field. So the first key is sorted by it; where documents that share a value of it straddle the end
of the page, those alone are searched again by the keys that remain. What comes after a given place is found the same
way: what shares the first value and comes after it by the rest, then what has a greater first value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from typing import Any

import tantivy

from isthmus.index.projection.projection import Reading
from isthmus.index.searching.columns import values
from isthmus.index.searching.keys import Key
from isthmus.index.searching.scopes import Scope, comes_after, is_value, narrowed, with_value, without_value
from isthmus.query.partial import SortValue

Query = tantivy.Query
MANY = 20_000
EXTREMES = 1_000
MOST_EXTREMES = 10_000


@dataclass(frozen=True, slots=True)
class Placed:
    """A document with its values of the keys."""

    address: tantivy.DocAddress
    sort: tuple[SortValue, ...]


def first(scope: Scope, query: tantivy.Query, keys: Sequence[Key], count: int) -> list[Placed]:
    """Return the first `count` documents of `query`; `keys` hold no score."""
    if count <= 0:
        return []
    if not keys:
        hits = scope.reading.searcher.search(query, count, count=False).hits
        return [Placed(found, ()) for _, found in hits]
    scope.check_time()
    key, rest = keys[0], keys[1:]
    if key.is_lacking_between:
        both = [*_present(scope, query, key, rest, count), *_lacking(scope, query, key, rest, count)]
        return sorted(both, key=sort_key(keys))[:count]
    found: list[Placed] = []
    for part in _parts(key):
        if len(found) < count:
            found += part(scope, query, key, rest, count - len(found))
    return found


def after(
    scope: Scope, query: tantivy.Query, keys: Sequence[Key], place: Sequence[SortValue], count: int
) -> list[Placed]:
    """Return the first `count` documents of `query` that come after `place`, values for the first of the keys."""
    if count <= 0 or not place:
        return []
    scope.check_time()
    key, rest = keys[0], keys[1:]
    value = place[0]
    found: list[Placed] = []
    if place[1:]:
        same = is_value(scope, query, key, value)
        found = [Placed(one.address, (value, *one.sort)) for one in after(scope, same, rest, place[1:], count)]
    beyond = comes_after(scope, query, key, value)
    if beyond is not None and len(found) < count:
        found += first(scope, beyond, keys, count - len(found))
    return found


def sort_key(keys: Sequence[Key], start: int = 0) -> Callable[[Placed], Any]:
    """Return what sorts by `keys`, whose values begin at `start`."""

    def order(one: Placed, other: Placed) -> int:
        return compare(one.sort[start:], other.sort[start:], keys)

    return cmp_to_key(order)


def compare(one: Sequence[SortValue], other: Sequence[SortValue], keys: Sequence[Key]) -> int:
    """Return -1, 0 or 1 as `one` comes before, with or after `other`."""
    for key, left, right in zip(keys, one, other, strict=False):
        if left == right:
            continue
        if left is None or right is None:
            return 1 if (left is None) != key.missing_first else -1
        less = left < right  # type: ignore[operator]  # values of one column
        return -1 if less == key.ascending else 1
    return 0


def _parts(key: Key) -> Sequence[Callable[[Scope, tantivy.Query, Key, Sequence[Key], int], list[Placed]]]:
    if key.slot is None:
        return (_lacking,)
    if key.is_place:
        return (_present,)
    return (_lacking, _present) if key.missing_first else (_present, _lacking)


def _lacking(scope: Scope, query: tantivy.Query, key: Key, rest: Sequence[Key], count: int) -> list[Placed]:
    found = first(scope, without_value(query, key.slot), rest, count)
    return [Placed(one.address, (key.missing, *one.sort)) for one in found]


def _present(scope: Scope, query: tantivy.Query, key: Key, rest: Sequence[Key], count: int) -> list[Placed]:
    """Documents with a value. Those whose greatest value has a slot of its own are sorted by that one."""
    if not key.by_greatest or key.greatest is None:
        return _sorted_by(scope, _with_values_first(scope, query, key), key, rest, count)
    apart = replace(key, slot=key.greatest, several=False, by_greatest=False)
    single = replace(key, several=False, by_greatest=False)
    both = _sorted_by(scope, with_value(query, apart), apart, rest, count)
    both += _sorted_by(scope, without_value(with_value(query, key), key.greatest), single, rest, count)
    return sorted(both, key=sort_key([key, *rest]))[:count]


def _with_values_first(scope: Scope, query: tantivy.Query, key: Key) -> tantivy.Query:
    """Tantivy puts documents without a value last where values descend: only where they ascend are they to be left out,
    and only if there are any."""
    reading = scope.reading
    if key.is_place or not key.ascending or reading.documents_with(key.slot or "") >= reading.searcher.num_docs:
        return query
    return with_value(query, key)


def _sorted_by(scope: Scope, present: tantivy.Query, key: Key, rest: Sequence[Key], count: int) -> list[Placed]:
    reading = scope.reading
    limit = min(count + 1, max(1, reading.searcher.num_docs))
    hits = _best(reading, present, key, limit)
    whole, boundary = _cut(hits, count)
    found = _sorted(reading, whole, rest)
    if boundary is not None and len(found) < count:
        tied = is_value(scope, with_value(present, key), key, boundary)
        found += [Placed(one.address, (boundary, *one.sort)) for one in first(scope, tied, rest, count - len(found))]
    return found


def _best(
    reading: Reading, query: tantivy.Query, key: Key, limit: int
) -> Sequence[tuple[SortValue, tantivy.DocAddress]]:
    """Return the first `limit` documents with a value by one key: among the extreme values, if there are enough."""
    order = tantivy.Order.Asc if key.ascending else tantivy.Order.Desc
    for narrower in _among_extremes(reading, query, key, limit):
        hits = reading.searcher.search(narrower, limit, count=False, order_by_field=key.slot or "", order=order).hits
        found = [hit for hit in hits if hit[0] is not None]
        if len(found) >= limit:
            return found
    return found


def _among_extremes(reading: Reading, query: tantivy.Query, key: Key, limit: int) -> Iterator[tantivy.Query]:
    """Yield `query` for the extreme values of the key, if many documents match it, and then for all."""
    total = reading.known_hits_of(query)
    if key.column == "long" and not key.several and key.slot is not None and total is not None and total >= MANY:
        # So many that a share of them as large as that of the query in the whole holds enough; then some more.
        rank = EXTREMES * -(-limit * 4 * reading.searcher.num_docs // (total * EXTREMES))
        value = reading.extreme(key.slot, ascending=key.ascending, rank=rank) if rank <= MOST_EXTREMES else None
        if value is not None:
            low, high = (None, value) if key.ascending else (value, None)
            kind = tantivy.FieldType.Integer
            yield narrowed(query, Query.range_query(reading.schema, key.slot, kind, low, high))
    yield query


def _cut(
    hits: Sequence[tuple[SortValue, tantivy.DocAddress]], count: int
) -> tuple[list[tuple[SortValue, tantivy.DocAddress]], SortValue]:
    """Return the hits whose value no document beyond the page shares, and the value that straddles its end."""
    if len(hits) <= count:
        return list(hits), None
    last = hits[count - 1][0]
    if hits[count][0] != last:
        return list(hits[:count]), None
    return [hit for hit in hits[:count] if hit[0] != last], last


def _sorted(
    reading: Reading, hits: Sequence[tuple[SortValue, tantivy.DocAddress]], rest: Sequence[Key]
) -> list[Placed]:
    """Return hits that are sorted by one value, sorted by the keys that remain where they share it."""
    if not rest:
        return [Placed(found, (value,)) for value, found in hits]
    addresses = [found for _, found in hits]
    columns = [values(reading, key, addresses) for key in rest]
    placed = [Placed(found, (value, *(column[at] for column in columns))) for at, (value, found) in enumerate(hits)]
    grouped: list[Placed] = []
    at = 0
    while at < len(placed):
        end = at + 1
        while end < len(placed) and placed[end].sort[0] == placed[at].sort[0]:
            end += 1
        grouped += sorted(placed[at:end], key=sort_key(rest, 1))
        at = end
    return grouped
