"""Bodies of searches that other clusters are asked for: each query, what is shown of hits, and each aggregation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

QUERIES: Final[list[dict[str, Any]]] = [
    {"match_all": {}},
    {"match": {"msg": "hello"}},
    {"match": {"msg": {"query": "hello 3", "operator": "and"}}},
    {"match": {"msg": {"query": "helo", "fuzziness": "AUTO"}}},
    {"match_phrase": {"msg": "hello wörld"}},
    {"match_phrase_prefix": {"msg": "hello wör"}},
    {"match_bool_prefix": {"msg": "hello wör"}},
    {"multi_match": {"query": "hello k1", "fields": ["msg", "kw^2"]}},
    {"multi_match": {"query": "hello", "fields": ["msg", "kw"], "type": "most_fields"}},
    {"query_string": {"query": "msg:hello AND kw:k1"}},
    {"query_string": {"query": "hello", "default_field": "msg"}},
    {"query_string": {"query": "kw:k1 OR n:[3 TO 5]"}},
    {"simple_query_string": {"query": "hello +wörld", "fields": ["msg"]}},
    {"simple_query_string": {"query": "hello", "fields": ["msg^2", "kw"], "default_operator": "and"}},
    {"term": {"kw": "k1"}},
    {"term": {"kw": {"value": "K1", "case_insensitive": True}}},
    {"term": {"n": 3}},
    {"term": {"b": True}},
    {"term": {"ip": "10.0.0.3"}},
    {"term": {"ip": "10.0.0.0/29"}},
    {"term": {"ts": "2026-01-03"}},
    {"terms": {"kw": ["k1", "k2"]}},
    {"terms": {"n": [1, 2, 3]}},
    {"range": {"n": {"gte": 3, "lt": 6}}},
    {"range": {"ts": {"gte": "2026-01-03", "lte": "2026-01-05"}}},
    {"range": {"d": {"gt": 3.5}}},
    {"range": {"ts": {"gte": "2026-01-03||/d", "time_zone": "+01:00"}}},
    {"range": {"kw": {"gte": "k2"}}},
    {"exists": {"field": "kw"}},
    {"ids": {"values": ["1", "3"]}},
    {"prefix": {"kw": "k"}},
    {"wildcard": {"kw": "k?"}},
    {"wildcard": {"kw": {"value": "K*", "case_insensitive": True}}},
    {"regexp": {"kw": "k[12]"}},
    {"fuzzy": {"kw": "k9"}},
    {"fuzzy": {"msg": {"value": "helo", "fuzziness": 1}}},
    {
        "bool": {
            "must": [{"match": {"msg": "hello"}}],
            "filter": [{"term": {"kw": "k1"}}],
            "must_not": [{"term": {"n": 5}}],
            "should": [{"term": {"n": 9}}],
            "boost": 1.5,
        }
    },
    {"bool": {"should": [{"term": {"kw": "k1"}}, {"term": {"n": 2}}], "minimum_should_match": 1}},
    {"constant_score": {"filter": {"term": {"kw": "k1"}}, "boost": 2.2}},
    {"dis_max": {"queries": [{"term": {"kw": "k1"}}, {"match": {"msg": "hello"}}], "tie_breaker": 0.3}},
    {"boosting": {"positive": {"match": {"msg": "hello"}}, "negative": {"term": {"kw": "k1"}}, "negative_boost": 0.2}},
    {"match_none": {}},
    {"match": {"msg": {"query": "the", "zero_terms_query": "all", "analyzer": "stop"}}},
]
SHOWN: Final[list[dict[str, Any]]] = [
    {"sort": ["n"]},
    {"sort": [{"n": "desc"}]},
    {"sort": [{"kw": "asc"}, {"n": "desc"}]},
    {"sort": [{"ts": {"order": "desc"}}]},
    {"sort": [{"ts": {"order": "desc", "format": "yyyy-MM"}}]},
    {"sort": [{"d": {"order": "asc", "missing": "_first"}}]},
    {"sort": ["_doc"]},
    {"sort": ["_score", {"n": "asc"}], "query": {"match": {"msg": "hello"}}},
    {"sort": [{"b": "asc"}, {"n": "asc"}]},
    {"sort": [{"ip": "desc"}]},
    {"sort": [{"l": "asc"}], "search_after": [5000]},
    {"sort": [{"kw": "asc"}, {"n": "asc"}], "search_after": ["k1", 9]},
    {"sort": [{"n": "desc"}], "track_scores": True, "query": {"match": {"msg": "hello"}}},
    {"from": 3, "size": 4, "sort": ["n"]},
    {"size": 0},
    {"track_total_hits": False},
    {"track_total_hits": 5},
    {"track_total_hits": True, "size": 1},
    {"_source": False},
    {"_source": ["msg", "n"]},
    {"_source": {"excludes": ["msg"]}},
    {"fields": ["kw", "n", "ts"], "_source": False},
    {"fields": [{"field": "ts", "format": "epoch_millis"}], "_source": False},
    {"docvalue_fields": ["n", "ts"], "_source": False},
    {"stored_fields": ["_none_"]},
    {"version": True, "seq_no_primary_term": True},
    {"explain": True, "query": {"match": {"msg": "hello"}}, "size": 1},
    {"min_score": 0.1, "query": {"match": {"msg": "hello"}}},
    {"post_filter": {"term": {"kw": "k1"}}},
    {"query": {"match": {"msg": "hello"}}, "highlight": {"fields": {"msg": {}}}},
    {
        "query": {"match": {"msg": "hello"}},
        "highlight": {"pre_tags": ["<b>"], "post_tags": ["</b>"], "fields": {"msg": {"number_of_fragments": 0}}},
    },
    {"collapse": {"field": "kw"}, "sort": ["n"]},
    {"query": {"term": {"kw": {"value": "k1", "_name": "one"}}}},
    {"timeout": "5s"},
    {"terminate_after": 3},
    {"indices_boost": [{"logs-*": 2.0}], "query": {"match": {"msg": "hello"}}},
]
AGGREGATIONS: Final[list[dict[str, Any]]] = [
    {"terms": {"field": "kw"}},
    {"terms": {"field": "kw", "size": 2}},
    {"terms": {"field": "kw", "order": {"_key": "desc"}}},
    {"terms": {"field": "n", "size": 3}},
    {"terms": {"field": "b"}},
    {"terms": {"field": "ts", "size": 2}},
    {"terms": {"field": "ip", "size": 2}},
    {"terms": {"field": "d", "size": 2}},
    {"terms": {"field": "kw", "include": "k[12]"}},
    {"terms": {"field": "kw", "include": ["k1"]}},
    {"terms": {"field": "kw", "exclude": ["k1"]}},
    {"terms": {"field": "kw", "missing": "none"}},
    {"terms": {"field": "nope"}},
    {"terms": {"field": "kw", "min_doc_count": 6}},
    {"terms": {"field": "kw", "show_term_doc_count_error": True}},
    {"range": {"field": "n", "ranges": [{"to": 5}, {"from": 5, "to": 10}, {"from": 10}]}},
    {"range": {"field": "d", "keyed": True, "ranges": [{"key": "low", "to": 5.5}, {"key": "high", "from": 5.5}]}},
    {"date_range": {"field": "ts", "ranges": [{"to": "2026-01-05"}, {"from": "2026-01-05"}]}},
    {
        "date_range": {
            "field": "ts",
            "format": "yyyy-MM-dd",
            "time_zone": "Europe/Berlin",
            "ranges": [{"from": "2026-01-05", "to": "2026-01-10||+1d"}],
        }
    },
    {"histogram": {"field": "n", "interval": 5}},
    {"histogram": {"field": "n", "interval": 5, "min_doc_count": 1, "keyed": True}},
    {"histogram": {"field": "d", "interval": 4, "offset": 1, "extended_bounds": {"min": -5, "max": 40}}},
    {"histogram": {"field": "n", "interval": 5, "hard_bounds": {"min": 5, "max": 15}}},
    {"date_histogram": {"field": "ts", "fixed_interval": "2d"}},
    {"date_histogram": {"field": "ts", "calendar_interval": "week", "time_zone": "Europe/Berlin"}},
    {
        "date_histogram": {
            "field": "ts",
            "calendar_interval": "month",
            "format": "yyyy-MM",
            "min_doc_count": 0,
            "extended_bounds": {"min": "2025-11", "max": "2026-03"},
        }
    },
    {"date_histogram": {"field": "ts", "fixed_interval": "3d", "offset": "+6h", "order": {"_count": "desc"}}},
    {"filter": {"term": {"kw": "k1"}}},
    {"filters": {"filters": {"a": {"term": {"kw": "k1"}}, "b": {"range": {"n": {"gt": 5}}}}}},
    {"filters": {"filters": [{"term": {"kw": "k1"}}], "other_bucket": True}},
    {"filters": {"other_bucket_key": "rest", "filters": {"a": {"term": {"kw": "k1"}}}}},
    {"missing": {"field": "kw"}},
    {"global": {}},
    {"avg": {"field": "n"}},
    {"sum": {"field": "d"}},
    {"min": {"field": "n"}},
    {"max": {"field": "ts"}},
    {"stats": {"field": "n"}},
    {"extended_stats": {"field": "n"}},
    {"value_count": {"field": "kw"}},
    {"percentiles": {"field": "n"}},
    {"avg": {"field": "nope"}},
    {"min": {"field": "nope"}},
    {"avg": {"field": "n", "missing": 3}},
    {"sum": {"field": "n", "format": "0.00"}},
    {"max": {"field": "b"}},
]
_WITH_BUCKETS: Final = ("terms", "range", "histogram", "date_histogram", "filters")
_BELOW: Final = {"m": {"avg": {"field": "d"}}, "x": {"terms": {"field": "kw", "size": 2}}}


def bodies() -> Iterator[dict[str, Any]]:
    """Give every body."""
    yield from ({"query": query, "size": 30} for query in QUERIES)
    yield from SHOWN
    yield from ({"size": 0, "aggs": {"a": one}} for one in AGGREGATIONS)
    holding = [
        one for one in AGGREGATIONS if next(iter(one)) in ("terms", "range", "histogram", "date_histogram", "filters")
    ]
    yield from ({"size": 0, "aggs": {"a": {**one, "aggs": _BELOW}}} for one in holding)
    yield {"size": 0, "aggs": {"a": {"terms": {"field": "kw", "order": {"m": "desc"}}, "aggs": _BELOW}}}
    yield {"size": 0, "aggs": {"a": {"terms": {"field": "kw"}, "meta": {"x": 1}}}}
