"""Tantivy's compound queries, without the forms that it panics at or that mean something else there."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

Query = tantivy.Query
MAX_BOOST = 3.0e38


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


def best_of(queries: Sequence[tantivy.Query], tie_breaker: float) -> tantivy.Query:
    """Return what any of `queries` matches: the best score, and `tie_breaker` times the others."""
    if len(queries) <= 1:
        return any_of(queries)
    return Query.disjunction_max_query(list(queries), tie_breaker)
