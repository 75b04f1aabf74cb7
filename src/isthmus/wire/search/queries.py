"""Queries, as one cluster sends them to another (es-wire §4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isthmus.wire.errors import MalformedError
from isthmus.wire.layouts import (
    BOOL,
    BYTES,
    F32,
    GENERIC,
    I32,
    OPTBOOL,
    OPTF32,
    OPTSTR,
    STR,
    STRINGS,
    VINT,
    Layout,
    enum,
    inside_bytes,
    listing,
    mapping,
    named,
    optional,
    refused,
    several,
    struct,
)
from isthmus.wire.primitives import Reader, Writer

QUERIES: Final[dict[str, Layout]] = {}
QUERY: Final = named("query", QUERIES)

_OPERATOR: Final = enum("or", "and")
_ZERO_TERMS: Final = enum("none", "all", "null")
_MULTI_MATCH_TYPE: Final = enum("best_fields", "most_fields", "cross_fields", "phrase", "phrase_prefix", "bool_prefix")
_FUZZINESS: Final = struct(text=STR, custom=optional(several(VINT, VINT)))
SCRIPT: Final = struct(type=enum("inline", "stored"), lang=OPTSTR, code=STR, options=GENERIC, params=GENERIC)
_LOOKUP: Final = struct(id=STR, path=STR, index=STR, routing=OPTSTR)


def _read_fields(reader: Reader) -> dict[str, float]:
    count = reader.i32()
    if not 0 <= count <= reader.remaining:
        raise MalformedError(f"a query announces {count} fields in {reader.remaining} bytes")
    return {reader.string(): reader.f32() for _ in range(count)}


def _write_fields(writer: Writer, fields: Mapping[str, float]) -> None:
    writer.i32(len(fields))
    for name, boost in fields.items():
        writer.string(name)
        writer.f32(boost)


_FIELDS: Final = Layout(_read_fields, _write_fields)


def _query(**parts: Layout) -> Layout:
    return struct(boost=F32, _name=OPTSTR, **parts)


def _pattern(**parts: Layout) -> Layout:
    return _query(field=STR, value=STR, rewrite=OPTSTR, case_insensitive=BOOL, **parts)


QUERIES.update(
    {
        "wrapper": _query(source=BYTES),
        "match_all": _query(),
        "match_none": _query(reason=OPTSTR),
        "term": _query(field=STR, value=GENERIC, case_insensitive=BOOL),
        "terms": _query(field=STR, lookup=optional(_LOOKUP), values=optional(inside_bytes(GENERIC))),
        "match": _query(
            field=STR,
            query=GENERIC,
            operator=_OPERATOR,
            prefix_length=VINT,
            max_expansions=VINT,
            fuzzy_transpositions=BOOL,
            lenient=BOOL,
            zero_terms_query=_ZERO_TERMS,
            analyzer=OPTSTR,
            minimum_should_match=OPTSTR,
            fuzzy_rewrite=OPTSTR,
            fuzziness=optional(_FUZZINESS),
            auto_generate_synonyms_phrase_query=BOOL,
        ),
        "match_phrase": _query(field=STR, query=GENERIC, slop=VINT, zero_terms_query=_ZERO_TERMS, analyzer=OPTSTR),
        "match_phrase_prefix": _query(
            field=STR, query=GENERIC, slop=VINT, max_expansions=VINT, analyzer=OPTSTR, zero_terms_query=_ZERO_TERMS
        ),
        "match_bool_prefix": _query(
            field=STR,
            query=GENERIC,
            analyzer=OPTSTR,
            operator=_OPERATOR,
            minimum_should_match=OPTSTR,
            fuzziness=optional(_FUZZINESS),
            prefix_length=VINT,
            max_expansions=VINT,
            fuzzy_transpositions=BOOL,
            fuzzy_rewrite=OPTSTR,
        ),
        "multi_match": _query(
            query=GENERIC,
            fields=mapping(STR, F32),
            type=_MULTI_MATCH_TYPE,
            operator=_OPERATOR,
            analyzer=OPTSTR,
            slop=VINT,
            fuzziness=optional(_FUZZINESS),
            prefix_length=VINT,
            max_expansions=VINT,
            minimum_should_match=OPTSTR,
            fuzzy_rewrite=OPTSTR,
            tie_breaker=OPTF32,
            lenient=OPTBOOL,
            zero_terms_query=_ZERO_TERMS,
            auto_generate_synonyms_phrase_query=BOOL,
            fuzzy_transpositions=BOOL,
        ),
        "query_string": _query(
            query=STR,
            default_field=OPTSTR,
            fields=mapping(STR, F32),
            default_operator=_OPERATOR,
            analyzer=OPTSTR,
            quote_analyzer=OPTSTR,
            quote_field_suffix=OPTSTR,
            allow_leading_wildcard=OPTBOOL,
            analyze_wildcard=OPTBOOL,
            enable_position_increments=BOOL,
            fuzziness=_FUZZINESS,
            fuzzy_prefix_length=VINT,
            fuzzy_max_expansions=VINT,
            fuzzy_rewrite=OPTSTR,
            phrase_slop=VINT,
            type=_MULTI_MATCH_TYPE,
            tie_breaker=OPTF32,
            rewrite=OPTSTR,
            minimum_should_match=OPTSTR,
            lenient=OPTBOOL,
            time_zone=OPTSTR,
            escape=BOOL,
            max_determinized_states=VINT,
            auto_generate_synonyms_phrase_query=BOOL,
            fuzzy_transpositions=BOOL,
        ),
        "simple_query_string": _query(
            query=STR,
            fields=_FIELDS,
            flags=I32,
            analyzer=OPTSTR,
            default_operator=_OPERATOR,
            lenient=BOOL,
            lenient_set=BOOL,
            analyze_wildcard=BOOL,
            minimum_should_match=OPTSTR,
            quote_field_suffix=OPTSTR,
            auto_generate_synonyms_phrase_query=BOOL,
            fuzzy_prefix_length=VINT,
            fuzzy_max_expansions=VINT,
            fuzzy_transpositions=BOOL,
            type=_MULTI_MATCH_TYPE,
        ),
        "range": _query(
            field=STR,
            from_=GENERIC,
            to=GENERIC,
            include_lower=BOOL,
            include_upper=BOOL,
            time_zone=OPTSTR,
            format=OPTSTR,
            relation=OPTSTR,
        ),
        "bool": _query(
            must=listing(QUERY),
            must_not=listing(QUERY),
            should=listing(QUERY),
            filter=listing(QUERY),
            adjust_pure_negative=BOOL,
            minimum_should_match=OPTSTR,
        ),
        "exists": _query(field=STR),
        "ids": _query(values=STRINGS),
        "prefix": _pattern(),
        "wildcard": _pattern(force_string_match=BOOL),
        "regexp": _query(
            field=STR, value=STR, flags=VINT, max_determinized_states=VINT, rewrite=OPTSTR, case_insensitive=BOOL
        ),
        "fuzzy": _query(
            field=STR,
            value=GENERIC,
            fuzziness=_FUZZINESS,
            prefix_length=VINT,
            max_expansions=VINT,
            transpositions=BOOL,
            rewrite=OPTSTR,
        ),
        "constant_score": _query(filter=QUERY),
        "dis_max": _query(queries=listing(QUERY), tie_breaker=F32),
        "boosting": _query(positive=QUERY, negative=QUERY, negative_boost=F32),
        "nested": _query(
            path=STR,
            score_mode=enum("none", "avg", "max", "total", "min"),
            query=QUERY,
            inner_hits=optional(refused("[inner_hits]")),
            ignore_unmapped=BOOL,
        ),
        "script": _query(script=SCRIPT),
    }
)
