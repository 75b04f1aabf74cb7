"""What a search says beside its query: sorts, pages, sources, fields, counts, collapse, post_filter."""

from __future__ import annotations

from typing import Any

from tests.interop.differential.asked import Asked, lines, searches

_BY_TIME = [{"@timestamp": "desc"}]
_FAILED: dict[str, Any] = {"range": {"status": {"gte": 500}}}

_SORTS: dict[str, Any] = {
    "by a date": {"sort": _BY_TIME},
    "by a date ascending": {"sort": ["@timestamp"]},
    "by a date with format": {"sort": [{"@timestamp": {"order": "desc", "format": "yyyy-MM-dd HH:mm"}}]},
    "by a keyword": {"sort": [{"host.name": "asc"}, {"sequence": "asc"}]},
    "by a double": {"sort": [{"duration": "desc"}]},
    "by a boolean": {"sort": [{"cached": "desc"}, {"sequence": "asc"}]},
    "by an ip": {"sort": [{"client_ip": "asc"}, {"sequence": "asc"}]},
    "missing last": {"sort": [{"user.id": {"order": "desc"}}, "sequence"], "size": 30},
    "missing first": {"sort": [{"user.id": {"order": "asc", "missing": "_first"}}, "sequence"], "size": 30},
    "missing as a value": {"sort": [{"user.visits": {"order": "asc", "missing": 5}}, "sequence"], "size": 30},
    "mode min of an array": {"sort": [{"tags": {"order": "asc", "mode": "min"}}, "sequence"]},
    "mode max of an array": {"sort": [{"tags": {"order": "asc", "mode": "max"}}, "sequence"]},
    "by score": {"query": {"match": {"message": "timed out"}}, "sort": ["_score", {"sequence": "asc"}]},
    "by score ascending": {"query": {"match": {"message": "timed out"}}, "sort": [{"_score": "asc"}, "sequence"]},
    "with track_scores": {"query": {"match": {"message": "upstream"}}, "sort": ["sequence"], "track_scores": True},
    "by _doc": {"sort": ["_doc"], "size": 5},
    "by three keys": {"sort": ["level", {"status": "desc"}, {"sequence": "asc"}]},
    "by an unmapped field": {"sort": ["nothing"]},
    "by an unmapped field with unmapped_type": {"sort": [{"nothing": {"unmapped_type": "long"}}, "sequence"]},
    "by a text": {"sort": ["message"]},
    "with a page": {"sort": ["sequence"], "from": 40, "size": 15},
    "after values": {"sort": ["sequence"], "search_after": [99]},
    "after values of two keys": {"sort": ["level", "sequence"], "search_after": ["INFO", 1000], "size": 20},
    "after a date": {"sort": [{"@timestamp": "asc"}], "search_after": ["2026-01-01T02:00:00.000Z"]},
    "after values without sort": {"search_after": [1]},
    "after too many values": {"sort": ["sequence"], "search_after": [1, 2]},
}
_EDGE_SORTS: dict[str, Any] = {
    "longs of many values": {"sort": [{"long": "asc"}], "size": 20},
    "longs by max": {"sort": [{"long": {"order": "asc", "mode": "max"}}], "size": 20},
    "longs by sum": {"sort": [{"double": {"order": "desc", "mode": "sum"}}], "size": 20},
    "longs by avg": {"sort": [{"long": {"order": "desc", "mode": "avg"}}], "query": {"range": {"long": {"lte": 100}}}},
    "keywords of many values": {"sort": [{"short_word": "desc"}], "size": 20},
    "without doc_values": {"sort": ["not_sorted"]},
    "by an alias": {"sort": [{"other_long": "desc"}], "size": 20},
    "floats": {"sort": [{"float": "asc"}], "size": 20},
    "halves": {"sort": [{"half": "asc"}], "size": 20},
    "numeric_type": {"sort": [{"long": {"order": "asc", "numeric_type": "double"}}], "size": 3},
}
_OPTIONS: dict[str, Any] = {
    "nothing at all": {},
    "size 0": {"size": 0},
    "size 3": {"size": 3, "sort": ["sequence"]},
    "from without size": {"from": 5, "sort": ["sequence"]},
    "track_total_hits false": {"track_total_hits": False, "size": 1, "sort": ["sequence"]},
    "track_total_hits 100": {"track_total_hits": 100, "size": 0},
    "track_total_hits true": {"track_total_hits": True, "size": 0},
    "_source false": {"_source": False, "sort": ["sequence"]},
    "_source one field": {"_source": "status", "sort": ["sequence"]},
    "_source patterns": {"_source": ["host.*", "st*"], "sort": ["sequence"]},
    "_source includes and excludes": {
        "_source": {"includes": ["host", "user", "message"], "excludes": ["*.id"]}, "sort": ["sequence"]
    },
    "_source an object": {"_source": ["user"], "sort": ["sequence"]},
    "fields": {"fields": ["status", "host.*", "@timestamp"], "_source": False, "sort": ["sequence"]},
    "fields with format": {
        "fields": [{"field": "@timestamp", "format": "epoch_millis"}], "_source": False, "sort": ["sequence"]
    },
    "fields all": {"fields": ["*"], "_source": False, "sort": ["sequence"], "size": 3},
    "docvalue_fields": {
        "docvalue_fields": ["status", "service", "client_ip", "cached"], "_source": False, "sort": ["sequence"]
    },
    "docvalue_fields with format": {
        "docvalue_fields": [{"field": "@timestamp", "format": "yyyy-MM-dd"}], "_source": False, "sort": ["sequence"]
    },
    "docvalue_fields of an array": {"docvalue_fields": ["tags"], "_source": False, "sort": ["sequence"]},
    "stored_fields none": {"stored_fields": "_none_", "sort": ["sequence"], "size": 2},
    "version": {"version": True, "sort": ["sequence"], "size": 2},
    "seq_no_primary_term": {"seq_no_primary_term": True, "sort": ["sequence"], "size": 2},
    "min_score": {"query": {"match": {"message": "timed out"}}, "min_score": 2.0, "track_total_hits": True},
    "post_filter": {"post_filter": _FAILED, "sort": ["sequence"], "aggs": {"all": {"terms": {"field": "level"}}}},
    "terminate_after": {"terminate_after": 5000, "size": 0},
    "timeout": {"timeout": "10s", "sort": ["sequence"], "size": 1},
    "collapse": {"collapse": {"field": "service"}, "sort": [{"duration": "desc"}]},
    "collapse by score": {"query": {"match": {"message": "timed out"}}, "collapse": {"field": "host.name"}, "size": 5},
    "collapse with from": {"collapse": {"field": "service"}, "sort": [{"duration": "desc"}], "from": 2, "size": 3},
    "collapse on a number": {"collapse": {"field": "status"}, "sort": [{"duration": "desc"}]},
    "collapse on a text": {"collapse": {"field": "message"}},
}  # fmt: skip


def _uris() -> list[Asked]:
    paths = {
        "q": "/logs/_search?q=level:ERROR&size=0",
        "q with default_operator": "/logs/_search?q=timed+out&df=message&default_operator=AND&size=0",
        "sort in the path": "/logs/_search?sort=duration:desc&size=3&_source=duration",
        "_source_includes": "/logs/_search?sort=sequence&_source_includes=host.*&size=3",
        "_source_excludes": "/logs/_search?sort=sequence&_source_excludes=host,message&size=3",
        "filter_path": "/logs/_search?filter_path=hits.total,hits.hits._id&sort=sequence&size=2",
        "rest_total_hits_as_int": "/logs/_search?rest_total_hits_as_int=true&size=0",
        "docvalue_fields in the path": "/logs/_search?docvalue_fields=status&_source=false&sort=sequence&size=2",
        "an unknown parameter": "/logs/_search?nonsense=1",
        "a wrong size": "/logs/_search?size=many",
    }
    return [Asked(f"uri/{name}", "GET", path, kind="search") for name, path in paths.items()]


def _several() -> list[Asked]:
    count = {"size": 0, "track_total_hits": True}
    everywhere = {
        "a pattern": "/logs-*/_search",
        "all but some": "/*,-english,-normalized,-constant,-.*/_search",
        "names": "/logs-2026-a,logs-2026-b/_search",
        "a pattern without one": "/logs-*,-logs-2026-b/_search",
        "an alias": "/year/_search",
        "a filtered alias": "/failures/_search",
        "a filtered alias and its index": "/failures,logs/_search",
        "nothing matches": "/nothing-*/_search",
        "nothing matches, not allowed": "/nothing-*/_search?allow_no_indices=false",
        "missing": "/nothing/_search",
        "missing among others": "/logs,nothing/_search",
        "missing, ignored": "/logs,nothing/_search?ignore_unavailable=true",
        "wildcards not expanded": "/logs-*/_search?expand_wildcards=none",
        "a wrong name": "/_nothing/_search",
    }
    asked = [Asked(f"several/{name}", "POST", path, count, "search") for name, path in everywhere.items()]
    merged: dict[str, Any] = {
        "hits sorted across indices": {"sort": [{"@timestamp": "desc"}, {"sequence": "asc"}], "size": 30},
        "hits by score across indices": {"query": {"match": {"message": "timed out upstream"}}, "size": 20},
        "aggregations across indices": {
            "size": 0,
            "aggs": {"services": {"terms": {"field": "service"}, "aggs": {"slow": {"avg": {"field": "duration"}}}}},
        },
        "by index": {"size": 0, "aggs": {"which": {"terms": {"field": "_index"}}}},
        "indices_boost": {
            "query": {"term": {"level": "ERROR"}}, "size": 12,
            "indices_boost": [{"logs-2026-a": 3.0}, {"logs-2026-b": 0.5}],
        },
        "term on _index": {"query": {"term": {"_index": "logs-2026-a"}}, "size": 0},
        "collapse across indices": {"collapse": {"field": "service"}, "sort": [{"duration": "desc"}]},
    }  # fmt: skip
    multi = lines(
        {"index": "logs"}, {"query": _FAILED, "size": 0}, {}, {"size": 1, "sort": ["nothing"]},
        {"index": "nothing"}, {},
        {"index": ["logs-*"]}, {"size": 0, "aggs": {"n": {"value_count": {"field": "status"}}}},
    )  # fmt: skip
    return [
        *asked,
        *searches("several", "logs-2026-*", merged),
        Asked("several/_msearch", "POST", "/logs/_msearch", multi, "multi"),
    ]


def _counts() -> list[Asked]:
    asked: dict[str, tuple[str, Any]] = {
        "_count": ("/logs/_count", None),
        "_count with a query": ("/logs/_count", {"query": _FAILED}),
        "_count by q": ("/logs/_count?q=level:WARN", None),
        "_count of a filtered alias": ("/failures/_count", None),
        "_count with a wrong key": ("/logs/_count", {"size": 1}),
        "_validate right": ("/logs/_validate/query", {"query": _FAILED}),
        "_validate wrong": ("/logs/_validate/query", {"query": {"term": {"status": "many"}}}),
        "_validate unknown": ("/logs/_validate/query", {"query": {"nonsense": {}}}),
        "_field_caps": ("/logs/_field_caps?fields=status,service,message,host.name,@timestamp", None),
        "_field_caps of a pattern": ("/logs/_field_caps?fields=us*", None),
        "_field_caps of several": ("/logs,edge/_field_caps?fields=status,long,text", None),
        "_field_caps with include_unmapped": ("/logs,edge/_field_caps?fields=long&include_unmapped=true", None),
        "_field_caps of a dynamic mapping": ("/dynamic/_field_caps?fields=*e", None),
    }
    ignoring = frozenset({"_shards", "explanations", "error"})
    return [
        Asked(f"counts/{name}", "GET" if body is None else "POST", path, body, ignoring=ignoring)
        for name, (path, body) in asked.items()
    ]


def _explained() -> list[Asked]:
    trees: dict[str, tuple[str, Any]] = {
        "a term": ("7", {"term": {"level": "ERROR"}}),
        "a match": ("2", {"match": {"message": "worker upstream"}}),
        "no match": ("2", {"term": {"level": "NONE"}}),
        "a missing document": ("nobody", {"match_all": {}}),
        "a bool": ("3", {"bool": {"must": {"match_all": {}}, "should": {"range": {"status": {"gte": 1}}}}}),
    }
    ignoring = frozenset({"details", "description"})
    return [
        Asked(f"explain/{name}", "POST", f"/logs/_explain/{number}", {"query": tree}, ignoring=ignoring)
        for name, (number, tree) in trees.items()
    ]


REQUESTS: list[Asked] = [
    *searches("sorts", "logs", _SORTS),
    *searches("edge sorts", "edge", _EDGE_SORTS),
    *searches("options", "logs", _OPTIONS),
    *_uris(),
    *_several(),
    *_counts(),
    *_explained(),
]
