"""What a translation knows of the index: its fields, their values and analysers, and the moment of the request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import tantivy

from isthmus.errors import UsageError
from isthmus.index.mapping.converting import for_query
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.mapping.parsed import Indexable
from isthmus.index.projection.projection import Reading
from isthmus.index.projection.translate.statistics import Statistics
from isthmus.query.dates import RequestDates
from isthmus.query.tree import Query, Scalar


class QueryShardError(UsageError):
    """A query that the type of its field does not support, or a value that it cannot have."""

    type = "query_shard_exception"


class Fields(Protocol):
    """The mapping, as far as queries need it."""

    def field(self, path: str) -> Field | None:
        """Return a field by its name; aliases lead to theirs."""

    def fields(self, pattern: str) -> Sequence[Field]:
        """Return the fields that a name or a pattern with `*` means."""


_METADATA = frozenset({"_field_names", "_ignored", "_routing", "_seq_no", "_source", "_tier", "_type", "_version"})


def _everything(_path: str) -> bool:
    return True


def _unexpanded(query: Query) -> Query:
    raise QueryShardError(f"[{type(query).__name__}] must be parsed before it is run")


@dataclass(slots=True)
class Surroundings:
    """`terms` analyses text with an analyser of a name into (position, term). `value` makes a query's value one of the
    field's column, None if no document can have it, ValueError if it is none. `moment` reads a date with its math
    (field, value, format, zone, whether to round up) as ms. `default_fields` are those that a query without fields
    means; `expanded` puts a tree in the place of a query that is text (query_string, simple_query_string). A field that
    `shows` denies is as one that no document has."""

    index_name: str
    reading: Reading
    mapping: Fields
    terms: Callable[[str, str], Sequence[tuple[int, str]]]
    value: Callable[[Field, Scalar], Indexable | None]
    moment: Callable[[Field, Scalar, str | None, str | None, bool], int]
    default_fields: tuple[str, ...] = ("*",)
    max_terms: int = 65_536
    expanded: Callable[[Query], Query] = _unexpanded
    shows: Callable[[str], bool] = _everything
    statistics: Statistics = field(init=False)

    def __post_init__(self) -> None:
        self.statistics = Statistics(self.reading)

    @classmethod
    def of(cls, index_name: str, reading: Reading, mapping: Mapping, dates: RequestDates) -> Surroundings:
        """Return what a mapping and the dates of a request know."""

        def moment(mapped: Field, value: Scalar, format_: str | None, zone: str | None, up: bool) -> int:
            return dates.moment(value, format_ or "||".join(mapped.formats), zone, up=up)

        def terms(analyzer: str, text: str) -> Sequence[tuple[int, str]]:
            return mapping.analyzers.get(analyzer).terms(text)

        return cls(index_name, reading, mapping, terms, for_query, moment)

    @property
    def schema(self) -> tantivy.Schema:
        """Tantivy's schema."""
        return self.reading.schema

    def field(self, name: str) -> Field | None:
        """Return a field by its name, None if there is none. Raises QueryShardError for a metadata field that cannot be
        searched."""
        if name in _METADATA:
            raise QueryShardError(f"queries on the metadata field [{name}] are not supported")
        return self.mapping.field(name)

    def slot(self, mapped: Field) -> str | None:
        """Return where a field's values are, None if no document has any."""
        return self.reading.slots.get(mapped.path)

    def column_value(self, mapped: Field, value: Scalar) -> Indexable | None:
        """Return the column value that a query's value means, None if no document can have it.

        Raises QueryShardError for what is no value of the field.
        """
        try:
            if mapped.type == "boolean" and value == "":
                raise ValueError("of a document it would be false")
            return self.value(mapped, value)
        except ValueError as cause:
            if mapped.type == "boolean":
                raise QueryShardError(
                    f"failed to create query: Can't parse boolean value [{str(value)[:50]}], expected [true] or [false]"
                ) from cause
            raise QueryShardError(f"failed to create query: {cause}", where=mapped.path) from cause


def check_searchable(mapped: Field, *, or_doc_values: bool = True) -> None:
    """Raise QueryShardError if a field cannot be searched. What has doc values can be, if slowly in Elasticsearch."""
    if mapped.indexed or (or_doc_values and mapped.doc_values and mapped.column != "text"):
        return
    raise QueryShardError(f"Cannot search on field [{mapped.path}] since it is not indexed.")
