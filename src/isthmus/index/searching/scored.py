"""Hits whose score counts: so many of the best as it takes, and sorts of which the score is one key."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

import tantivy

from isthmus.errors import UsageError
from isthmus.index.searching.columns import seq_nos, values
from isthmus.index.searching.keys import Key
from isthmus.index.searching.ordered import compare
from isthmus.index.searching.scopes import Scope
from isthmus.query.partial import SortValue

MOST = 2_000_000
WIDER = 8
ScoredHits = Sequence[tuple[float, tantivy.DocAddress]]


class TooManyHitsError(UsageError):
    """More hits than are sorted one by one."""

    type = "search_phase_execution_exception"


@dataclass(frozen=True, slots=True)
class Scored:
    """A hit with its values of the keys."""

    seq_no: int
    address: tantivy.DocAddress
    score: float
    sort: tuple[SortValue, ...]


def as_single(number: float) -> float:
    """Return the number of 32 bits that scores are."""
    try:
        single: float = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
    return single


def best_scores(scope: Scope, query: tantivy.Query, count: int, enough: Callable[[ScoredHits], bool]) -> ScoredHits:
    """Return the best hits, at least `count` and until they are `enough`, or all. Raises TooManyHitsError."""
    every = max(1, scope.reading.searcher.num_docs)
    limit = min(every, max(1, count))
    while True:
        scope.check_time()
        hits: ScoredHits = scope.reading.searcher.search(query, limit, count=False).hits
        if len(hits) < limit or limit == every or enough(hits):
            return hits
        if limit >= MOST:
            raise TooManyHitsError(f"more than {MOST} hits would have to be sorted by their score", hint="add a filter")
        limit = min(every, limit * WIDER)


def sorted_with_scores(
    scope: Scope, query: tantivy.Query, keys: Sequence[Key], after: Sequence[SortValue] | None, count: int
) -> list[Scored]:
    """Return the first `count` hits by keys of which some are the score; ties by the place in the index."""
    led_by_score = keys[0].is_score and not keys[0].ascending

    def enough(hits: ScoredHits) -> bool:
        if not led_by_score or hits[-1][0] == hits[0][0]:
            return False
        bound = _bound(after, keys)
        whole = [hit for hit in hits if hit[0] > hits[-1][0]]
        return len(_sorted(scope, whole, keys, bound)) >= count

    return _sorted(scope, best_scores(scope, query, count + 1, enough), keys, _bound(after, keys))[:count]


def _sorted(scope: Scope, hits: ScoredHits, keys: Sequence[Key], bound: tuple[SortValue, ...] | None) -> list[Scored]:
    addresses = [found for _, found in hits]
    columns = [[score for score, _ in hits] if key.is_score else values(scope.reading, key, addresses) for key in keys]
    found = [
        Scored(seq_no, hits[at][1], hits[at][0], tuple(column[at] for column in columns))
        for at, seq_no in enumerate(seq_nos(scope.reading, addresses))
    ]
    if bound is not None:
        found = [one for one in found if compare(one.sort, bound, keys) > 0]

    def order(one: Scored, other: Scored) -> int:
        return compare(one.sort, other.sort, keys) or (-1 if one.seq_no < other.seq_no else 1)

    return sorted(found, key=cmp_to_key(order))


def _bound(after: Sequence[SortValue] | None, keys: Sequence[Key]) -> tuple[SortValue, ...] | None:
    if after is None:
        return None
    given = zip(keys, after, strict=False)
    return tuple(as_single(float(value or 0)) if key.is_score else value for key, value in given)
