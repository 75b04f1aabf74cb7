"""What aggregations stand on: one index's searcher, where its fields have their values, and what others know."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import tantivy

from isthmus.index.aggregating.refusals import (
    AggregationTimeoutError,
    expression_too_large,
    not_supported,
    text_without_values,
    too_many_buckets,
    without_doc_values,
)
from isthmus.index.mapping.field import Field
from isthmus.query.aggregation_tree import TopHits
from isthmus.query.aggregations.steps import Calendar
from isthmus.query.partial import Best
from isthmus.query.tree import Query, Scalar

COUNTED = "_seq"
INDEX = "_index"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field and the slot that holds its values."""

    field: Field
    slot: str

    @property
    def numeric(self) -> bool:
        return self.field.column in ("long", "double")

    @property
    def whole(self) -> bool:
        return self.field.column == "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """`everything` is what there is for who asks; `field` resolves a name (aliases too), `slot` tells where a path's
    values are, None if no document has any; `translate` makes a query of a tree; `best` runs top_hits; `moment` reads a
    date given for a field, with the format and time zone of the request; `column_value` reads any other value given for
    a field (`missing`, `include`). `deadline` is in seconds of `time.monotonic`. `several`: paths of which some
    document has several values."""

    index: str
    searcher: tantivy.Searcher
    schema: tantivy.Schema
    field: Callable[[str], Field | None]
    slot: Callable[[str], str | None]
    translate: Callable[[Query], tantivy.Query]
    everything: tantivy.Query
    best: Callable[[tantivy.Query, TopHits], Best]
    moment: Callable[[Field, Scalar, str | None, str | None], int]
    column_value: Callable[[Field, Scalar], str | int | float]
    calendar: Calendar
    deadline: float | None = None
    several: frozenset[str] = frozenset()

    def column(self, path: str, aggregation: str, *, numbers: bool = False) -> Column | None:
        """The column of a field; None if it is unmapped or no document has a value.

        Raises UnsupportedFieldError where the field's type has no values to aggregate, or no `numbers`.
        """
        field = self.field(path)
        if field is None:
            return None
        if field.column == "text":
            raise text_without_values(field.path, self.index)
        if not field.doc_values:
            raise without_doc_values(field.path, field.type)
        if numbers and field.column == "keyword":
            raise not_supported(field.path, field.type, aggregation)
        slot = self.slot(field.path)
        return None if slot is None else Column(field=field, slot=slot)

    def shared(self, path: str) -> str | None:
        """The value that all documents have of a field: their index, or a constant_keyword's."""
        if path == INDEX:
            return self.index
        field = self.field(path)
        return field.value if field is not None and field.type == "constant_keyword" else None

    def absent(self, path: str) -> tantivy.Query:
        """Documents that have no value of a field."""
        if self.shared(path) is not None:
            return tantivy.Query.empty_query()
        field = self.field(path)
        return self.without(None if field is None else self.slot(field.path))

    def run(self, query: tantivy.Query, requests: Mapping[str, Any]) -> dict[str, Any]:
        """Tantivy's answer to `requests`. Raises TooManyBucketsError beyond its bound, AggregationTimeoutError, and
        UnsupportedFieldError for an expression that is too large."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise AggregationTimeoutError("the time of this search is over")
        try:
            return self.searcher.aggregate(query, dict(requests))
        except ValueError as error:
            if "bucket limit" in str(error) or "memory" in str(error).lower():
                raise too_many_buckets(int(str(error).rpartition("Current: ")[2] or 0)) from error
            if "regex" in str(error):
                raise expression_too_large() from error
            raise

    def count(self, query: tantivy.Query) -> int:
        answer = self.run(query, {"count": {"value_count": {"field": COUNTED}}})
        return int(answer["count"]["value"])

    def within(self, column: Column, low: float | None, high: float | None) -> tantivy.Query:
        """Documents with a number from `low` to below `high`; a bound of None is open."""
        if low is None and high is None:
            return tantivy.Query.exists_query(column.slot)
        kind = tantivy.FieldType.Integer if column.whole else tantivy.FieldType.Float
        exact = as_whole if column.whole else as_double
        return tantivy.Query.range_query(
            self.schema, column.slot, kind, exact(low), exact(high), include_upper=high is None
        )

    def exactly(self, column: Column, value: str | float) -> tantivy.Query:
        """Documents that have a value."""
        if isinstance(value, str):
            return tantivy.Query.term_query(self.schema, column.slot, value)
        kind = tantivy.FieldType.Integer if column.whole else tantivy.FieldType.Float
        return tantivy.Query.range_query(self.schema, column.slot, kind, value, value)

    @staticmethod
    def without(slot: str | None) -> tantivy.Query:
        """Documents that have no value."""
        if slot is None:
            return tantivy.Query.all_query()
        occurs = tantivy.Occur
        return tantivy.Query.boolean_query(
            [(occurs.Must, tantivy.Query.all_query()), (occurs.MustNot, tantivy.Query.exists_query(slot))]
        )


LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1


def as_whole(bound: float | None) -> int | None:
    """The least integer that is not below `bound`: of integers, "at least 1.5" and "at least 2" are the same."""
    if bound is None:
        return None
    if bound != bound or bound >= HIGHEST:
        return HIGHEST
    if bound <= LOWEST:
        return LOWEST
    return -int(-bound // 1)


def as_double(bound: float | None) -> float | None:
    """Zero as -0.0: Tantivy sorts it before 0.0, whereas the two are equal for Elasticsearch."""
    return None if bound is None else float(bound) or -0.0


def both(query: tantivy.Query, other: tantivy.Query) -> tantivy.Query:
    """Documents that both match. They score by `query` alone: being in a bucket makes no hit of it better."""
    scoreless = tantivy.Query.const_score_query(other, 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, scoreless)])
