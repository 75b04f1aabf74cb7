"""A query narrowed by the value of a sort key."""

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
    """A reading, and until when (of `time.monotonic`) it may be searched."""

    reading: Reading
    deadline: float | None = None

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
    if slot is None:
        return query
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, Query.exists_query(slot))])


def is_value(scope: Scope, query: tantivy.Query, key: Key, value: SortValue) -> tantivy.Query:
    """Return the documents of `query` whose value of `key` is `value`; `missing` stands for none too."""
    ways = []
    if key.slot is not None and value is not None:
        ways.append(_exactly(scope, key, value))
    if value == key.missing and not key.is_place:
        ways.append(without_value(Query.all_query(), key.slot))
    if not ways:
        return Query.empty_query()
    return narrowed(query, ways[0] if len(ways) == 1 else Query.boolean_query([(Occur.Should, way) for way in ways]))


def greater(scope: Scope, query: tantivy.Query, key: Key, value: SortValue) -> tantivy.Query | None:
    """Return the documents of `query` that come after `value` by `key`; None if there can be none."""
    ways = []
    if key.slot is not None and value is None and key.missing_first:
        ways.append(Query.exists_query(key.slot))
    if key.slot is not None and value is not None:
        beyond = _beyond(scope, key, value)
        ways += [beyond] if beyond is not None else []
    if not key.is_place and _is_after(key, value):
        ways.append(without_value(Query.all_query(), key.slot))
    if not ways:
        return None
    return narrowed(query, ways[0] if len(ways) == 1 else Query.boolean_query([(Occur.Should, way) for way in ways]))


def _is_after(key: Key, value: SortValue) -> bool:
    """Whether documents without a value come after `value`."""
    if key.missing == value:
        return False
    if key.missing is None or value is None:
        return not key.missing_first if key.missing is None else key.missing_first
    return (value < key.missing) == key.ascending  # type: ignore[operator]  # values of one column


def _exactly(scope: Scope, key: Key, value: SortValue) -> tantivy.Query:
    schema, slot = scope.reading.schema, key.slot or ""
    if key.column == "keyword":
        return Query.term_query(schema, slot, str(value), "basic")
    if key.column == "long":
        whole = int(value or 0)
        if not LOWEST <= whole <= HIGHEST:
            return Query.empty_query()
        return Query.range_query(schema, slot, tantivy.FieldType.Integer, whole, whole)
    number = float(value or 0)
    low, high = (-0.0, 0.0) if number == 0 else (number, number)
    return Query.range_query(schema, slot, tantivy.FieldType.Float, low, high)


def _beyond(scope: Scope, key: Key, value: SortValue) -> tantivy.Query | None:
    schema, slot = scope.reading.schema, key.slot or ""
    if key.column == "keyword":
        return _texts_beyond(scope, key, str(value))
    if key.column == "long":
        whole = int(value or 0)
        if whole >= HIGHEST if key.ascending else whole <= LOWEST:
            return None
        bounds = (whole + 1, HIGHEST) if key.ascending else (LOWEST, whole - 1)
        return Query.range_query(
            schema, slot, tantivy.FieldType.Integer, max(bounds[0], LOWEST), min(bounds[1], HIGHEST)
        )
    number = float(value or 0)
    low, high = (number, float("inf")) if key.ascending else (float("-inf"), number)
    if number == 0:
        low, high = (0.0, high) if key.ascending else (low, -0.0)
    return Query.range_query(
        schema, slot, tantivy.FieldType.Float, low, high, include_lower=not key.ascending, include_upper=key.ascending
    )


def _texts_beyond(scope: Scope, key: Key, value: str) -> tantivy.Query | None:
    bounds = (value, None) if key.ascending else (None, value)
    expression = range_expression(*bounds, include_low=False, include_high=False)
    schema, slot = scope.reading.schema, key.slot or ""
    try:
        return None if expression is None else Query.regex_query(schema, slot, expression)
    except ValueError:
        terms = scope.reading.searcher.terms_with_prefix(slot, "")
        beyond = [one for one, _ in terms if (one > value if key.ascending else one < value)]
        return Query.term_set_query(schema, slot, beyond) if beyond else None
