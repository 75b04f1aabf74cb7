"""Queries on terms by a pattern: prefix, wildcard, regexp. All that match score the same."""

from __future__ import annotations

import tantivy

from isthmus.errors import UsageError
from isthmus.index.mapping.field import Field
from isthmus.index.projection.translate.combining import constant, nothing
from isthmus.index.projection.translate.fixed import like_constant_keyword, refuse_shared, whole_index
from isthmus.index.projection.translate.surroundings import QueryShardError, Surroundings, check_searchable
from isthmus.query import tree
from isthmus.query.patterns import prefix_expression, regexp_expression, wildcard_expression

Query = tantivy.Query
FEW = 16


def prefix(query: tree.Prefix, around: Surroundings) -> tantivy.Query:
    """Terms that begin with a text."""
    if query.field == "_index":
        return whole_index(f"{query.value}*", query.boost, around)
    expression = prefix_expression(query.value, case_insensitive=query.case_insensitive)
    return _by_expression(query, "prefix", expression, around)


def wildcard(query: tree.Wildcard, around: Surroundings) -> tantivy.Query:
    """Terms that match a pattern with `*` and `?`."""
    if query.field == "_index":
        return whole_index(query.value, query.boost, around)
    expression = wildcard_expression(query.value, case_insensitive=query.case_insensitive)
    return _by_expression(query, "wildcard", expression, around)


def regexp(query: tree.Regexp, around: Surroundings) -> tantivy.Query:
    """Terms that match a regular expression."""
    refuse_shared(query.field, "regexp")
    expression = regexp_expression(query.value, query.flags, case_insensitive=query.case_insensitive)
    return _by_expression(query, "regexp", expression, around)


def matching_terms(mapped: Field, slot: str, expression: str, around: Surroundings) -> tantivy.Query:
    """Return the documents with a term that matches an expression of `query.patterns`. Raises UsageError if it is too
    large."""
    if not expression:
        # Tantivy refuses the expression that matches the empty text alone.
        return Query.term_query(around.schema, slot, "", "basic")
    try:
        return Query.regex_query(around.schema, slot, expression)
    except ValueError as cause:
        raise UsageError(
            f"the pattern for [{mapped.path}] cannot be run: it is too large, or no regular expression",
            hint="make it shorter or less repetitive",
        ) from cause


def _by_expression(
    query: tree.Prefix | tree.Wildcard | tree.Regexp, kind: str, expression: str | None, around: Surroundings
) -> tantivy.Query:
    if query.field == "_id":
        raise _unsupported(kind, "_id", "_id")
    mapped = around.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.type == "constant_keyword":
        return like_constant_keyword(mapped, query)
    if mapped.column not in ("keyword", "text") or mapped.type == "ip":
        raise _unsupported(kind, mapped.path, mapped.type)
    check_searchable(mapped)
    slot = around.slot(mapped)
    if slot is None or expression is None:
        return nothing()
    terms = _few_beginning(query, slot, around) if isinstance(query, tree.Prefix) else None
    matching = matching_terms(mapped, slot, expression, around) if terms is None else terms
    return constant(matching, query.boost)


def _few_beginning(query: tree.Prefix, slot: str, around: Surroundings) -> tantivy.Query | None:
    """Return the documents with a term that begins so, if few terms do: faster than an automaton."""
    if query.case_insensitive or not query.value:
        return None
    found = around.reading.searcher.terms_with_prefix(slot, query.value, limit=FEW + 1)
    return Query.term_set_query(around.schema, slot, [term for term, _ in found]) if 0 < len(found) <= FEW else None


def _unsupported(kind: str, name: str, type_: str) -> QueryShardError:
    fields = "keyword and text" if kind == "regexp" else "keyword, text and wildcard"
    return QueryShardError(
        f"Can only use {kind} queries on {fields} fields - not on [{name}] which is of type [{type_}]"
    )
