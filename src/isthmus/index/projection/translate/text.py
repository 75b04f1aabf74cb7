"""Queries on analysed text in one field: match, phrases, prefixes of them."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

from isthmus.errors import UsageError
from isthmus.index.mapping.field import Field
from isthmus.index.projection.translate.combining import all_of, any_of, best_of, boosted, constant, nothing, so_many_of
from isthmus.index.projection.translate.exact import exactly, term
from isthmus.index.projection.translate.expressions import matching_terms, prefix
from isthmus.index.projection.translate.fixed import SHARED, refuse_shared
from isthmus.index.projection.translate.fuzzy import edits, fuzzy, near
from isthmus.index.projection.translate.statistics import idf
from isthmus.index.projection.translate.surroundings import QueryShardError, Surroundings, check_searchable
from isthmus.query import tree
from isthmus.query.patterns import prefix_expression
from isthmus.query.should_match import should_match

Query = tantivy.Query
Terms = Sequence[tuple[int, str]]
MAX_SLOP = 1 << 20


def match(query: tree.Match, around: Surroundings) -> tantivy.Query:
    """Any or all terms of a text."""
    if query.field in SHARED:
        return _exact(query, None, around)
    mapped = around.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.column != "text":
        return _exact(query, mapped, around)
    slot = around.slot(mapped)
    found = analysed(mapped, query.query, query.analyzer, around)
    if not found:
        return no_terms(query.zero_terms_query, query.boost)
    if slot is None:
        return nothing()
    clauses = [_clause(mapped, slot, one, query.fuzziness, around) for _, one in found]
    return boosted(combined(clauses, query.operator, query.minimum_should_match), query.boost)


def combined(clauses: Sequence[tantivy.Query], operator: tree.Operator, minimum: str | None) -> tantivy.Query:
    """Return the clauses of a text: all of them, or so many as are asked for."""
    if operator == "and":
        return all_of(clauses)
    return so_many_of(clauses, 1 if minimum is None else should_match(minimum, len(clauses)))


def match_phrase(query: tree.MatchPhrase, around: Surroundings) -> tantivy.Query:
    """Terms that stand next to each other."""
    mapped = around.field(query.field)
    if mapped is None and query.field not in SHARED:
        return nothing()
    if mapped is None or mapped.column != "text":
        return term(tree.Term(field=query.field, value=query.query, boost=query.boost), around)
    found = analysed(mapped, query.query, query.analyzer, around)
    if not found:
        return no_terms(query.zero_terms_query, query.boost)
    slot = around.slot(mapped)
    return nothing() if slot is None else phrase(mapped, slot, found, query.slop, query.boost, around)


def phrase(mapped: Field, slot: str, found: Terms, slop: int, boost: float, around: Surroundings) -> tantivy.Query:
    """Return the query for terms at their distances; one term is a term."""
    if len(found) == 1:
        return exactly(mapped, slot, found[0][1], boost, around)
    correction = around.statistics.correction(mapped, slot, [one for _, one in found])
    return boosted(_bare_phrase(slot, found, slop, around), boost * correction)


def match_phrase_prefix(query: tree.MatchPhrasePrefix, around: Surroundings) -> tantivy.Query:
    """A phrase whose last term is only begun."""
    refuse_shared(query.field, "phrase prefix")
    mapped = around.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.column != "text":
        raise QueryShardError(
            f"failed to create query: Can only use phrase prefix queries on text fields - not on [{mapped.path}] which "
            f"is of type [{mapped.type}]"
        )
    found = analysed(mapped, query.query, query.analyzer, around)
    if not found:
        return no_terms(query.zero_terms_query, query.boost)
    slot = around.slot(mapped)
    if slot is None:
        return nothing()
    *before, (position, begun) = found
    listed = around.reading.searcher.terms_with_prefix(slot, begun)
    begins = sorted(one for one, _ in listed)[: query.max_expansions]
    if not before:
        return boosted(any_of([exactly(mapped, slot, one, 1.0, around) for one in begins]), query.boost)
    return boosted(_phrases(mapped, slot, before, [(position, one) for one in begins], query.slop, around), query.boost)


def match_bool_prefix(query: tree.MatchBoolPrefix, around: Surroundings) -> tantivy.Query:
    """Terms of a text, the last one only begun."""
    mapped = around.field(query.field)
    if mapped is None and query.field not in SHARED:
        return nothing()
    if mapped is None or mapped.column != "text":
        if mapped is None or mapped.column != "keyword" or mapped.type == "ip":
            return term(tree.Term(field=query.field, value=query.query, boost=query.boost), around)
        return prefix(tree.Prefix(field=query.field, value=str(query.query), boost=query.boost), around)
    found = analysed(mapped, query.query, query.analyzer, around)
    slot = around.slot(mapped)
    if not found or slot is None:
        return nothing()
    *before, (_, begun) = found
    clauses = [_clause(mapped, slot, one, query.fuzziness, around) for _, one in before]
    clauses.append(constant(matching_terms(mapped, slot, prefix_expression(begun), around)))
    return boosted(combined(clauses, query.operator, query.minimum_should_match), query.boost)


def analysed(mapped: Field, value: tree.Scalar, analyzer: str | None, around: Surroundings) -> Terms:
    """Return the (position, term)s of a text as a field's queries see it. Raises QueryShardError."""
    check_searchable(mapped)
    text = value if isinstance(value, str) else _as_text(value)
    return around.terms(analyzer or mapped.search_analyzer, text)


def no_terms(zero_terms_query: tree.ZeroTerms, boost: float) -> tantivy.Query:
    """Return what a text without any term matches."""
    return constant(Query.all_query(), boost) if zero_terms_query == "all" else nothing()


def _phrases(mapped: Field, slot: str, before: Terms, lasts: Terms, slop: int, around: Surroundings) -> tantivy.Query:
    """Phrases that differ in their last term, each scored with the weight of all of their terms, as in Lucene."""
    statistics = around.statistics
    every = [one for _, one in (*before, *lasts)]
    whole = sum(statistics.rarity(mapped, slot, statistics.frequency(slot, one)) for one in every)
    ways = []
    for last in lasts:
        words = [*before, last]
        total = around.reading.searcher.num_docs
        own = sum(idf(total, statistics.frequency(slot, one)) for _, one in words)
        ways.append(boosted(_bare_phrase(slot, words, slop, around), whole / own))
    return best_of(ways, 0.0)


def _bare_phrase(slot: str, found: Terms, slop: int, around: Surroundings) -> tantivy.Query:
    first = found[0][0]
    words: list[str | tuple[int, str]] = [(position - first, one) for position, one in found]
    return Query.phrase_query(around.schema, slot, words, min(slop, MAX_SLOP))


def _clause(
    mapped: Field, slot: str, one: str, fuzziness: tree.Fuzziness | None, around: Surroundings
) -> tantivy.Query:
    if fuzziness is None or edits(one, fuzziness) == 0:
        return exactly(mapped, slot, one, 1.0, around)
    return near(mapped, slot, one, fuzziness, 1.0, around)


def _exact(query: tree.Match, mapped: Field | None, around: Surroundings) -> tantivy.Query:
    """A field that is not analysed: the text is one value."""
    try:
        if query.fuzziness is not None and (mapped is None or mapped.type != "constant_keyword"):
            return fuzzy(_fuzzy_of(query, query.fuzziness), around)
        return term(tree.Term(field=query.field, value=query.query, boost=query.boost), around)
    except UsageError:
        if query.lenient:
            return nothing()
        raise


def _fuzzy_of(query: tree.Match, fuzziness: tree.Fuzziness) -> tree.Fuzzy:
    return tree.Fuzzy(field=query.field, value=str(query.query), fuzziness=fuzziness, boost=query.boost)


def _as_text(value: tree.Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
