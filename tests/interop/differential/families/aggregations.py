"""Aggregations, alone and nested."""

from __future__ import annotations

from typing import Any

from tests.interop.differential.asked import Asked, aggregated, searches

_AVG = {"avg": {"field": "duration"}}
_BY_SERVICE: dict[str, Any] = {"terms": {"field": "service"}}
_HOURLY: dict[str, Any] = {"field": "@timestamp", "fixed_interval": "1h"}


def _inside(aggregation: dict[str, Any], **inner: Any) -> dict[str, Any]:
    return {"a": {**aggregation, "aggs": inner}}


def _hourly(**pipelines: Any) -> dict[str, Any]:
    return _inside({"date_histogram": _HOURLY}, n={"sum": {"field": "bytes"}}, **pipelines)


_METRICS: dict[str, Any] = {
    **{
        f"{kind} of {field}": {"a": {kind: {"field": field}}}
        for kind in ("avg", "sum", "min", "max", "value_count", "stats", "cardinality")
        for field in ("duration", "bytes")
    },
    "extended_stats": {"a": {"extended_stats": {"field": "duration"}}},
    "extended_stats with sigma": {"a": {"extended_stats": {"field": "duration", "sigma": 3}}},
    "cardinality of a keyword": {"a": {"cardinality": {"field": "user.id"}}},
    "cardinality of an ip": {"a": {"cardinality": {"field": "client_ip"}}},
    "value_count of a keyword": {"a": {"value_count": {"field": "tags"}}},
    "min of a date": {"a": {"min": {"field": "@timestamp"}}, "b": {"max": {"field": "@timestamp"}}},
    "min of a date with format": {"a": {"min": {"field": "@timestamp", "format": "yyyy-MM-dd"}}},
    "avg of a boolean": {"a": {"avg": {"field": "cached"}}},
    "avg with missing": {"a": {"avg": {"field": "user.visits", "missing": 0}}},
    "avg of an unmapped field": {"a": {"avg": {"field": "nothing"}}},
    "stats of an unmapped field": {"a": {"stats": {"field": "nothing"}}},
    "sum of a keyword": {"a": {"sum": {"field": "service"}}},
    "percentiles": {"a": {"percentiles": {"field": "duration"}}},
    "percentiles chosen": {"a": {"percentiles": {"field": "bytes", "percents": [50, 90, 99.9]}}},
    "percentiles as a list": {"a": {"percentiles": {"field": "duration", "keyed": False}}},
    "percentiles of an unmapped field": {"a": {"percentiles": {"field": "nothing"}}},
    "top_hits": {"a": {"top_hits": {"size": 2, "sort": [{"duration": "desc"}], "_source": ["duration"]}}},
}
_BUCKETS: dict[str, Any] = {
    "terms of a keyword": {"a": _BY_SERVICE},
    "terms of an integer": {"a": {"terms": {"field": "status", "size": 20}}},
    "terms of a double": {"a": {"terms": {"field": "duration", "size": 3, "order": {"_key": "asc"}}}},
    "terms of a boolean": {"a": {"terms": {"field": "cached"}}},
    "terms of an ip": {"a": {"terms": {"field": "client_ip", "size": 5, "order": {"_key": "asc"}}}},
    "terms of a date": {"a": {"terms": {"field": "@timestamp", "size": 3, "order": {"_key": "asc"}}}},
    "terms of an array": {"a": {"terms": {"field": "tags"}}},
    "terms of a text": {"a": {"terms": {"field": "message"}}},
    "terms of an unmapped field": {"a": {"terms": {"field": "nothing"}}},
    "terms with size": {"a": {"terms": {"field": "host.name", "size": 4}}},
    "terms by key": {"a": {"terms": {"field": "service", "order": {"_key": "desc"}}}},
    "terms by count ascending": {"a": {"terms": {"field": "status", "order": {"_count": "asc"}, "size": 4}}},
    "terms by a metric": _inside({"terms": {"field": "service", "order": {"m": "desc"}, "size": 3}}, m=_AVG),
    "terms by a part of a metric": _inside(
        {"terms": {"field": "service", "order": {"m.max": "asc"}}}, m={"stats": {"field": "duration"}}
    ),
    "terms by two keys": {"a": {"terms": {"field": "host.region", "order": [{"_count": "asc"}, {"_key": "desc"}]}}},
    "terms with min_doc_count": {"a": {"terms": {"field": "status", "min_doc_count": 100}}},
    "terms with min_doc_count 0": {"a": {"terms": {"field": "level", "min_doc_count": 0}}},
    "terms with include": {"a": {"terms": {"field": "service", "include": "c.*"}}},
    "terms with exclude": {"a": {"terms": {"field": "service", "exclude": ["cart", "login"]}}},
    "terms with include and exclude": {"a": {"terms": {"field": "service", "include": "c.*", "exclude": ".*t"}}},
    "terms with missing": {"a": {"terms": {"field": "user.id", "missing": "nobody", "size": 5}}},
    "terms with missing of a number": {"a": {"terms": {"field": "user.visits", "missing": 0, "size": 3}}},
    "terms in terms": _inside(_BY_SERVICE, levels={"terms": {"field": "level"}}),
    "terms in terms in terms": _inside(
        _BY_SERVICE,
        b={"terms": {"field": "host.region"}, "aggs": {"c": {"terms": {"field": "level"}, "aggs": {"d": _AVG}}}},
    ),
    "terms with top_hits": _inside(_BY_SERVICE, best={"top_hits": {"size": 1, "sort": [{"duration": "desc"}]}}),
    "terms with cardinality": _inside(_BY_SERVICE, users={"cardinality": {"field": "user.id"}}),
    "terms with percentiles": _inside(_BY_SERVICE, slow={"percentiles": {"field": "duration", "percents": [50, 95]}}),
    "range": {"a": {"range": {"field": "bytes", "ranges": [{"to": 100}, {"from": 100, "to": 1000}, {"from": 1000}]}}},
    "range keyed": {
        "a": {"range": {"field": "bytes", "keyed": True, "ranges": [{"key": "small", "to": 100}, {"from": 100}]}}
    },
    "range overlapping": {
        "a": {"range": {"field": "duration", "ranges": [{"from": 1, "to": 50}, {"from": 10, "to": 20}]}}
    },
    "range of an unmapped field": {"a": {"range": {"field": "nothing", "ranges": [{"to": 1}]}}},
    "date_range": {"a": {"date_range": {"field": "@timestamp", "ranges": [
        {"to": "2026-01-01T02:00:00Z"}, {"from": "2026-01-01T02:00:00Z", "to": "2026-01-01||+4h"}
    ]}}},
    "date_range with format": {"a": {"date_range": {
        "field": "@timestamp", "format": "yyyy-MM-dd", "ranges": [{"from": "2026-01-01", "to": "2026-01-02"}]
    }}},
    "date_range with time_zone": {"a": {"date_range": {
        "field": "@timestamp", "time_zone": "+03:00", "ranges": [{"from": "2026-01-01T04:00:00"}]
    }}},
    "histogram": {"a": {"histogram": {"field": "status", "interval": 100}}},
    "histogram with offset": {"a": {"histogram": {"field": "status", "interval": 100, "offset": 50}}},
    "histogram of a double": {"a": {"histogram": {"field": "duration", "interval": 12.5, "min_doc_count": 5}}},
    "histogram with gaps": {"a": {"histogram": {"field": "status", "interval": 25}}},
    "histogram with bounds": {
        "a": {"histogram": {"field": "status", "interval": 100, "extended_bounds": {"min": 0, "max": 900}}}
    },
    "histogram keyed": {"a": {"histogram": {"field": "status", "interval": 100, "keyed": True}}},
    "histogram by count": {"a": {"histogram": {"field": "status", "interval": 100, "order": {"_count": "desc"}}}},
    "histogram with missing": {"a": {"histogram": {"field": "user.visits", "interval": 100, "missing": 1000}}},
    "date_histogram fixed": {"a": {"date_histogram": _HOURLY}},
    "date_histogram of minutes": {"a": {"date_histogram": {**_HOURLY, "fixed_interval": "90m"}}},
    "date_histogram calendar": {"a": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}}},
    "date_histogram of months": {"a": {"date_histogram": {"field": "@timestamp", "calendar_interval": "1M"}}},
    "date_histogram of weeks": {"a": {"date_histogram": {"field": "@timestamp", "calendar_interval": "week"}}},
    "date_histogram with time_zone": {"a": {"date_histogram": {
        "field": "@timestamp", "calendar_interval": "day", "time_zone": "America/New_York"
    }}},
    "date_histogram with an offset": {"a": {"date_histogram": {**_HOURLY, "offset": "+15m"}}},
    "date_histogram with format": {"a": {"date_histogram": {**_HOURLY, "format": "dd.MM. HH'h'"}}},
    "date_histogram with min_doc_count": {"a": {"date_histogram": {**_HOURLY, "min_doc_count": 400}}},
    "date_histogram with extended_bounds": {"a": {"date_histogram": {
        **_HOURLY, "extended_bounds": {"min": "2025-12-31T20:00:00Z", "max": "2026-01-01T12:00:00Z"}
    }}},
    "date_histogram keyed": {"a": {"date_histogram": {**_HOURLY, "keyed": True}}},
    "date_histogram by key descending": {"a": {"date_histogram": {**_HOURLY, "order": {"_key": "desc"}}}},
    "date_histogram with metrics": _hourly(levels={"terms": {"field": "level"}}),
    "filter": _inside({"filter": {"term": {"level": "ERROR"}}}, slow=_AVG),
    "filters": _inside({"filters": {"filters": {
        "bad": {"range": {"status": {"gte": 500}}}, "cart": {"term": {"service": "cart"}}
    }}}, slow=_AVG),
    "filters with other": {
        "a": {"filters": {"other_bucket_key": "rest", "filters": {"cart": {"term": {"service": "cart"}}}}}
    },
    "filters without names": {"a": {"filters": {"filters": [{"match_all": {}}, {"match": {"message": "upstream"}}]}}},
    "missing": _inside({"missing": {"field": "user.id"}}, slow=_AVG),
    "composite": {"a": {"composite": {"size": 7, "sources": [
        {"service": {"terms": {"field": "service"}}}, {"level": {"terms": {"field": "level", "order": "desc"}}}
    ]}}},
    "composite after": {"a": {"composite": {
        "size": 5, "after": {"service": "cart"}, "sources": [{"service": {"terms": {"field": "service"}}}]
    }}},
    "composite of intervals": {"a": {"composite": {"size": 6, "sources": [
        {"hour": {"date_histogram": {"field": "@timestamp", "fixed_interval": "2h"}}},
        {"hundreds": {"histogram": {"field": "status", "interval": 100}}},
    ]}}},
    "composite with missing_bucket": {"a": {"composite": {"size": 3, "sources": [
        {"user": {"terms": {"field": "user.id", "missing_bucket": True}}}
    ]}}},
    "composite with metrics": _inside(
        {"composite": {"size": 3, "sources": [{"s": {"terms": {"field": "service"}}}]}}, m=_AVG
    ),
}  # fmt: skip
_PIPELINES: dict[str, Any] = {
    "cumulative_sum": _hourly(c={"cumulative_sum": {"buckets_path": "n"}}),
    "cumulative_sum of counts": _hourly(c={"cumulative_sum": {"buckets_path": "_count"}}),
    "derivative": _hourly(d={"derivative": {"buckets_path": "n"}}),
    "derivative with unit": _hourly(d={"derivative": {"buckets_path": "n", "unit": "1m"}}),
    "max_bucket": {**_hourly(), "b": {"max_bucket": {"buckets_path": "a>n"}}},
    "max_bucket of counts": {"a": _BY_SERVICE, "b": {"max_bucket": {"buckets_path": "a._count"}}},
    "bucket_sort": _inside(_BY_SERVICE, m=_AVG, s={"bucket_sort": {"sort": [{"m": {"order": "desc"}}], "size": 3}}),
    "bucket_sort by count from 2": _inside(_BY_SERVICE, s={"bucket_sort": {"sort": ["_count"], "from": 2}}),
    "bucket_script": _inside(_BY_SERVICE, s={"bucket_script": {"buckets_path": {"n": "_count"}, "script": "params.n"}}),
    "a path to nothing": _hourly(c={"cumulative_sum": {"buckets_path": "nothing"}}),
    "derivative in terms": _inside(_BY_SERVICE, d={"derivative": {"buckets_path": "_count"}}),
}
_EDGES: dict[str, Any] = {
    "terms of longs of many values": {"a": {"terms": {"field": "long", "size": 20}}},
    "terms with a null_value": {"a": {"terms": {"field": "or_none"}}},
    "terms with ignore_above": {"a": {"terms": {"field": "short_word"}}},
    "terms of days": {"a": {"terms": {"field": "day"}}},
    "terms of floats": {"a": {"terms": {"field": "float"}}},
    "terms of halves": {"a": {"terms": {"field": "half"}}},
    "terms of what has no doc_values": {"a": {"terms": {"field": "not_sorted"}}},
    "terms of an alias": {"a": {"terms": {"field": "other_long", "size": 2}}},
    "stats of doubles of many values": {"a": {"stats": {"field": "double"}}},
    "missing of longs": {"a": {"missing": {"field": "long"}}},
    "date_histogram of moments by month": {"a": {"date_histogram": {"field": "moment", "calendar_interval": "month"}}},
    "date_histogram over a change of clocks": {
        "a": {"date_histogram": {"field": "moment", "calendar_interval": "quarter", "time_zone": "Europe/Berlin"}}
    },
}
_WITH_QUERIES: dict[str, Any] = {
    "terms of what a query finds": {
        "size": 0, "query": {"match": {"message": "timed out"}}, "aggs": {"a": {"terms": {"field": "level"}}}
    },
    "global": {
        "size": 0, "query": {"term": {"service": "cart"}},
        "aggs": {"here": _AVG, "everywhere": {"global": {}, "aggs": {"all": _AVG}}},
    },
    "terms min_doc_count 0 of what a query finds": {
        "size": 0, "query": {"term": {"level": "ERROR"}},
        "aggs": {"a": {"terms": {"field": "level", "min_doc_count": 0}}},
    },
    "nothing found": {
        "size": 0, "query": {"match_none": {}},
        "aggs": {"a": _BY_SERVICE, "b": _AVG, "c": {"stats": {"field": "bytes"}}, "d": {"date_histogram": _HOURLY},
                 "e": {"cardinality": {"field": "service"}}, "f": {"percentiles": {"field": "bytes"}}},
    },
    "with hits": {"size": 2, "sort": ["sequence"], "aggs": {"a": _BY_SERVICE}},
    "with meta": {"size": 0, "aggs": {"a": {**_BY_SERVICE, "meta": {"for": "me"}}}},
    "spelled out": {"size": 0, "aggregations": {"a": _BY_SERVICE}},
}  # fmt: skip

REQUESTS: list[Asked] = [
    *aggregated("metrics", "logs", _METRICS),
    *aggregated("buckets", "logs", _BUCKETS),
    *aggregated("pipelines", "logs", _PIPELINES),
    *aggregated("edge buckets", "edge", _EDGES),
    *aggregated("normalized", "normalized", {"terms": {"a": {"terms": {"field": "lower"}}}}),
    *searches("with queries", "logs", _WITH_QUERIES),
]
