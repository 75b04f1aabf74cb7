"""Queries for exact values.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/term-level-queries.html
"""

from __future__ import annotations

from typing import Any, cast

from isthmus.query.errors import QueryArgumentError
from isthmus.query.mistakes import ParsingError
from isthmus.query.parsing.body import Body
from isthmus.query.parsing.scope import Scope
from isthmus.query.parsing.shapes import checked_field, fuzziness_of, of_field, texts_of
from isthmus.query.tree import (
    Exists,
    Fuzziness,
    Fuzzy,
    Ids,
    Prefix,
    Range,
    RangeRelation,
    Regexp,
    Scalar,
    Term,
    Terms,
    TermsLookup,
    Wildcard,
)

REGEXP_FLAGS = frozenset({"ALL", "NONE", "COMPLEMENT", "INTERVAL", "INTERSECTION", "ANYSTRING", "AUTOMATON", "EMPTY"})


def term(value: dict[str, Any], scope: Scope) -> Term:
    """`term`."""
    field, body = of_field("term", value, scope, "value")
    sought = body.needed("value", "term")
    boost, name = body.common()
    tree = Term(field=field, value=sought, case_insensitive=body.flag("case_insensitive"), boost=boost, name=name)
    body.end()
    return tree


def terms(value: dict[str, Any], scope: Scope) -> Terms:
    """`terms`, of values or of a lookup."""
    body = Body("terms", value, scope)
    boost, name = body.common()
    fields = [key for key in value if key not in ("boost", "_name")]
    if len(fields) != 1:
        found = "none" if not fields else f"[{fields[0][:100]}] and [{fields[1][:100]}]"
        raise ParsingError(f"[terms] query requires one field name, followed by array of terms; found {found}")
    field = checked_field("terms", fields[0])
    given = value[field]
    if isinstance(given, dict):
        return Terms(field=field, lookup=_lookup(given, scope), boost=boost, name=name)
    if not isinstance(given, list):
        raise body.wrong(field[:100], given)
    return Terms(field=field, values=_values(body, given), boost=boost, name=name)


def _values(body: Body, given: list[Any]) -> tuple[Scalar, ...]:
    if len(given) > body.scope.bounds.terms:
        raise QueryArgumentError(
            f"The number of terms [{len(given)}] used in the Terms Query request has exceeded the allowed maximum of"
            f" [{body.scope.bounds.terms}]. This maximum can be set by changing the [index.max_terms_count]"
            " index level setting."
        )
    if any(item is None for item in given):
        raise QueryArgumentError("No value specified for terms query")
    return tuple(body.checked_scalar("terms", item) for item in given)


def _lookup(given: dict[str, Any], scope: Scope) -> TermsLookup:
    body = Body("terms", given, scope)
    lookup = TermsLookup(
        index=body.needed_text("index"),
        id=body.needed_text("id"),
        path=body.needed_text("path"),
        routing=body.text("routing"),
    )
    body.end()
    return lookup


def range_(value: dict[str, Any], scope: Scope) -> Range:
    """`range`, with the bounds of today or the older from, to, include_lower, include_upper."""
    field, body = of_field("range", value, scope, "")
    if not isinstance(value[field], dict):
        raise ParsingError(f"[range] query does not support [{field[:100]}]: its bounds are an object")
    boost, name = body.common()
    gt, gte = _bound_of(body, "gt", "gte", "from", "include_lower")
    lt, lte = _bound_of(body, "lt", "lte", "to", "include_upper")
    relation = body.choice("relation", ("intersects", "contains", "within"), "intersects")
    tree = Range(
        field=field,
        gt=gt,
        gte=gte,
        lt=lt,
        lte=lte,
        format=body.text("format"),
        time_zone=body.text("time_zone"),
        relation=cast(RangeRelation, relation),
        boost=boost,
        name=name,
    )
    body.end()
    return tree


def _bound_of(body: Body, strict: str, inclusive: str, older: str, include: str) -> tuple[Scalar, Scalar]:
    """(exclusive, inclusive), at most one of them given. Of several keys the last one counts, as in Elasticsearch."""
    bound: Scalar = None
    included = True
    for key in body.in_order(strict, inclusive, older, include):
        if key == include:
            included = body.flag(include, default=True)
            continue
        bound = body.scalar(key)
        if key != older:
            included = key == inclusive
    return (None, bound) if included else (bound, None)


def exists(value: dict[str, Any], scope: Scope) -> Exists:
    """`exists`."""
    body = Body("exists", value, scope)
    field = body.needed_text("field")
    boost, name = body.common()
    body.end()
    return Exists(field=checked_field("exists", field), boost=boost, name=name)


def ids(value: dict[str, Any], scope: Scope) -> Ids:
    """`ids`, of one or several."""
    body = Body("ids", value, scope)
    if not body.has("values"):
        body.refuse_misspelt("values")
    given = body.take("values") if body.has("values") else []
    boost, name = body.common()
    body.end()
    return Ids(values=texts_of(body, "values", given), boost=boost, name=name)


def prefix(value: dict[str, Any], scope: Scope) -> Prefix:
    """`prefix`."""
    field, body = of_field("prefix", value, scope, "value")
    sought = body.needed_text("value")
    return Prefix(field=field, value=sought, **_pattern_keys(body))


def wildcard(value: dict[str, Any], scope: Scope) -> Wildcard:
    """`wildcard`."""
    field, body = of_field("wildcard", value, scope, "value")
    sought = body.needed_text("value", "wildcard")
    return Wildcard(field=field, value=sought, **_pattern_keys(body))


def regexp(value: dict[str, Any], scope: Scope) -> Regexp:
    """`regexp`."""
    field, body = of_field("regexp", value, scope, "value")
    sought = body.needed_text("value")
    if len(sought) > scope.bounds.regexp:
        raise QueryArgumentError(
            f"The length of regex [{len(sought)}] used in the Regexp Query request has exceeded the allowed maximum"
            f" of [{scope.bounds.regexp}]. This maximum can be set by changing the [index.max_regex_length]"
            " index level setting."
        )
    flags = (body.text("flags") or "ALL").upper()
    unknown = sorted(set(flags.split("|")) - REGEXP_FLAGS)
    if unknown:
        raise QueryArgumentError(f"Unknown regexp flag [{unknown[0][:100]}]")
    body.integer("max_determinized_states", 10_000)
    return Regexp(field=field, value=sought, flags=flags, **_pattern_keys(body))


def _pattern_keys(body: Body) -> dict[str, Any]:
    """What prefix, wildcard and regexp share. Of the values of `rewrite` only those are taken that change nothing."""
    boost, name = body.common()
    body.only("rewrite", "constant_score", "constant_score_blended", "constant_score_boolean")
    insensitive = body.flag("case_insensitive")
    body.end()
    return {"case_insensitive": insensitive, "boost": boost, "name": name}


def fuzzy(value: dict[str, Any], scope: Scope) -> Fuzzy:
    """`fuzzy`."""
    field, body = of_field("fuzzy", value, scope, "value")
    sought = body.needed("value", "term")
    boost, name = body.common()
    fuzziness = fuzziness_of(body, always=True) or Fuzziness()
    body.end()
    return Fuzzy(field=field, value=sought, fuzziness=fuzziness, boost=boost, name=name)
