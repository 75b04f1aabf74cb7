"""Which query a name means, and the shape that every query has: one name, one object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from isthmus.query.errors import QueryArgumentError
from isthmus.query.mistakes import ParsingError
from isthmus.query.parsing import compound, full_text, syntaxes, term_level
from isthmus.query.parsing.bounds import Bounds
from isthmus.query.parsing.near import did_you_mean
from isthmus.query.parsing.scope import Scope
from isthmus.query.tree import Query

QUERIES: Mapping[str, Callable[[dict[str, Any], Scope], Query]] = MappingProxyType(
    {
        "bool": compound.bool_,
        "boosting": compound.boosting,
        "constant_score": compound.constant_score,
        "dis_max": compound.dis_max,
        "exists": term_level.exists,
        "fuzzy": term_level.fuzzy,
        "ids": term_level.ids,
        "match": full_text.match,
        "match_all": compound.match_all,
        "match_bool_prefix": full_text.match_bool_prefix,
        "match_none": compound.match_none,
        "match_phrase": full_text.match_phrase,
        "match_phrase_prefix": full_text.match_phrase_prefix,
        "multi_match": full_text.multi_match,
        "prefix": term_level.prefix,
        "query_string": syntaxes.query_string,
        "range": term_level.range_,
        "regexp": term_level.regexp,
        "simple_query_string": syntaxes.simple_query_string,
        "term": term_level.term,
        "terms": term_level.terms,
        "wildcard": term_level.wildcard,
        "wrapper": compound.wrapper,
    }
)
"""The queries that are understood, by name."""

PARTLY: Mapping[str, str] = MappingProxyType(
    {
        "regexp": "no intervals (`<1-5>`), complements (`~`) and intersections (`&`)",
        "query_string": "no `analyze_wildcard` together with an `analyzer`; regular expressions as in `regexp`",
    }
)
"""What the queries that are understood lack."""

UNSUPPORTED = frozenset(
    [
        "combined_fields",
        "distance_feature",
        "function_score",
        "geo_bounding_box",
        "geo_distance",
        "geo_grid",
        "geo_polygon",
        "geo_shape",
        "has_child",
        "has_parent",
        "intervals",
        "knn",
        "more_like_this",
        "nested",
        "parent_id",
        "percolate",
        "pinned",
        "rank_feature",
        "rule",
        "rule_query",
        "script",
        "script_score",
        "semantic",
        "shape",
        "span_containing",
        "span_field_masking",
        "span_first",
        "span_gap",
        "span_multi",
        "span_near",
        "span_not",
        "span_or",
        "span_term",
        "span_within",
        "sparse_vector",
        "terms_set",
        "text_expansion",
        "type",
        "weighted_tokens",
    ]
)
"""Elasticsearch's other queries, which are refused by name."""


def parse_query(value: Any, *, bounds: Bounds) -> Query:
    """The query of decoded JSON: `{"term": {"user": "kim"}}`.

    Raises ParsingError, QueryArgumentError, NumberFormatError or TooManyClausesError; each names the query and key.
    """
    return Scope(bounds, _parse).inner(value)


def _parse(value: Any, scope: Scope) -> Query:
    if not isinstance(value, dict):
        raise ParsingError("[_na] query malformed, must start with start_object")
    if not value:
        raise QueryArgumentError("query malformed, empty clause found")
    name, body = next(iter(value.items()))
    if name in UNSUPPORTED:
        raise ParsingError(f"[{name}] query is not supported here")
    parse = QUERIES.get(name)
    if parse is None:
        raise ParsingError(f"unknown query [{name[:100]}]{did_you_mean(name, sorted(QUERIES))}")
    if not isinstance(body, dict):
        raise ParsingError(f"[{name}] query malformed, no start_object after query name")
    if len(value) > 1:
        raise ParsingError(f"[{name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]")
    return parse(body, scope)
