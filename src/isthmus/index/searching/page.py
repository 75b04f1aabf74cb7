"""A page of one index's hits, with the total and the best score.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-your-data.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import tantivy

from isthmus.index.projection.slots import SEQ
from isthmus.index.searching.columns import address, seq_nos, values
from isthmus.index.searching.keys import Key, place
from isthmus.index.searching.ordered import Placed, after, first
from isthmus.index.searching.scopes import Scope, TimeIsOverError, narrowed
from isthmus.query.partial import SortValue

Query = tantivy.Query
SCORED_AT_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A hit that is not fetched yet: the operation that made the document, its score, and its values of the keys."""

    seq_no: int
    address: tantivy.DocAddress
    score: float | None
    sort: tuple[SortValue, ...]
    collapse_key: SortValue = None


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
    """Return the page of `query` that is wanted."""
    page = Page()
    try:
        _count(scope, query, wanted, page)
        if wanted.count > 0:
            _fill(scope, query, wanted, page)
    except TimeIsOverError:
        page.timed_out = True
    return page


def _count(scope: Scope, query: tantivy.Query, wanted: Wanted, page: Page) -> None:
    if wanted.min_score is not None:
        return
    if not wanted.tracked and not wanted.terminate_after:
        page.exact = False
        return
    total = hits_of(scope, query)
    if wanted.terminate_after and total > wanted.terminate_after:
        total, page.terminated_early = wanted.terminate_after, True
    page.total, page.exact = min(total, wanted.tracked), total <= wanted.tracked


def _fill(scope: Scope, query: tantivy.Query, wanted: Wanted, page: Page) -> None:
    if any(key.is_score for key in wanted.keys):
        found = _mixed(scope, query, wanted)
    elif wanted.keys:
        found = _by_keys(scope, query, wanted)
    else:
        found = _by_score(scope, query, wanted, page)
    page.entries = found
    if page.max_score is None and found and (not wanted.keys or wanted.scores):
        page.max_score = max((one.score for one in found if one.score is not None), default=None)


def _by_score(scope: Scope, query: tantivy.Query, wanted: Wanted, page: Page) -> list[Entry]:
    """The best scores first; those of one score in the order in which they lie in the index."""
    reading = scope.reading
    if wanted.min_score is None and wanted.collapse is None and wanted.after is None:
        hits = reading.searcher.search(query, wanted.count, count=False, offset=wanted.skip).hits
        if wanted.skip and hits:
            page.max_score = reading.searcher.search(query, 1, count=False).hits[0][0]
        return _entries(scope, hits)
    every = reading.searcher.search(query, _limit(scope, query), count=False).hits
    if wanted.min_score is not None:
        every = [hit for hit in every if hit[0] >= wanted.min_score]
        page.total, page.exact = min(len(every), wanted.tracked), len(every) <= wanted.tracked
    if every:
        page.max_score = every[0][0]
    if wanted.after is not None:
        bound = float(wanted.after[0] or 0)
        every = [hit for hit in every if hit[0] < bound]
    if wanted.collapse is None:
        return _entries(scope, every[wanted.skip : wanted.skip + wanted.count])
    return _collapsed(scope, _entries(scope, every), wanted, wanted.collapse, [found for _, found in every])


def _by_keys(scope: Scope, query: tantivy.Query, wanted: Wanted) -> list[Entry]:
    keys = list(wanted.keys) if wanted.keys[-1].is_place else [*wanted.keys, place()]
    needed = wanted.skip + wanted.count
    limit = needed
    while True:
        found = _placed(scope, query, wanted, keys, limit)
        entries = _with_scores(scope, query, found, wanted)
        if wanted.collapse is None:
            return entries[wanted.skip :]
        kept = _collapsed(scope, entries, wanted, wanted.collapse, [one.address for one in found])
        if len(kept) >= wanted.count or len(found) < limit:
            return kept
        limit *= 4


def _placed(scope: Scope, query: tantivy.Query, wanted: Wanted, keys: list[Key], limit: int) -> list[Placed]:
    if wanted.after is None:
        return first(scope, query, keys, limit)
    given = list(wanted.after)
    return (
        after(scope, query, keys[: len(given)], given, limit)
        if len(given) < len(keys)
        else after(scope, query, keys, given, limit)
    )


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


def _mixed(scope: Scope, query: tantivy.Query, wanted: Wanted) -> list[Entry]:
    """Keys of which some are the score: all hits are scored and then sorted as values."""
    reading = scope.reading
    hits = reading.searcher.search(query, _limit(scope, query), count=False).hits
    if wanted.min_score is not None:
        hits = [hit for hit in hits if hit[0] >= wanted.min_score]
    addresses = [found for _, found in hits]
    columns: list[list[SortValue]] = []
    for key in wanted.keys:
        if key.is_score:
            columns.append([score for score, _ in hits])
        elif key.slot is None or key.column is None:
            columns.append([key.missing] * len(hits))
        else:
            given = values(reading, key.slot, key.column, addresses, greatest=not key.ascending)
            columns.append([key.missing if value is None else value for value in given])
    entries = [
        Entry(seq_no, hits[at][1], hits[at][0], tuple(column[at] for column in columns))
        for at, seq_no in enumerate(seq_nos(reading, addresses))
    ]
    order = _Order(wanted.keys)
    chosen = sorted(range(len(entries)), key=lambda at: (order.key(entries[at].sort), entries[at].seq_no))
    if wanted.after is not None:
        bound = order.key(tuple(wanted.after)[: len(wanted.keys)])
        chosen = [at for at in chosen if bound < order.key(entries[at].sort)]
    if wanted.collapse is not None:
        ordered = [entries[at] for at in chosen]
        return _collapsed(scope, ordered, wanted, wanted.collapse, [addresses[at] for at in chosen])
    return [entries[at] for at in chosen[wanted.skip : wanted.skip + wanted.count]]


class _Order:
    """Turns the values of keys into something that Python sorts in their order."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = keys

    def key(self, sort: Sequence[SortValue]) -> tuple[_Comparable, ...]:
        return tuple(
            _Comparable(value, key.ascending, key.missing_first) for key, value in zip(self._keys, sort, strict=True)
        )


@dataclass(frozen=True, slots=True)
class _Comparable:
    value: SortValue
    ascending: bool
    missing_first: bool

    def __lt__(self, other: _Comparable) -> bool:
        if self.value is None or other.value is None:
            return (self.value is None) != (other.value is None) and (self.value is None) == self.missing_first
        if self.value == other.value:
            return False
        return (self.value < other.value) == self.ascending  # type: ignore[operator]  # values of one column


def _collapsed(
    scope: Scope,
    entries: Sequence[Entry],
    wanted: Wanted,
    key: Key,
    addresses: Sequence[tantivy.DocAddress],
) -> list[Entry]:
    """The first entry of each value of the key, those without a value as one group."""
    if key.slot is None or key.column is None:
        groups: Sequence[SortValue] = [None] * len(entries)
    else:
        groups = values(scope.reading, key.slot, key.column, addresses)
    best: dict[SortValue, Entry] = {}
    for group, entry in zip(groups, entries, strict=True):
        if group not in best:
            best[group] = replace(entry, collapse_key=group)
    return list(best.values())[wanted.skip : wanted.skip + wanted.count]


def _entries(scope: Scope, hits: Sequence[tuple[float, tantivy.DocAddress]]) -> list[Entry]:
    numbers = seq_nos(scope.reading, [found for _, found in hits])
    return [Entry(seq_no, found, score, (score,)) for seq_no, (score, found) in zip(numbers, hits, strict=True)]


def _limit(scope: Scope, query: tantivy.Query) -> int:
    """How many hits there are, so that all can be looked at."""
    return max(1, min(SCORED_AT_MOST, hits_of(scope, query)))


def hits_of(scope: Scope, query: tantivy.Query) -> int:
    """Return how many documents a query matches."""
    found: int = scope.reading.searcher.search(query, 1, count=True).count  # type: ignore[attr-defined]  # not in the stub
    return found
