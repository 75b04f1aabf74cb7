"""Queries that hold queries.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/compound-queries.html
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from isthmus.query.errors import QueryArgumentError
from isthmus.query.mistakes import ParsingError
from isthmus.query.parsing.body import Body
from isthmus.query.parsing.full_text import tie_breaker_of
from isthmus.query.parsing.scope import Scope
from isthmus.query.tree import Bool, Boosting, ConstantScore, DisMax, MatchAll, MatchNone, Query


def match_all(value: dict[str, Any], scope: Scope) -> MatchAll:
    """`match_all`."""
    boost, name = _only_common("match_all", value, scope)
    return MatchAll(boost=boost, name=name)


def match_none(value: dict[str, Any], scope: Scope) -> MatchNone:
    """`match_none`."""
    boost, name = _only_common("match_none", value, scope)
    return MatchNone(boost=boost, name=name)


def _only_common(query: str, value: dict[str, Any], scope: Scope) -> tuple[float, str | None]:
    body = Body(query, value, scope)
    common = body.common()
    body.end()
    return common


def bool_(value: dict[str, Any], scope: Scope) -> Bool:
    """`bool`; each clause is an object or a list of them."""
    body = Body("bool", value, scope)
    boost, name = body.common()
    tree = Bool(
        must=_queries(body, "must"),
        filter=_queries(body, "filter"),
        should=_queries(body, "should"),
        must_not=_queries(body, "must_not", "mustNot"),
        minimum_should_match=body.text("minimum_should_match"),
        boost=boost,
        name=name,
    )
    body.only("adjust_pure_negative", "true")
    body.end()
    return tree


def constant_score(value: dict[str, Any], scope: Scope) -> ConstantScore:
    """`constant_score`."""
    body = Body("constant_score", value, scope)
    inner = _query(body, "filter")
    boost, name = body.common()
    body.end()
    return ConstantScore(filter=inner, boost=boost, name=name)


def dis_max(value: dict[str, Any], scope: Scope) -> DisMax:
    """`dis_max`."""
    body = Body("dis_max", value, scope)
    queries = _queries(body, "queries")
    if not queries:
        body.refuse_misspelt("queries")
        raise ParsingError("[dis_max] requires 'queries' field with at least one clause")
    boost, name = body.common()
    tie_breaker = tie_breaker_of(body) or 0.0
    body.end()
    return DisMax(queries=queries, tie_breaker=tie_breaker, boost=boost, name=name)


def boosting(value: dict[str, Any], scope: Scope) -> Boosting:
    """`boosting`."""
    body = Body("boosting", value, scope)
    positive, negative = _query(body, "positive"), _query(body, "negative")
    if not body.has("negative_boost"):
        body.refuse_misspelt("negative_boost")
        raise ParsingError("[boosting] query requires 'negative_boost' to be set to be a positive value")
    negative_boost = body.number("negative_boost", -1.0)
    if negative_boost < 0:
        raise QueryArgumentError("[boosting] query requires 'negative_boost' to be set to be a positive value")
    boost, name = body.common()
    body.end()
    return Boosting(positive=positive, negative=negative, negative_boost=negative_boost, boost=boost, name=name)


def wrapper(value: dict[str, Any], scope: Scope) -> Query:
    """`wrapper`: a query in base64. `boost` and `_name` are not taken with it, as in Elasticsearch."""
    body = Body("wrapper", value, scope)
    encoded = body.needed_text("query")
    body.end()
    try:
        inner = msgspec.json.decode(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise ParsingError("[wrapper] [query] is not JSON in base64") from error
    return scope.inner(inner)


def _query(body: Body, key: str) -> Query:
    value = body.take(key)
    if value is None:
        raise body.missing(key)
    return body.scope.inner(value)


def _queries(body: Body, *keys: str) -> tuple[Query, ...]:
    value = body.take(*keys)
    values = [] if value is None else value if isinstance(value, list) else [value]
    return tuple(body.scope.inner(item) for item in values)
