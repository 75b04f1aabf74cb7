"""The first documents of a query in the order of several keys.

Tantivy sorts by one field. So the first key is sorted by it; where documents that share a value of it straddle the end
of the page, those alone are searched again by the keys that remain. What comes after a given place is found the same
way: what shares the first value and comes after it by the rest, then what has a greater first value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

import tantivy

from isthmus.index.projection.projection import Reading
from isthmus.index.searching.columns import values
from isthmus.index.searching.keys import HIGHEST, LOWEST, Key
from isthmus.index.searching.scopes import Scope, greater, is_value, with_value, without_value
from isthmus.query.partial import SortValue

Query = tantivy.Query
Part = Callable[[Scope, tantivy.Query, Key, Sequence[Key], int], list["Placed"]]


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
    if _is_between(key):
        both = [*_present(scope, query, key, rest, count), *_lacking(scope, query, key, rest, count)]
        return sorted(both, key=_sort_key(keys, 0))[:count]
    found: list[Placed] = []
    for part in _parts(key):
        if len(found) < count:
            found += part(scope, query, key, rest, count - len(found))
    return found


def after(
    scope: Scope, query: tantivy.Query, keys: Sequence[Key], place: Sequence[SortValue], count: int
) -> list[Placed]:
    """Return the first `count` documents of `query` that come after `place`, a value for each key."""
    if count <= 0 or not keys:
        return []
    scope.check_time()
    key, rest = keys[0], keys[1:]
    value = place[0]
    same = is_value(scope, query, key, value)
    found = [Placed(one.address, (value, *one.sort)) for one in after(scope, same, rest, place[1:], count)]
    beyond = greater(scope, query, key, value)
    if beyond is not None and len(found) < count:
        found += first(scope, beyond, keys, count - len(found))
    return found


def _parts(key: Key) -> Sequence[Part]:
    if key.slot is None:
        return (_lacking,)
    if key.is_place:
        return (_present,)
    return (_lacking, _present) if key.missing_first else (_present, _lacking)


def _is_between(key: Key) -> bool:
    """Whether documents without a value count with one that others may have too."""
    extremes = (None, LOWEST, HIGHEST, float("-inf"), float("inf"))
    return key.slot is not None and not key.is_place and key.missing not in extremes


def _lacking(scope: Scope, query: tantivy.Query, key: Key, rest: Sequence[Key], count: int) -> list[Placed]:
    found = first(scope, without_value(query, key.slot), rest, count)
    return [Placed(one.address, (key.missing, *one.sort)) for one in found]


def _present(scope: Scope, query: tantivy.Query, key: Key, rest: Sequence[Key], count: int) -> list[Placed]:
    reading = scope.reading
    order = tantivy.Order.Asc if key.ascending else tantivy.Order.Desc
    present = with_value(query, key)
    slot = key.slot or ""
    hits = reading.searcher.search(present, count + 1, count=False, order_by_field=slot, order=order).hits
    whole, boundary = _cut(hits, count)
    found = _sorted(reading, whole, rest)
    if boundary is not None and len(found) < count:
        tied = is_value(scope, query, key, boundary)
        found += [Placed(one.address, (boundary, *one.sort)) for one in first(scope, tied, rest, count - len(found))]
    return found


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
    columns = [_values(reading, key, addresses) for key in rest]
    placed = [Placed(found, (value, *(column[at] for column in columns))) for at, (value, found) in enumerate(hits)]
    grouped: list[Placed] = []
    at = 0
    while at < len(placed):
        end = at + 1
        while end < len(placed) and placed[end].sort[0] == placed[at].sort[0]:
            end += 1
        grouped += sorted(placed[at:end], key=_sort_key(rest, 1))
        at = end
    return grouped


def _values(reading: Reading, key: Key, addresses: Sequence[tantivy.DocAddress]) -> list[SortValue]:
    if key.slot is None or key.column is None:
        return [key.missing] * len(addresses)
    found = values(reading, key.slot, key.column, addresses, greatest=not key.ascending)
    return [key.missing if value is None else value for value in found]


def _sort_key(keys: Sequence[Key], start: int) -> Callable[[Placed], Any]:
    """Return what sorts by `keys`, whose values begin at `start`."""

    def compare(one: Placed, other: Placed) -> int:
        return _compare(one.sort[start:], other.sort[start:], keys)

    return cmp_to_key(compare)


def _compare(one: Sequence[SortValue], other: Sequence[SortValue], keys: Sequence[Key]) -> int:
    for key, left, right in zip(keys, one, other, strict=True):
        if left == right:
            continue
        if left is None or right is None:
            return 1 if (left is None) != key.missing_first else -1
        less = left < right  # type: ignore[operator]  # values of one column
        return -1 if less == key.ascending else 1
    return 0
