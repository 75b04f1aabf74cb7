"""What can be wrong with a query's values and size, by Elasticsearch's names. Its form: `query.mistakes`."""

from __future__ import annotations

from isthmus.errors import UsageError


class QueryArgumentError(UsageError):
    """A query is well formed, but one of its values is not possible."""


class NumberFormatError(UsageError):
    """A text stands where a number should be."""

    type = "number_format_exception"


class TooManyClausesError(UsageError):
    """A query has more clauses than `indices.query.bool.max_clause_count`."""

    type = "too_many_nested_clauses"


class QuerySyntaxError(UsageError):
    """The text of a query_string does not follow Lucene's grammar."""

    type = "query_shard_exception"
