"""Wrong requests: status and type of the error."""

from __future__ import annotations

from typing import Any

from tests.interop.differential.asked import Asked, searches

_BODIES: dict[str, Any] = {
    "unknown key": {"nonsense": 1},
    "unknown query": {"query": {"nonsense": {}}},
    "a query without a name": {"query": {}},
    "two queries": {"query": {"term": {"a": 1}, "match": {"b": 1}}},
    "query as text": {"query": "level:ERROR"},
    "query as a list": {"query": []},
    "term with two fields": {"query": {"term": {"a": 1, "b": 2}}},
    "term with an unknown option": {"query": {"term": {"level": {"value": "x", "nonsense": 1}}}},
    "term with an array": {"query": {"term": {"level": ["a", "b"]}}},
    "terms with a word": {"query": {"terms": {"level": "a"}}},
    "terms with two fields": {"query": {"terms": {"level": ["a"], "service": ["b"]}}},
    "match with an unknown option": {"query": {"match": {"message": {"query": "x", "nonsense": 1}}}},
    "match with a wrong operator": {"query": {"match": {"message": {"query": "x", "operator": "xor"}}}},
    "match without query": {"query": {"match": {"message": {}}}},
    "match with a wrong fuzziness": {"query": {"match": {"message": {"query": "x", "fuzziness": "much"}}}},
    "range with an unknown option": {"query": {"range": {"status": {"above": 1}}}},
    "range with a word": {"query": {"range": {"status": {"gte": "many"}}}},
    "range with a wrong date": {"query": {"range": {"@timestamp": {"gte": "soon"}}}},
    "range with a wrong time_zone": {"query": {"range": {"@timestamp": {"gte": "2026", "time_zone": "Mars"}}}},
    "range with a wrong format": {"query": {"range": {"@timestamp": {"gte": "2026", "format": "QQQ{"}}}},
    "bool with an unknown clause": {"query": {"bool": {"may": []}}},
    "bool with a word": {"query": {"bool": {"must": "x"}}},
    "exists without field": {"query": {"exists": {}}},
    "ids without values": {"query": {"ids": {}}},
    "prefix on an integer": {"query": {"prefix": {"status": "4"}}},
    "a broken regexp": {"query": {"regexp": {"service": "a("}}},
    "a huge regexp": {"query": {"regexp": {"service": "a" * 1001}}},
    "boosting without negative": {"query": {"boosting": {"positive": {"match_all": {}}}}},
    "constant_score without filter": {"query": {"constant_score": {}}},
    "dis_max without queries": {"query": {"dis_max": {}}},
    "multi_match with a wrong type": {"query": {"multi_match": {"query": "x", "fields": ["message"], "type": "y"}}},
    "wrapper without query": {"query": {"wrapper": {}}},
    "wrapper of nonsense": {"query": {"wrapper": {"query": "bm9uc2Vuc2U="}}},
    "match_phrase on an integer with slop": {"query": {"match_phrase": {"status": {"query": "4 5", "slop": 1}}}},
    "negative size": {"size": -5},
    "negative from": {"from": -1},
    "too many": {"size": 10001},
    "too far": {"from": 9999, "size": 10},
    "size as a word": {"size": "many"},
    "sort with an unknown option": {"sort": [{"status": {"nonsense": 1}}]},
    "sort with a wrong order": {"sort": [{"status": "up"}]},
    "sort by an unmapped field": {"sort": ["nothing"]},
    "sort as a number": {"sort": 5},
    "track_total_hits as a word": {"track_total_hits": "some"},
    "wrong timeout": {"timeout": "soon"},
    "_source as a number": {"_source": 5},
    "unknown aggregation": {"aggs": {"a": {"nonsense": {}}}},
    "aggregation without type": {"aggs": {"a": {}}},
    "two aggregations under a name": {"aggs": {"a": {"avg": {"field": "bytes"}, "sum": {"field": "bytes"}}}},
    "aggregation with a wrong name": {"aggs": {"a>b": {"avg": {"field": "bytes"}}}},
    "terms without field": {"aggs": {"a": {"terms": {}}}},
    "terms with an unknown option": {"aggs": {"a": {"terms": {"field": "level", "nonsense": 1}}}},
    "terms with size 0": {"aggs": {"a": {"terms": {"field": "level", "size": 0}}}},
    "terms by an unknown metric": {"aggs": {"a": {"terms": {"field": "level", "order": {"nothing": "asc"}}}}},
    "histogram without interval": {"aggs": {"a": {"histogram": {"field": "status"}}}},
    "histogram with interval 0": {"aggs": {"a": {"histogram": {"field": "status", "interval": 0}}}},
    "histogram of a keyword": {"aggs": {"a": {"histogram": {"field": "level", "interval": 1}}}},
    "date_histogram with a wrong interval": {
        "aggs": {"a": {"date_histogram": {"field": "@timestamp", "calendar_interval": "2d"}}}
    },
    "date_histogram without interval": {"aggs": {"a": {"date_histogram": {"field": "@timestamp"}}}},
    "avg of a text": {"aggs": {"a": {"avg": {"field": "message"}}}},
    "metrics with inner aggregations": {
        "aggs": {"a": {"avg": {"field": "bytes"}, "aggs": {"b": {"max": {"field": "bytes"}}}}}
    },
    "percentiles out of bounds": {"aggs": {"a": {"percentiles": {"field": "bytes", "percents": [101]}}}},
    "too many buckets": {"aggs": {"a": {"date_histogram": {"field": "@timestamp", "fixed_interval": "100ms"}}}},
    "composite without sources": {"aggs": {"a": {"composite": {}}}},
    "bucket_sort with a wrong key": {
        "aggs": {"a": {"terms": {"field": "level"}, "aggs": {"s": {"bucket_sort": {"sort": ["nothing"]}}}}}
    },
    "highlight with an unknown option": {"highlight": {"nonsense": 1}},
    "collapse on an unmapped field": {"collapse": {"field": "nothing"}},
    "docvalue_fields on a text": {"docvalue_fields": ["message"]},
}


def _others() -> list[Asked]:
    asked: dict[str, tuple[str, str, Any]] = {
        "a body that is not JSON": ("POST", "/logs/_search", "{nonsense\n"),
        "a body that ends too early": ("POST", "/logs/_search", '{"query": {"match_all": {}\n'),
        "an unknown index": ("GET", "/nothing", None),
        "an unknown document": ("GET", "/logs/_doc/nobody", None),
        "a document of an unknown index": ("GET", "/nothing/_doc/1", None),
        "an index with a wrong name": ("PUT", "/Upper", None),
        "an index with a wrong sign": ("PUT", "/_under", None),
        "an index that is there": ("PUT", "/logs", None),
        "an unknown setting": ("PUT", "/wrong1", {"settings": {"nonsense": 1}}),
        "an unknown type": ("PUT", "/wrong2", {"mappings": {"properties": {"a": {"type": "nonsense"}}}}),
        "a field without type": ("PUT", "/wrong3", {"mappings": {"properties": {"a": {"index": True}}}}),
        "an unknown option of a field": (
            "PUT", "/wrong4", {"mappings": {"properties": {"a": {"type": "keyword", "nonsense": 1}}}}
        ),
        "a mapping that changes a type": ("PUT", "/logs/_mapping", {"properties": {"status": {"type": "keyword"}}}),
        "an unknown analyzer": (
            "PUT", "/wrong5", {"mappings": {"properties": {"a": {"type": "text", "analyzer": "nonsense"}}}}
        ),
        "a document that does not fit": ("PUT", "/logs/_doc/x", {"status": "many"}),
        "a document with a wrong date": ("PUT", "/logs/_doc/x", {"@timestamp": "soon"}),
        "a document with an object for a value": ("PUT", "/logs/_doc/x", {"status": {"a": 1}}),
        "a document that is an array": ("PUT", "/logs/_doc/x", [1]),
        "a document that is empty": ("PUT", "/logs/_doc/x", ""),
        "bulk without an end": ("POST", "/_bulk", '{"index": {"_index": "logs"}}'),
        "bulk with an unknown action": ("POST", "/_bulk", '{"nonsense": {"_index": "logs"}}\n{}\n'),
        "bulk of nothing": ("POST", "/_bulk", ""),
        # An id of a scroll that no engine made ends Elasticsearch 8.19 for want of memory: it believes a length in it.
        "a scroll without id": ("POST", "/_search/scroll", {}),
        "an unknown route": ("GET", "/_nonsense", None),
        "a wrong method": ("DELETE", "/logs/_search", None),
        "deleting by pattern": ("DELETE", "/logs-2026-*x", None),
        "deleting what is not there": ("DELETE", "/nothing", None),
        "an alias of what is not there": ("PUT", "/nothing/_alias/a", None),
        "an unknown alias action": ("POST", "/_aliases", {"actions": [{"nonsense": {}}]}),
        "mget without docs": ("POST", "/logs/_mget", {}),
    }  # fmt: skip
    return [
        Asked(f"mistakes/{name}", method, path, body, ignoring=frozenset({"_shards"}))
        for name, (method, path, body) in asked.items()
    ]


REQUESTS: list[Asked] = [*searches("mistakes", "logs", _BODIES), *_others()]
