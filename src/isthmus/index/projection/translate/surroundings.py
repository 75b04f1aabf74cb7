"""What a translation knows of the index: its fields, their values and analysers, and the numbers that scores need."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import tantivy

from isthmus.index.mapping.field import Field
from isthmus.index.mapping.parsed import Indexable
from isthmus.index.projection.projection import Reading
from isthmus.index.projection.slots import NAMES
from isthmus.query.tree import Scalar

Query = tantivy.Query
MAX_BOOST = 3.0e38


class Fields(Protocol):
    """The mapping, as far as queries need it."""

    def field(self, path: str) -> Field | None:
        """Return a field by its name; aliases lead to theirs."""

    def fields(self, pattern: str) -> Sequence[Field]:
        """Return the fields that a name or a pattern with `*` means."""


@dataclass(slots=True)
class Surroundings:
    """`terms` analyses text with an analyser of a name into (position, term). `value` makes a query's value one of the
    field's column, None if no document can have it. `moment` reads a date with its math (field, value, format, zone,
    whether to round up) as ms. `default_fields` are those that a query without fields means."""

    index_name: str
    reading: Reading
    mapping: Fields
    terms: Callable[[str, str], Sequence[tuple[int, str]]]
    value: Callable[[Field, Scalar], Indexable | None]
    moment: Callable[[Field, Scalar, str | None, str | None, bool], int]
    default_fields: tuple[str, ...] = ("*",)
    max_terms: int = 65_536
    max_expansions: int = 1_024
    _present: dict[str, int] = field(default_factory=dict)

    @property
    def schema(self) -> tantivy.Schema:
        """Tantivy's schema."""
        return self.reading.schema

    def slot(self, mapped: Field) -> str | None:
        """Return where a field's values are, None if no document has any."""
        return self.reading.slots.get(mapped.path)

    def present(self, mapped: Field, slot: str) -> int:
        """Return how many documents have a value of a field."""
        count = self._present.get(slot)
        if count is None:
            searcher = self.reading.searcher
            if mapped.column == "text" or not mapped.doc_values:
                count = searcher.doc_freq(NAMES, mapped.path)
            else:
                count = searcher.search(Query.exists_query(slot), 1).count  # type: ignore[attr-defined]
            self._present[slot] = count
        return count

    def idf(self, mapped: Field, slot: str, term: str) -> float:
        """Return how rare a term is among the documents that have the field, as Lucene reckons it."""
        return _idf(self.present(mapped, slot), self.reading.searcher.doc_freq(slot, term))

    def correction(self, mapped: Field, slot: str, term: str) -> float:
        """Return by what Tantivy's score of a term must be multiplied: it counts documents without the field too."""
        searcher = self.reading.searcher
        frequency = searcher.doc_freq(slot, term)
        if not frequency:
            return 1.0
        present = self.present(mapped, slot)
        return 1.0 if present >= searcher.num_docs else _idf(present, frequency) / _idf(searcher.num_docs, frequency)


def _idf(documents: int, frequency: int) -> float:
    documents = max(documents, frequency)
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def nothing() -> tantivy.Query:
    """Return the query that matches no document."""
    return Query.empty_query()


def constant(query: tantivy.Query, score: float = 1.0) -> tantivy.Query:
    """Return `query` with the same score for all that it matches."""
    return Query.const_score_query(query, bounded(score))


def boosted(query: tantivy.Query, boost: float) -> tantivy.Query:
    """Return `query` with its scores multiplied."""
    return query if boost == 1.0 else Query.boost_query(query, bounded(boost))


def bounded(number: float) -> float:
    """Return a score that Tantivy's 32 bits can hold."""
    return max(-MAX_BOOST, min(MAX_BOOST, number)) if number == number else 0.0


def any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return what any of `queries` matches, the scores added."""
    if not queries:
        return nothing()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(tantivy.Occur.Should, one) for one in queries])


def all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return what all of `queries` match, the scores added."""
    if not queries:
        return nothing()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(tantivy.Occur.Must, one) for one in queries])


def so_many_of(queries: Sequence[tantivy.Query], least: int) -> tantivy.Query:
    """Return what at least `least` of `queries` match (at least one in any case), the scores added."""
    if least > len(queries) or not queries:
        return nothing()
    if least == len(queries):
        return all_of(queries)
    if least <= 1:
        return any_of(queries)
    return Query.boolean_query([(tantivy.Occur.Should, one) for one in queries], least)
