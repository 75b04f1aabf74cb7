"""What is asked of the index `logs`: twenty typical searches."""

from __future__ import annotations

from typing import Any

INDEX = "logs"
MAPPED = {"settings": {"number_of_shards": 1, "number_of_replicas": 0}}

_PAGE = {"size": 10}
_NONE = {"size": 0}
_NEWEST = {"sort": [{"@timestamp": "desc"}]}
_ERRORS = {"term": {"level": "ERROR"}}
_HOURS = {"date_histogram": {"field": "@timestamp", "fixed_interval": "6h"}}
_WINDOW = {"range": {"@timestamp": {"gte": "2026-01-03T00:00:00Z", "lt": "2026-01-05T00:00:00Z"}}}

SEARCHES: dict[str, dict[str, Any]] = {
    "term": {"query": {"term": {"service": "mailer"}}, **_PAGE},
    "term, rare": {"query": {"term": {"host.name": "eu-west-03"}}, **_PAGE},
    "match, one word": {"query": {"match": {"message": "upstream"}}, **_PAGE},
    "match, three words": {"query": {"match": {"message": "connection refused retry"}}, **_PAGE},
    "match, all words": {"query": {"match": {"message": {"query": "session expired", "operator": "and"}}}, **_PAGE},
    "phrase": {"query": {"match_phrase": {"message": "timed out"}}, **_PAGE},
    "bool with filters": {
        "query": {
            "bool": {"must": {"match": {"message": "worker"}}, "filter": [_ERRORS, {"term": {"service": "cart"}}]}
        },
        **_PAGE,
    },
    "bool with should": {
        "query": {"bool": {"filter": _ERRORS, "should": [{"match": {"message": "cache"}}, {"term": {"tags": "prod"}}]}},
        **_PAGE,
    },
    "range of numbers": {"query": {"range": {"bytes": {"gte": 1000, "lt": 2000}}}, **_PAGE},
    "range of dates": {"query": _WINDOW, **_PAGE},
    "prefix": {"query": {"prefix": {"host.name": "us-east"}}, **_PAGE},
    "ip range": {"query": {"term": {"client_ip": "10.1.7.0/24"}}, **_PAGE},
    "newest": {**_NEWEST, **_PAGE},
    "newest errors": {"query": {"bool": {"filter": [_ERRORS]}}, **_NEWEST, **_PAGE},
    "sort by a number": {"query": {"term": {"status": 404}}, "sort": [{"duration": "desc"}], **_PAGE},
    "count": {"query": {"bool": {"filter": [_ERRORS, _WINDOW]}}, "track_total_hits": True, **_NONE},
    "terms aggregation": {"aggs": {"a": {"terms": {"field": "service"}}}, **_NONE},
    "terms aggregation of a query": {
        "query": {"match": {"message": "timed out"}},
        "aggs": {"a": {"terms": {"field": "host.name"}, "aggs": {"slow": {"avg": {"field": "duration"}}}}},
        **_NONE,
    },
    "date_histogram": {"aggs": {"a": _HOURS}, **_NONE},
    "date_histogram of errors by service": {
        "query": _ERRORS,
        "aggs": {"a": {**_HOURS, "aggs": {"by": {"terms": {"field": "service", "size": 3}}}}},
        **_NONE,
    },
}
