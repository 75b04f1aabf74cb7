"""Text in several fields: multi_match and what stands on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tantivy

from isthmus.errors import IsthmusError
from isthmus.index.mapping.field import Field
from isthmus.index.projection.translate.combining import any_of, best_of, boosted, nothing
from isthmus.index.projection.translate.exact import exactly
from isthmus.index.projection.translate.fixed import SHARED
from isthmus.index.projection.translate.surroundings import Surroundings
from isthmus.index.projection.translate.text import analysed, combined, no_terms
from isthmus.query import tree

Query = tantivy.Query
Translate = Callable[[tree.Query], tantivy.Query]


def multi_match(query: tree.MultiMatch, around: Surroundings, translate: Translate) -> tantivy.Query:
    """One text in several fields, combined as the query's type says."""
    fields = expand(query.fields, around)
    if not fields:
        return nothing()
    lenient = query.lenient or any("*" in name for name, _ in query.fields or (("*", 1.0),))
    if query.type == "cross_fields":
        return boosted(_cross_fields(query, fields, around), query.boost)
    found = [
        one
        for mapped, boost in fields
        if (one := _attempt(_in_one_field(query, mapped, boost), translate, lenient=lenient)) is not None
    ]
    if query.type in ("most_fields", "bool_prefix"):
        return boosted(_added(found, query.tie_breaker), query.boost)
    return boosted(best_of(found, query.tie_breaker or 0.0), query.boost)


def expand(fields: Sequence[tuple[str, float]], around: Surroundings) -> list[tuple[Field, float]]:
    """Return the fields that names and patterns mean, each once, with its boost."""
    given = fields or tuple((name, 1.0) for name in around.default_fields)
    found: dict[str, tuple[Field, float]] = {}
    for name, boost in given:
        if name in SHARED:
            found[name] = (Field(path=name, type=name, column="keyword"), boost)
        for mapped in around.mapping.fields(name):
            known = found.get(mapped.path)
            found[mapped.path] = (mapped, boost if known is None else known[1] * boost)
    return list(found.values())


def _in_one_field(query: tree.MultiMatch, mapped: Field, boost: float) -> tree.Query:
    if query.type == "phrase":
        return tree.MatchPhrase(
            field=mapped.path,
            query=query.query,
            slop=query.slop,
            zero_terms_query=query.zero_terms_query,
            analyzer=query.analyzer,
            boost=boost,
        )
    if query.type == "phrase_prefix":
        return tree.MatchPhrasePrefix(
            field=mapped.path,
            query=query.query,
            slop=query.slop,
            max_expansions=query.max_expansions,
            zero_terms_query=query.zero_terms_query,
            analyzer=query.analyzer,
            boost=boost,
        )
    if query.type == "bool_prefix":
        return tree.MatchBoolPrefix(
            field=mapped.path,
            query=query.query,
            operator=query.operator,
            minimum_should_match=query.minimum_should_match,
            fuzziness=query.fuzziness,
            max_expansions=query.max_expansions,
            analyzer=query.analyzer,
            boost=boost,
        )
    return tree.Match(
        field=mapped.path,
        query=query.query,
        operator=query.operator,
        minimum_should_match=query.minimum_should_match,
        fuzziness=query.fuzziness,
        zero_terms_query=query.zero_terms_query,
        analyzer=query.analyzer,
        lenient=query.lenient,
        boost=boost,
    )


def _attempt(query: tree.Query, translate: Translate, *, lenient: bool) -> tantivy.Query | None:
    try:
        return translate(query)
    except IsthmusError:
        if lenient:
            return None
        raise


def _cross_fields(query: tree.MultiMatch, fields: Sequence[tuple[Field, float]], around: Surroundings) -> tantivy.Query:
    """Each term in any of the fields; fields of one analyser count as one field."""
    groups: dict[str, list[tuple[Field, float]]] = {}
    for mapped, boost in fields:
        if mapped.column == "text":
            groups.setdefault(query.analyzer or mapped.search_analyzer, []).append((mapped, boost))
        elif mapped.column == "keyword" and mapped.type not in ("ip", *SHARED):
            groups.setdefault("keyword", []).append((mapped, boost))
    found = [_as_one_field(query, group, around) for group in groups.values()]
    return best_of(found, query.tie_breaker or 0.0)


def _as_one_field(query: tree.MultiMatch, group: Sequence[tuple[Field, float]], around: Surroundings) -> tantivy.Query:
    first = group[0][0]
    terms = (
        [(0, str(query.query))] if first.column == "keyword" else analysed(first, query.query, query.analyzer, around)
    )
    if not terms:
        return no_terms(query.zero_terms_query, 1.0)
    clauses = [_blended(one, group, query.tie_breaker or 0.0, around) for _, one in terms]
    return combined(clauses, query.operator, query.minimum_should_match)


def _blended(
    term: str, group: Sequence[tuple[Field, float]], tie_breaker: float, around: Surroundings
) -> tantivy.Query:
    """One term in several fields counts as rare as where it is commonest; where it is rarer, a little rarer still."""
    statistics = around.statistics
    there = [
        (frequency, mapped, slot, boost)
        for mapped, boost in group
        if (slot := around.slot(mapped)) is not None and (frequency := statistics.frequency(slot, term))
    ]
    there.sort(key=lambda one: -one[0])
    ways: list[tantivy.Query] = []
    shared = before = there[0][0] if there else 0
    for frequency, mapped, slot, boost in there:
        shared += frequency < before
        before = frequency
        share = statistics.rarity_as(mapped, slot, shared) / statistics.rarity(mapped, slot, frequency)
        ways.append(exactly(mapped, slot, term, boost * share, around))
    return best_of(ways, tie_breaker)


def _added(found: Sequence[tantivy.Query], tie_breaker: float | None) -> tantivy.Query:
    return any_of(found) if tie_breaker in (None, 1.0) else best_of(found, tie_breaker or 0.0)
