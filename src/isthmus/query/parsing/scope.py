"""What is counted while one query, with all that it holds, is parsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from isthmus.query.errors import QueryArgumentError, TooManyClausesError
from isthmus.query.parsing.bounds import Bounds
from isthmus.query.tree import Query

Parse: TypeAlias = Callable[[Any, "Scope"], Query]


@dataclass(slots=True)
class Scope:
    """The bounds, how deep we are, how many clauses there were, and how a query inside a query is parsed."""

    bounds: Bounds
    parse: Parse
    depth: int = 0
    clauses: int = 0

    def inner(self, value: Any) -> Query:
        """The query inside another. Raises QueryArgumentError if it is too deep, TooManyClausesError."""
        if self.depth >= self.bounds.depth:
            raise QueryArgumentError(
                "The nested depth of the query exceeds the maximum nested depth for queries set in"
                " [indices.query.bool.max_nested_depth]"
            )
        self.clauses += 1
        if self.clauses > self.bounds.clauses:
            raise TooManyClausesError(
                f"Query contains too many nested clauses; maxClauseCount is set to {self.bounds.clauses}"
            )
        self.depth += 1
        try:
            return self.parse(value, self)
        finally:
            self.depth -= 1
