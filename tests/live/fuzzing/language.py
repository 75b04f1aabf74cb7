"""One right example, or more, of every query, every aggregation and every key of a search's body. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ALL: Any = {"match_all": {}}

QUERIES: Mapping[str, tuple[Any, ...]] = {
    "bool": (
        {"must": [_ALL], "filter": {"term": {"tag": "a"}}, "must_not": [], "should": [_ALL], "minimum_should_match": 1},
        {"should": [{"match": {"body": "quick"}}, {"term": {"n": 3}}], "minimum_should_match": "2<-25%", "boost": 2},
    ),
    "boosting": ({"positive": _ALL, "negative": {"term": {"tag": "a"}}, "negative_boost": 0.5},),
    "constant_score": ({"filter": _ALL, "boost": 1.2},),
    "dis_max": ({"queries": [_ALL, {"match": {"body": "fox"}}], "tie_breaker": 0.7},),
    "exists": ({"field": "tag"}, {"field": "object"}),
    "fuzzy": ({"body": {"value": "quik", "fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 50}},),
    "ids": ({"values": ["1", "2", "missing"]},),
    "match": (
        {"body": "quick fox"},
        {"body": {"query": "quick fx", "operator": "and", "fuzziness": 1, "zero_terms_query": "all", "lenient": True}},
        {"n": 4},
        {"day": "2026-01-05"},
    ),
    "match_all": ({}, {"boost": 1.5}),
    "match_bool_prefix": ({"body": "quick f"},),
    "match_none": ({},),
    "match_phrase": ({"body": "quick fox"}, {"body": {"query": "fox quick", "slop": 3}}, {"body": "quick"}),
    "match_phrase_prefix": ({"body": {"query": "quick f", "max_expansions": 10}},),
    "multi_match": (
        {"query": "quick fox", "fields": ["body^2", "tag", "b*"], "type": "best_fields", "tie_breaker": 0.3},
        {"query": "quick fox", "fields": ["body", "title"], "type": "cross_fields", "operator": "and"},
        {"query": "quick fo", "fields": ["body"], "type": "phrase_prefix"},
    ),
    "prefix": ({"tag": "a"}, {"tag": {"value": "A", "case_insensitive": True}}),
    "query_string": (
        {"query": 'body:(quick AND fox~1) OR n:[1 TO 5} -tag:a* /fo./ "quick fox"~2 _exists_:day', "lenient": True},
        {"query": "quick", "fields": ["body", "title^3"], "default_operator": "AND", "analyze_wildcard": True},
    ),
    "range": (
        {"n": {"gte": 2, "lt": 9}},
        {"day": {"gte": "2026-01-01||/M", "lte": "now", "time_zone": "+01:00", "format": "yyyy-MM-dd||epoch_millis"}},
        {"address": {"gt": "10.0.0.1", "lte": "10.0.0.200"}},
        {"tag": {"gt": "a"}},
        {"weight": {"lte": 3.5, "boost": 2}},
    ),
    "regexp": ({"tag": {"value": "[a-c]+", "case_insensitive": True}}, {"body": "qu.*"}),
    "simple_query_string": (
        {"query": 'quick +fox | "lazy dog"~2 -cat fo* (brown)', "fields": ["body^2"], "default_operator": "and"},
        {"query": "quick~1", "flags": "FUZZY|AND"},
    ),
    "term": (
        {"tag": "a"},
        {"n": {"value": 3, "boost": 2}},
        {"flag": True},
        {"address": "10.0.0.0/8"},
        {"object.k": "v1"},
    ),
    "terms": ({"tag": ["a", "b"]}, {"n": {"index": "docs", "id": "1", "path": "n"}}, {"_id": ["1"]}),
    "wildcard": ({"tag": "?*"}, {"body": {"value": "qu*k", "case_insensitive": True}}),
    "wrapper": ({"query": "eyJtYXRjaF9hbGwiOnt9fQ=="},),
}

AGGREGATIONS: Mapping[str, tuple[Any, ...]] = {
    "avg": ({"field": "n", "missing": 1},),
    "bucket_sort": ({"sort": [{"_count": "desc"}], "from": 0, "size": 3},),
    "cardinality": ({"field": "tag", "precision_threshold": 100},),
    "composite": (
        {"size": 3, "sources": [{"t": {"terms": {"field": "tag", "missing_bucket": True}}}]},
        {
            "sources": [
                {"d": {"date_histogram": {"field": "day", "calendar_interval": "1d", "format": "yyyy-MM-dd"}}},
                {"h": {"histogram": {"field": "n", "interval": 5, "order": "desc"}}},
            ],
            "after": {"d": "2026-01-03", "h": 5},
        },
    ),
    "cumulative_sum": ({"buckets_path": "_count"},),
    "date_histogram": (
        {"field": "day", "calendar_interval": "month", "time_zone": "Europe/Berlin", "min_doc_count": 0},
        {
            "field": "day",
            "fixed_interval": "12h",
            "offset": "+1h",
            "extended_bounds": {"min": "2026-01-01", "max": "now"},
        },
    ),
    "date_range": (
        {"field": "day", "ranges": [{"to": "now-1d/d"}, {"key": "x", "from": "2026-01-02"}], "keyed": True},
    ),
    "derivative": ({"buckets_path": "_count", "unit": "1d"},),
    "extended_stats": ({"field": "n", "sigma": 3},),
    "filter": ({"term": {"tag": "a"}},),
    "filters": ({"filters": {"a": {"term": {"tag": "a"}}, "b": _ALL}, "other_bucket_key": "rest"}, {"filters": [_ALL]}),
    "global": ({},),
    "histogram": (
        {"field": "n", "interval": 5, "offset": 1, "min_doc_count": 0, "extended_bounds": {"min": 0, "max": 50}},
    ),
    "max": ({"field": "weight"}, {"field": "day", "format": "yyyy"}),
    "max_bucket": ({"buckets_path": "per>_count", "gap_policy": "skip"},),
    "min": ({"field": "n"},),
    "missing": ({"field": "tag"},),
    "percentiles": (
        {"field": "n", "percents": [1, 50, 99.9], "keyed": False},
        {"field": "weight", "tdigest": {"compression": 50}},
    ),
    "range": ({"field": "n", "ranges": [{"to": 5}, {"from": 5, "to": 9, "key": "mid"}, {"from": 9}]},),
    "stats": ({"field": "n"},),
    "sum": ({"field": "weight"},),
    "terms": (
        {
            "field": "tag",
            "size": 3,
            "order": [{"_count": "asc"}, {"_key": "desc"}],
            "min_doc_count": 0,
            "missing": "none",
        },
        {"field": "n", "include": [1, 2, 3], "shard_size": 9, "show_term_doc_count_error": True},
        {"field": "tag", "include": "a.*", "exclude": ["ab"]},
    ),
    "top_hits": ({"size": 2, "sort": [{"n": "desc"}], "_source": ["n"], "highlight": {"fields": {"body": {}}}},),
    "value_count": ({"field": "address"},),
}

KEYS: Mapping[str, tuple[Any, ...]] = {
    "_source": (False, ["n", "object.*"], {"includes": ["*"], "excludes": ["body"]}, "tag"),
    "aggregations": ({"a": {"max": {"field": "n"}}},),
    "aggs": ({"per": {"terms": {"field": "tag"}, "aggs": {"m": {"avg": {"field": "n"}}}, "meta": {"k": 1}}},),
    "collapse": ({"field": "tag"},),
    "docvalue_fields": (["n", {"field": "day", "format": "epoch_millis"}, "t*"],),
    "explain": (True,),
    "fields": (["*", {"field": "day", "format": "yyyy"}],),
    "from": (0, 3),
    "highlight": (
        {
            "fields": {"body": {"fragment_size": 20, "number_of_fragments": 2}, "t*": {}},
            "pre_tags": ["<b>"],
            "post_tags": ["</b>"],
        },
        {"fields": [{"body": {"highlight_query": _ALL, "no_match_size": 10}}], "require_field_match": False},
    ),
    "indices_boost": ([{"docs": 1.4}, {"all": 2}],),
    "min_score": (0.1,),
    "pit": ({"id": "bWlzc2luZw==", "keep_alive": "1m"},),
    "post_filter": ({"term": {"tag": "b"}},),
    "profile": (True,),
    "query": (_ALL,),
    "search_after": ([3, "2"], ["2026-01-03T00:00:00Z"]),
    "seq_no_primary_term": (True,),
    "size": (0, 5, 100),
    "sort": (
        [
            {"n": {"order": "desc", "missing": "_last", "unmapped_type": "long", "mode": "max"}},
            "_score",
            {"tag": "asc"},
        ],
        ["_doc"],
        {"day": {"order": "asc", "format": "strict_date_optional_time_nanos", "numeric_type": "date"}},
        "weight",
    ),
    "stored_fields": ("_none_", []),
    "terminate_after": (3,),
    "timeout": ("1s",),
    "track_scores": (True,),
    "track_total_hits": (True, 3, False),
    "version": (True,),
}

MAPPING: Mapping[str, Any] = {
    "properties": {
        "body": {"type": "text", "fields": {"raw": {"type": "keyword", "ignore_above": 100}}},
        "title": {"type": "text", "analyzer": "english", "copy_to": "both"},
        "both": {"type": "text"},
        "tag": {"type": "keyword", "null_value": "none"},
        "n": {"type": "long"},
        "small": {"type": "byte"},
        "weight": {"type": "double"},
        "price": {"type": "scaled_float", "scaling_factor": 100},
        "day": {"type": "date"},
        "flag": {"type": "boolean"},
        "address": {"type": "ip"},
        "labels": {"type": "flattened"},
        "kind": {"type": "constant_keyword", "value": "one"},
        "number": {"type": "alias", "path": "n"},
        "object": {"properties": {"k": {"type": "keyword"}, "hidden": {"type": "keyword", "index": False}}},
    }
}


def document(number: int) -> dict[str, Any]:
    """A document of the index that is searched; some lack fields, some have several values."""
    words = ("quick", "brown", "fox", "lazy", "dog", "jumps", "over", "größe")
    found: dict[str, Any] = {
        "body": " ".join(words[(number * step) % len(words)] for step in range(1, 2 + number % 9)),
        "title": f"The {words[number % 8]}s of {number}",
        "tag": [("a", "b", "ab", "ccc")[number % 4], "even" if number % 2 else "odd"],
        "n": number % 17,
        "small": number % 100,
        "weight": number / 7,
        "price": number / 3,
        "day": f"2026-01-{1 + number % 28:02}T{number % 24:02}:00:00Z",
        "flag": number % 3 == 0,
        "address": f"10.0.0.{number % 250}",
        "labels": {"env": f"e{number % 5}", "deep": {"er": "x"}},
        "object": {"k": f"v{number % 6}", "hidden": "h"},
    }
    return {key: value for at, (key, value) in enumerate(found.items()) if (number + at) % 11}
