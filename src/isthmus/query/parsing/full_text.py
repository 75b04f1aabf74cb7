"""match and its kin.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/full-text-queries.html
"""

from __future__ import annotations

from typing import Any, cast

from isthmus.query.errors import QueryArgumentError
from isthmus.query.mistakes import ParsingError
from isthmus.query.parsing.body import Body
from isthmus.query.parsing.scope import Scope
from isthmus.query.parsing.shapes import expansions_of, fields_of, fuzziness_of, of_field
from isthmus.query.tree import (
    Match,
    MatchBoolPrefix,
    MatchPhrase,
    MatchPhrasePrefix,
    MultiMatch,
    MultiMatchType,
    Operator,
    ZeroTerms,
)

TYPES = ("best_fields", "most_fields", "cross_fields", "phrase", "phrase_prefix", "bool_prefix")


def match(value: dict[str, Any], scope: Scope) -> Match:
    """`match`."""
    field, body = of_field("match", value, scope, "query")
    query = body.needed("query")
    boost, name = body.common()
    body.flag("auto_generate_synonyms_phrase_query", default=True)
    tree = Match(
        field=field,
        query=query,
        operator=operator_of(body),
        minimum_should_match=body.text("minimum_should_match"),
        fuzziness=fuzziness_of(body),
        zero_terms_query=zero_terms_of(body),
        analyzer=body.text("analyzer"),
        lenient=body.flag("lenient"),
        boost=boost,
        name=name,
    )
    body.end()
    return tree


def match_phrase(value: dict[str, Any], scope: Scope) -> MatchPhrase:
    """`match_phrase`."""
    field, body = of_field("match_phrase", value, scope, "query")
    query = body.needed("query")
    boost, name = body.common()
    tree = MatchPhrase(
        field=field,
        query=query,
        slop=body.integer("slop", 0),
        zero_terms_query=zero_terms_of(body),
        analyzer=body.text("analyzer"),
        boost=boost,
        name=name,
    )
    body.end()
    return tree


def match_phrase_prefix(value: dict[str, Any], scope: Scope) -> MatchPhrasePrefix:
    """`match_phrase_prefix`."""
    field, body = of_field("match_phrase_prefix", value, scope, "query")
    query = body.needed("query")
    boost, name = body.common()
    tree = MatchPhrasePrefix(
        field=field,
        query=query,
        slop=body.integer("slop", 0),
        max_expansions=expansions_of(body),
        zero_terms_query=zero_terms_of(body),
        analyzer=body.text("analyzer"),
        boost=boost,
        name=name,
    )
    body.end()
    return tree


def match_bool_prefix(value: dict[str, Any], scope: Scope) -> MatchBoolPrefix:
    """`match_bool_prefix`."""
    field, body = of_field("match_bool_prefix", value, scope, "query")
    query = body.needed("query")
    boost, name = body.common()
    fuzziness = fuzziness_of(body)
    tree = MatchBoolPrefix(
        field=field,
        query=query,
        operator=operator_of(body),
        minimum_should_match=body.text("minimum_should_match"),
        fuzziness=fuzziness,
        max_expansions=fuzziness.max_expansions if fuzziness else expansions_of(body),
        analyzer=body.text("analyzer"),
        boost=boost,
        name=name,
    )
    body.end()
    return tree


def multi_match(value: dict[str, Any], scope: Scope) -> MultiMatch:
    """`multi_match`."""
    body = Body("multi_match", value, scope)
    query = body.needed("query")
    boost, name = body.common()
    kind = cast(MultiMatchType, body.choice("type", TYPES, "best_fields"))
    max_expansions = expansions_of(Body("multi_match", value, scope))
    fuzziness = fuzziness_of(body)
    body.flag("auto_generate_synonyms_phrase_query", default=True)
    if fuzziness and kind in ("phrase", "phrase_prefix", "cross_fields"):
        raise ParsingError(f"Fuzziness not allowed for type [{kind}]")
    if kind == "bool_prefix" and body.has("slop"):
        raise ParsingError("[slop] not allowed for type [bool_prefix]")
    tree = MultiMatch(
        fields=fields_of(body),
        query=query,
        type=kind,
        operator=operator_of(body),
        minimum_should_match=body.text("minimum_should_match"),
        fuzziness=fuzziness,
        tie_breaker=tie_breaker_of(body),
        zero_terms_query=zero_terms_of(body),
        analyzer=body.text("analyzer"),
        lenient=body.flag("lenient"),
        slop=body.integer("slop", 0),
        max_expansions=max_expansions,
        boost=boost,
        name=name,
    )
    body.end()
    return tree


def operator_of(body: Body, key: str = "operator") -> Operator:
    """`operator` or `default_operator`."""
    return cast(Operator, body.choice(key, ("or", "and"), "or"))


def zero_terms_of(body: Body) -> ZeroTerms:
    """`zero_terms_query`."""
    return cast(ZeroTerms, body.choice("zero_terms_query", ("none", "all"), "none"))


def tie_breaker_of(body: Body) -> float | None:
    """`tie_breaker`, None where it is absent."""
    if not body.has("tie_breaker"):
        return None
    number = body.number("tie_breaker", 0.0)
    if not 0 <= number <= 1:
        raise QueryArgumentError(f"[{body.query}] [tie_breaker] must be in [0, 1], not [{number:g}]")
    return number
