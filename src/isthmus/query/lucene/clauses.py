"""Clauses with Lucene's signs (required, prohibited, neither) become a `bool`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from isthmus.query.tree import Bool, Match, MatchPhrase, MultiMatch, Query

Occur = Literal["must", "should", "must_not"]
Clause: TypeAlias = tuple[Occur, Query]
MAX_CLAUSES = 1_024
MAX_DEPTH = 50


def combined(clauses: Sequence[Clause], minimum_should_match: str | None = None) -> Bool:
    """Return the `bool` of some clauses."""
    return Bool(
        must=tuple(_indifferent(query) for occur, query in clauses if occur == "must"),
        should=tuple(query for occur, query in clauses if occur == "should"),
        must_not=tuple(query for occur, query in clauses if occur == "must_not"),
        minimum_should_match=minimum_should_match,
    )


def _indifferent(query: Query) -> Query:
    # Lucene leaves out a clause of which analysis left nothing; a required one must therefore not match nothing.
    if isinstance(query, Match | MatchPhrase | MultiMatch):
        return replace(query, zero_terms_query="all")
    return query
