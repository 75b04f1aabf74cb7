"""query_string and simple_query_string: the text is kept, `query.lucene` parses it when the fields are known.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl-query-string-query.html
"""

from __future__ import annotations

import re
from typing import Any, cast

from isthmus.query.errors import QueryArgumentError
from isthmus.query.parsing.body import MAX_INTEGER, Body
from isthmus.query.parsing.full_text import TYPES, operator_of, tie_breaker_of
from isthmus.query.parsing.scope import Scope
from isthmus.query.parsing.shapes import checked_field, edits_of, fields_of
from isthmus.query.tree import Fuzziness, MultiMatchType, QueryString, SimpleQueryString

SIMPLE_FLAGS = ("AND", "NOT", "OR", "PREFIX", "PHRASE", "PRECEDENCE", "ESCAPE", "WHITESPACE", "FUZZY", "NEAR")
"""The operators that can be switched on; each has its bit where flags are a number."""
REWRITES = ("constant_score", "constant_score_blended", "constant_score_boolean")
_SPECIAL = re.compile(r'([\\+\-!():^\[\]"{}~*?|&/])')


def query_string(value: dict[str, Any], scope: Scope) -> QueryString:
    """`query_string`."""
    body = Body("query_string", value, scope)
    text = body.needed_text("query")
    boost, name = body.common()
    _unchanging(body)
    body.only("rewrite", *REWRITES)
    body.only("enable_position_increments", "true")
    body.integer("max_determinized_states", 10_000)
    tree = QueryString(
        query=_SPECIAL.sub(r"\\\1", text) if body.flag("escape") else text,
        fields=_fields(body),
        default_operator=operator_of(body, "default_operator"),
        analyzer=body.text("analyzer"),
        allow_leading_wildcard=body.flag("allow_leading_wildcard", default=True),
        analyze_wildcard=body.flag("analyze_wildcard"),
        fuzziness=_fuzziness(body, body.text("fuzziness")),
        phrase_slop=body.integer("phrase_slop", 0),
        lenient=_lenient(body),
        minimum_should_match=body.text("minimum_should_match"),
        tie_breaker=tie_breaker_of(body),
        time_zone=body.text("time_zone"),
        type=cast(MultiMatchType, body.choice("type", TYPES, "best_fields")),
        boost=boost,
        name=name,
    )
    body.end()
    return tree


def simple_query_string(value: dict[str, Any], scope: Scope) -> SimpleQueryString:
    """`simple_query_string`."""
    body = Body("simple_query_string", value, scope)
    text = body.needed_text("query")
    boost, name = body.common()
    _unchanging(body)
    tree = SimpleQueryString(
        query=text,
        fields=fields_of(body),
        default_operator=operator_of(body, "default_operator"),
        analyzer=body.text("analyzer"),
        flags=_flags(body),
        analyze_wildcard=body.flag("analyze_wildcard"),
        fuzziness=_fuzziness(body, None),
        lenient=_lenient(body),
        minimum_should_match=body.text("minimum_should_match"),
        boost=boost,
        name=name,
    )
    body.end()
    return tree


def _fields(body: Body) -> tuple[tuple[str, float], ...]:
    """`fields`, or the one `default_field`."""
    fields, default = fields_of(body), body.text("default_field")
    if fields and default is not None:
        raise QueryArgumentError("[query_string] has both [fields] and [default_field], only one may be given")
    return fields if default is None else ((checked_field("query_string", default), 1.0),)


def _lenient(body: Body) -> bool | None:
    return body.flag("lenient") if body.has("lenient") else None


def _fuzziness(body: Body, value: str | None) -> Fuzziness:
    distance, low, high = edits_of(value or "AUTO")
    return Fuzziness(
        distance=distance,
        auto_low=low,
        auto_high=high,
        prefix_length=body.integer("fuzzy_prefix_length", 0),
        max_expansions=body.integer("fuzzy_max_expansions", 50),
        transpositions=body.flag("fuzzy_transpositions", default=True),
    )


def _unchanging(body: Body) -> None:
    # No analyzer here makes synonyms of several words.
    body.flag("auto_generate_synonyms_phrase_query", default=True)


def _flags(body: Body) -> frozenset[str]:
    """Names joined by |, or a number of bits, of which -1 has all."""
    text = body.text("flags")
    if text is None or text in ("-1", str(MAX_INTEGER), ""):
        return frozenset({"ALL"})
    if text.isascii() and text.isdigit() and len(text) < 10:
        return frozenset(flag for bit, flag in enumerate(SIMPLE_FLAGS) if int(text) >> bit & 1) or frozenset({"NONE"})
    flags = frozenset("NEAR" if flag == "SLOP" else flag for flag in text.upper().split("|"))
    unknown = sorted(flags - {*SIMPLE_FLAGS, "ALL", "NONE"})
    if unknown:
        raise QueryArgumentError(f"Unknown simple_query_string flag [{unknown[0][:100]}]")
    return flags
