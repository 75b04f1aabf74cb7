"""What can be wrong with a query, by Elasticsearch's names."""

from __future__ import annotations

from isthmus.errors import DataError


class ParsingError(DataError):
    """A query is not formed as it must be: an unknown name or key, a value of the wrong kind."""

    type = "parsing_exception"


class QueryArgumentError(DataError):
    """A query is well formed, but one of its values is not possible."""


class TooManyClausesError(DataError):
    """A query has more clauses than `indices.query.bool.max_clause_count`."""

    type = "too_many_nested_clauses"


class NumberFormatError(DataError):
    """A text stands where a number should be."""

    type = "number_format_exception"
