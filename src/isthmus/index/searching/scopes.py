"""A query narrowed by the value of a sort key.

Of several values the least counts, or the greatest. Both can be said of the values themselves: the least is at least
three where no value is less than three.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import tantivy

from isthmus.index.projection.projection import Reading
from isthmus.index.searching.keys import HIGHEST, LOWEST, Key
from isthmus.query.partial import SortValue
from isthmus.query.patterns import range_expression

Query = tantivy.Query
Occur = tantivy.Occur


class TimeIsOverError(Exception):
    """The time that a search was given is over; what was found so far counts."""


@dataclass(slots=True)
class Scope:
    """A reading, until when (of `time.monotonic`) it may be searched, and what it is called in errors."""

    reading: Reading
    deadline: float | None = None
    index: str = "_all"

    def check_time(self) -> None:
        """Raise TimeIsOverError when it is."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeIsOverError


def narrowed(query: tantivy.Query, by: tantivy.Query) -> tantivy.Query:
    """Return what both match, scored by `query` alone."""
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(by, 0.0))])


def with_value(query: tantivy.Query, key: Key) -> tantivy.Query:
    """Return the documents of `query` that have a value of `key`."""
    return query if key.is_place else narrowed(query, Query.exists_query(key.slot or ""))


def without_value(query: tantivy.Query, slot: str | None) -> tantivy.Query:
    """Return the documents of `query` without a value in `slot`."""
    return query if slot is None else _without(query, Query.exists_query(slot))


def is_value(scope: Scope, query: tantivy.Query, key: Key, value: SortValue) -> tantivy.Query:
    """Return the documents of `query` whose value of `key` is `value`; `missing` stands for none too."""
    ways = []
    if key.slot is not None and value is not None:
        ways.append(_counts_as(scope, key, value))
    if value == key.missing and not key.is_place:
        ways.append(without_value(Query.all_query(), key.slot))
    return narrowed(query, _any(ways)) if ways else Query.empty_query()


def comes_after(scope: Scope, query: tantivy.Query, key: Key, value: SortValue) -> tantivy.Query | None:
    """Return the documents of `query` that come after `value` by `key`; None if there can be none."""
    ways = []
    if key.slot is not None and value is None and key.missing_first:
        ways.append(Query.exists_query(key.slot))
    if key.slot is not None and value is not None:
        ways += [beyond] if (beyond := _counts_beyond(scope, key, value)) is not None else []
    if not key.is_place and _lacking_is_after(key, value):
        ways.append(without_value(Query.all_query(), key.slot))
    return narrowed(query, _any(ways)) if ways else None


def _lacking_is_after(key: Key, value: SortValue) -> bool:
    """Whether documents without a value come after `value`."""
    if key.missing == value:
        return False
    if key.missing is None or value is None:
        return not key.missing_first if key.missing is None else key.missing_first
    return (value < key.missing) == key.ascending  # type: ignore[operator]  # values of one column


def _counts_as(scope: Scope, key: Key, value: SortValue) -> tantivy.Query:
    same = _between(scope, key, value, value)
    if same is None or not key.several:
        return same or Query.empty_query()
    bounds = (value, None) if key.by_greatest else (None, value)
    further = _between(scope, key, *bounds, include=False)
    return same if further is None else _without(same, further)


def _counts_beyond(scope: Scope, key: Key, value: SortValue) -> tantivy.Query | None:
    if key.several and key.by_greatest != key.ascending:
        return _all_beyond(scope, key, value)
    return _between(scope, key, *((value, None) if key.ascending else (None, value)), include=False)


def _all_beyond(scope: Scope, key: Key, value: SortValue) -> tantivy.Query:
    """The least comes after `value` ascending, or the greatest descending, where every value does."""
    rest = _between(scope, key, *((None, value) if key.ascending else (value, None)))
    everyone = Query.exists_query(key.slot or "")
    return everyone if rest is None else _without(everyone, rest)


def _between(scope: Scope, key: Key, low: SortValue, high: SortValue, *, include: bool = True) -> tantivy.Query | None:
    """Return the documents with any value between bounds (None: open); None if there can be none."""
    schema, slot = scope.reading.schema, key.slot or ""
    if key.column == "keyword":
        return _texts_between(scope, slot, low, high, include=include)
    if key.column == "long":
        least = LOWEST if low is None else int(low) + (not include)
        most = HIGHEST if high is None else int(high) - (not include)
        if least > most or least > HIGHEST or most < LOWEST:
            return None
        return Query.range_query(schema, slot, tantivy.FieldType.Integer, max(least, LOWEST), min(most, HIGHEST))
    # Tantivy sorts -0.0 before 0.0, here the two are equal.
    first = float("-inf") if low is None else float(low) or (-0.0 if include else 0.0)
    last = float("inf") if high is None else float(high) or (0.0 if include else -0.0)
    return Query.range_query(
        schema,
        slot,
        tantivy.FieldType.Float,
        first,
        last,
        include_lower=include or low is None,
        include_upper=include or high is None,
    )


def _texts_between(scope: Scope, slot: str, low: SortValue, high: SortValue, *, include: bool) -> tantivy.Query | None:
    schema = scope.reading.schema
    least, most = (None if one is None else str(one) for one in (low, high))
    if least is not None and least == most:
        return Query.term_query(schema, slot, least, "basic")
    expression = range_expression(least, most, include_low=include, include_high=include)
    try:
        return None if expression is None else Query.regex_query(schema, slot, expression)
    except ValueError:
        # Bounds too long for an automaton: the terms themselves are looked through.
        found = [
            one
            for one, _ in scope.reading.searcher.terms_with_prefix(slot, "")
            if (least is None or one > least or (include and one == least))
            and (most is None or one < most or (include and one == most))
        ]
        return Query.term_set_query(schema, slot, found) if found else None


def _without(query: tantivy.Query, unwanted: tantivy.Query) -> tantivy.Query:
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, unwanted)])


def _any(ways: list[tantivy.Query]) -> tantivy.Query:
    return ways[0] if len(ways) == 1 else Query.boolean_query([(Occur.Should, one) for one in ways])
