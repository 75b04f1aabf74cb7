"""A page of one index's hits, with the total and the best score.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-your-data.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import tantivy

from isthmus.index.projection.panics import guarded
from isthmus.index.projection.slots import SEQ
from isthmus.index.searching.collapsing import collapsed
from isthmus.index.searching.columns import address, seq_nos
from isthmus.index.searching.entry import Entry
from isthmus.index.searching.keys import Key, place
from isthmus.index.searching.ordered import Placed, after, first
from isthmus.index.searching.scopes import Scope, TimeIsOverError, narrowed
from isthmus.index.searching.scored import Scored, as_single, best_scores, sorted_with_scores
from isthmus.query.partial import SortValue

Query = tantivy.Query
COLLAPSED_MORE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of one index. Without `keys` the best scores come first. `skip` hits are left out before `count`
    are taken; `after` is the place (a value for each key, or a score) that they come after. `tracked` is how far
    hits are counted. `collapse` names the key of which one hit for each value is wanted."""

    count: int
    skip: int = 0
    keys: Sequence[Key] = ()
    after: Sequence[SortValue] | None = None
    tracked: int = 10_000
    scores: bool = False
    min_score: float | None = None
    terminate_after: int = 0
    collapse: Key | None = None


@dataclass(slots=True)
class Page:
    """What was found."""

    entries: list[Entry] = field(default_factory=list)
    total: int = 0
    exact: bool = True
    max_score: float | None = None
    timed_out: bool = False
    terminated_early: bool = False


def find(scope: Scope, query: tantivy.Query, wanted: Wanted) -> Page:
    """Return the page of `query` that is wanted. Raises SearchEngineError."""
    page = Page()
    try:
        with guarded(scope.index):
            query = _scored_enough(scope, query, wanted)
            if _is_plain(wanted):
                _best_and_total(scope, query, wanted, page)
                return page
            _count(scope, query, wanted, page)
            if wanted.count > 0 and page.total + (not page.exact) > 0:
                _fill(scope, query, wanted, page)
    except TimeIsOverError:
        page.timed_out = True
    return page


def hits_of(scope: Scope, query: tantivy.Query) -> int:
    """Return how many documents a query matches."""
    return scope.reading.hits_of(query)


def _scored_enough(scope: Scope, query: tantivy.Query, wanted: Wanted) -> tantivy.Query:
    """Narrow a query to what has the least score that is asked for."""
    if wanted.min_score is None:
        return query
    least = as_single(wanted.min_score)
    hits = best_scores(scope, query, wanted.skip + wanted.count, lambda found: found[-1][0] < least)
    enough = [found for score, found in hits if score >= least]
    return narrowed(query, Query.term_set_query(scope.reading.schema, SEQ, seq_nos(scope.reading, enough)))


def _count(scope: Scope, query: tantivy.Query, wanted: Wanted, page: Page) -> None:
    if not wanted.tracked and not wanted.terminate_after:
        page.exact = False
        return
    _tell_total(hits_of(scope, query), wanted, page)


def _tell_total(total: int, wanted: Wanted, page: Page) -> None:
    if wanted.terminate_after and total > wanted.terminate_after:
        total, page.terminated_early = wanted.terminate_after, True
    page.total, page.exact = min(total, wanted.tracked), total <= wanted.tracked


def _is_plain(wanted: Wanted) -> bool:
    asked_more = wanted.keys or wanted.after or wanted.collapse or wanted.terminate_after
    return not asked_more and wanted.count > 0 and wanted.tracked > 0


def _best_and_total(scope: Scope, query: tantivy.Query, wanted: Wanted, page: Page) -> None:
    """The best scores and how many hits there are, in one pass."""
    needed = min(wanted.skip + wanted.count, max(1, scope.reading.searcher.num_docs))
    reading = scope.reading
    hits, total = reading.first_alike(query, needed), reading.known_hits_of(query)
    if hits is None:
        result = reading.searcher.search(query, needed, count=total is None)
        hits = result.hits
        total = result.count if total is None else total  # type: ignore[attr-defined]  # not in the stub
    _tell_total(reading.hits_of(query) if total is None else total, wanted, page)
    page.max_score = hits[0][0] if hits else None
    page.entries = _entries(scope, hits[wanted.skip :])


def _fill(scope: Scope, query: tantivy.Query, wanted: Wanted, page: Page) -> None:
    if not wanted.keys or wanted.scores:
        best = scope.reading.searcher.search(query, 1, count=False).hits
        page.max_score = best[0][0] if best else None
    needed = wanted.skip + wanted.count
    if wanted.collapse is None:
        page.entries = _ordered(scope, query, wanted, needed)[wanted.skip :]
        return
    limit = needed
    while True:
        found = _ordered(scope, query, wanted, limit)
        kept = collapsed(scope, found, wanted.collapse)
        if len(kept) >= needed or len(found) < limit:
            page.entries = kept[wanted.skip : needed]
            return
        limit *= COLLAPSED_MORE


def _ordered(scope: Scope, query: tantivy.Query, wanted: Wanted, count: int) -> list[Entry]:
    """Return the first `count` hits in the order that is wanted."""
    count = min(count, max(1, scope.reading.searcher.num_docs))
    if not wanted.keys:
        return _by_score(scope, query, wanted, count)
    if any(key.is_score for key in wanted.keys):
        return [_entry(one) for one in sorted_with_scores(scope, query, wanted.keys, wanted.after, count)]
    keys = list(wanted.keys) if wanted.keys[-1].is_place else [*wanted.keys, place()]
    found = (
        first(scope, query, keys, count)
        if wanted.after is None
        else after(scope, query, keys, tuple(wanted.after)[: len(wanted.keys)], count)
    )
    return _with_scores(scope, query, found, wanted)


def _by_score(scope: Scope, query: tantivy.Query, wanted: Wanted, count: int) -> list[Entry]:
    """The best scores first; those of one score in the order in which they lie in the index."""
    reading = scope.reading
    if wanted.after is None:
        hits = reading.searcher.search(query, count, count=False).hits
    else:
        bound = as_single(float(wanted.after[0] or 0))
        found = best_scores(scope, query, count, lambda some: sum(score < bound for score, _ in some) >= count)
        hits = [hit for hit in found if hit[0] < bound][:count]
    return _entries(scope, hits)


def _entries(scope: Scope, hits: Sequence[tuple[float, tantivy.DocAddress]]) -> list[Entry]:
    numbers = seq_nos(scope.reading, [found for _, found in hits])
    return [Entry(seq_no, found, score, (score,)) for seq_no, (score, found) in zip(numbers, hits, strict=True)]


def _with_scores(scope: Scope, query: tantivy.Query, found: list[Placed], wanted: Wanted) -> list[Entry]:
    numbers = seq_nos(scope.reading, [one.address for one in found])
    scores: dict[tuple[int, int], float] = {}
    if wanted.scores and found:
        chosen = narrowed(query, Query.term_set_query(scope.reading.schema, SEQ, numbers))
        hits = scope.reading.searcher.search(chosen, len(found), count=False).hits
        scores = {address(one): score for score, one in hits}
    shown = len(wanted.keys)
    return [
        Entry(number, one.address, scores.get(address(one.address)), one.sort[:shown])
        for number, one in zip(numbers, found, strict=True)
    ]


def _entry(one: Scored) -> Entry:
    return Entry(one.seq_no, one.address, one.score, one.sort)
