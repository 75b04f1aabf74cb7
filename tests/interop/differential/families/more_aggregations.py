"""Aggregations in their options: what is missing, zones, pages, bounds, paths of pipelines."""

from __future__ import annotations

from typing import Any

from tests.interop.differential.asked import Asked, aggregated, searches

_AVG = {"avg": {"field": "duration"}}
_TIME = "@timestamp"


def _composite(*sources: dict[str, Any], **others: Any) -> dict[str, Any]:
    named = [{f"s{place}": source} for place, source in enumerate(sources)]
    return {"a": {"composite": {"size": 5, "sources": named, **others}}}


def _by_time(interval: str, **others: Any) -> dict[str, Any]:
    return {"date_histogram": {"field": _TIME, "calendar_interval": interval, **others}}


def _dates(field: str = _TIME, **others: Any) -> dict[str, Any]:
    return {"a": {"date_histogram": {"field": field, **others}}}


def _terms(field: str = "service", **others: Any) -> dict[str, Any]:
    return {"terms": {"field": field, **others}}


_SERVICE = {"terms": {"field": "service"}}
_USER = {"terms": {"field": "user.id", "missing_bucket": True}}
_VISITS = [{"to": 10}, {"from": 10, "to": 500}, {"from": 500}]

_MISSING: dict[str, Any] = {
    "range": {"a": {"range": {"field": "user.visits", "missing": 10, "ranges": _VISITS}, "aggs": {"m": _AVG}}},
    "range outside": {"a": {"range": {"field": "user.visits", "missing": -1, "ranges": [{"from": 0}]}}},
    "histogram with metrics": {
        "a": {"histogram": {"field": "user.visits", "interval": 100, "missing": 5}, "aggs": {"m": _AVG}}
    },
    "histogram of an unmapped field": {"a": {"histogram": {"field": "nothing", "interval": 10, "missing": 25}}},
    "histogram out of hard bounds": {"a": {"histogram": {
        "field": "user.visits", "interval": 100, "missing": 5000, "hard_bounds": {"min": 100, "max": 300}
    }}},
    "terms of a keyword that is there": {
        "a": _terms("user.id", missing="u1", size=5), "b": _terms("level", missing="X")
    },
    "terms of a boolean": {"a": _terms("cached", missing=True)},
}  # fmt: skip
_MISSING_ON_EDGE: dict[str, Any] = {
    "date_histogram": _dates("moment", calendar_interval="year", missing="2024-05-05"),
    "date_range": {"a": {"date_range": {
        "field": "moment", "missing": "2024-05-05", "ranges": [{"from": "2024-05"}, {"to": "2024-05"}]
    }}},
    "terms of an ip": {"a": _terms("ip", missing="10.0.0.9")},
    "terms of a date": {"a": _terms("day", missing="2024-06-01")},
}  # fmt: skip
_ZONES: dict[str, Any] = {
    f"{interval} in {zone}": _dates(fixed_interval=interval, time_zone=zone)
    for interval in ("90m", "6h", "1d")
    for zone in ("Europe/Berlin", "America/New_York", "+05:30")
}
_ZONES_ON_EDGE: dict[str, Any] = {
    "a day over a change of clocks": _dates("moment", fixed_interval="1d", time_zone="Europe/Berlin", min_doc_count=1),
    "30 days over a change of clocks": _dates("moment", fixed_interval="30d", time_zone="Europe/Berlin"),
    "a week of the calendar": _dates("moment", calendar_interval="week", time_zone="America/New_York", min_doc_count=1),
    "a year with an offset": _dates("moment", calendar_interval="year", offset="+31d", time_zone="Asia/Tokyo"),
    "terms above months": {
        "a": {**_terms("long"), "aggs": {"b": _dates("moment", calendar_interval="month", time_zone="Asia/Tokyo")["a"]}}
    },
}
_BOUNDS: dict[str, Any] = {
    "hard": {"a": {"histogram": {"field": "status", "interval": 100, "hard_bounds": {"min": 250, "max": 400}}}},
    "hard at a key": {
        "a": {"histogram": {"field": "status", "interval": 100, "hard_bounds": {"min": 200, "max": 400}}}
    },
    "hard and extended": {"a": {"histogram": {
        "field": "status", "interval": 100,
        "hard_bounds": {"min": 100, "max": 800}, "extended_bounds": {"min": 150, "max": 700},
    }}},
    "hard of dates": _dates(
        fixed_interval="1h", hard_bounds={"min": "2026-01-01T01:00:00Z", "max": "2026-01-01T03:00:00Z"}
    ),
    "hard of dates between": _dates(
        fixed_interval="1h", hard_bounds={"min": "2026-01-01T01:30:00Z", "max": "2026-01-01T03:30:00Z"}
    ),
    "extended of dates with format": _dates(
        calendar_interval="day", format="yyyy-MM-dd", extended_bounds={"min": "2025-12-30", "max": "2026-01-03"}
    ),
    "extended outside of hard": {"a": {"histogram": {
        "field": "status", "interval": 100, "hard_bounds": {"min": 200}, "extended_bounds": {"min": 0}
    }}},
}  # fmt: skip
_COMPOSITES: dict[str, Any] = {
    **{f"by {interval}": _composite(_by_time(interval), _SERVICE) for interval in ("week", "month", "quarter", "year")},
    "by days in a zone": _composite(_by_time("day", time_zone="America/New_York"), _SERVICE),
    "by days with format": _composite(_by_time("day", format="yyyy-MM-dd"), _SERVICE),
    "by hours with an offset": _composite(
        {"date_histogram": {"field": _TIME, "fixed_interval": "2h", "offset": "+30m"}}, _SERVICE
    ),
    "by half days in a zone": _composite(
        {"date_histogram": {"field": _TIME, "fixed_interval": "12h", "time_zone": "Europe/Berlin"}}
    ),
    "descending": _composite(_by_time("month"), {"terms": {"field": "service", "order": "desc"}}),
    "after a month": _composite(_by_time("month"), _SERVICE, after={"s0": 1767225600000, "s1": "cart"}),
    "after a day as text": _composite(
        _by_time("day", format="yyyy-MM-dd"), _SERVICE, after={"s0": "2026-01-01", "s1": "cart"}
    ),
    "missing_bucket": _composite(_by_time("month"), _USER),
    "missing_bucket last": _composite(
        _by_time("year"), {"terms": {"field": "user.id", "missing_bucket": True, "missing_order": "last"}}, size=1000
    ),
    "missing_bucket first, descending": _composite(
        {"terms": {"field": "user.id", "missing_bucket": True, "missing_order": "first", "order": "desc"}}
    ),
    "after nothing": _composite(_USER, _SERVICE, after={"s0": None, "s1": "cart"}),
    "missing_bucket of an unmapped field": _composite(
        {"terms": {"field": "nothing", "missing_bucket": True}}, _by_time("month"), _SERVICE
    ),
    "of an unmapped field": _composite({"terms": {"field": "nothing"}}, _by_time("month")),
    "with metrics": {"a": {**_composite(_by_time("month"), _SERVICE)["a"], "aggs": {"m": _AVG, "l": _terms("level")}}},
    "of an array": _composite({"terms": {"field": "tags"}}, _by_time("month")),
    "of a boolean and a double": _composite(
        {"terms": {"field": "cached"}}, {"histogram": {"field": "duration", "interval": 20}}, _by_time("year")
    ),
    "of an ip": _composite({"terms": {"field": "client_ip"}}, _by_time("year")),
    "missing_order without missing_bucket": _composite({"terms": {"field": "service", "missing_order": "last"}}),
}  # fmt: skip
_TERMS: dict[str, Any] = {
    "by index": {"a": _terms("_index"), "b": {"cardinality": {"field": "_index"}}},
    "partition 0 of keywords": {"a": _terms("host.name", size=100, include={"partition": 0, "num_partitions": 3})},
    "partition 2 of keywords": {"a": _terms("host.name", size=100, include={"partition": 2, "num_partitions": 3})},
    "partition of integers": {"a": _terms("status", size=100, include={"partition": 1, "num_partitions": 3})},
    "partition of longs": {"a": _terms("sequence", size=1000, include={"partition": 4, "num_partitions": 7})},
    "partition out of bounds": {"a": _terms("status", include={"partition": 3, "num_partitions": 3})},
    "include a list": {"a": _terms("service", include=["cart", "nothing", "login"])},
    "include numbers": {"a": _terms("status", include=[200, 404], exclude=[404])},
    "include an expression of numbers": {"a": _terms("status", include="2.*")},
    "show_term_doc_count_error": {"a": _terms("host.name", size=2, show_term_doc_count_error=True)},
    "min_doc_count 0 with include": {"a": _terms("service", min_doc_count=0, include="c.*")},
    "by a metric in a filter": {"a": {
        **_terms(order={"f>m": "desc"}),
        "aggs": {"f": {"filter": {"term": {"level": "ERROR"}}, "aggs": {"m": _AVG}}},
    }},
    "by the count of a filter": {"a": {
        **_terms(order=[{"f": "desc"}, {"_key": "asc"}]), "aggs": {"f": {"filter": {"term": {"level": "ERROR"}}}},
    }},
    "by several keys": {"a": {
        **_terms("status", order=[{"_count": "desc"}, {"m": "asc"}, {"_key": "desc"}]), "aggs": {"m": _AVG}
    }},
    "by extended_stats": {"a": {
        **_terms(order={"m.std_deviation": "desc"}), "aggs": {"m": {"extended_stats": {"field": "duration"}}}
    }},
    "by cardinality": {"a": {
        **_terms(order=[{"m": "desc"}, {"_key": "asc"}], size=4), "aggs": {"m": {"cardinality": {"field": "host.name"}}}
    }},
    "by percentiles": {"a": {
        **_terms(order={"m.50": "desc"}), "aggs": {"m": {"percentiles": {"field": "sequence", "percents": [50]}}}
    }},
    "format of a number": {"a": _terms("status", format="000.0", size=3)},
    "format of a date": {"a": _terms(_TIME, format="HH:mm:ss", size=3, order={"_key": "asc"})},
}  # fmt: skip
_RANGES: dict[str, Any] = {
    "of dates by math": {"a": {"date_range": {"field": _TIME, "ranges": [
        {"key": "early", "to": "2026-01-01||+2h"}, {"from": "2026-01-01||+2h", "to": "2026-01-01||+1d/d"}
    ]}}},
    "of dates with two formats": {"a": {"date_range": {
        "field": _TIME, "format": "dd.MM.yyyy||epoch_millis", "ranges": [{"from": "01.01.2026"}, {"to": 1767229200000}]
    }}},
    "of dates keyed": {"a": {"date_range": {
        "field": _TIME, "keyed": True, "format": "yyyy-MM-dd'T'HH", "ranges": [{"from": "2026-01-01T01"}]
    }}},
    "of dates in a wrong format": {"a": {"date_range": {
        "field": _TIME, "format": "yyyy", "ranges": [{"from": "today"}]
    }}},
    "with format": {"a": {"range": {"field": "bytes", "format": "0.0", "ranges": [{"from": 100, "to": 1000}]}}},
    "the same twice": {"a": {"range": {"field": "bytes", "ranges": [{"to": 100}, {"key": "again", "to": 100}]}}},
    "upside down": {"a": {"range": {"field": "bytes", "ranges": [{"from": 100, "to": 10}]}}},
    "filters keyed": {"a": {"filters": {
        "other_bucket": True, "filters": {"bad": {"range": {"status": {"gte": 500}}}, "all": {"match_all": {}}}
    }}},
    "filters without names with other": {"a": {"filters": {
        "other_bucket": True, "filters": [{"term": {"level": "ERROR"}}]
    }}},
    "filters not keyed": {"a": {"filters": {
        "keyed": False, "filters": {"bad": {"range": {"status": {"gte": 500}}}}
    }}},
}  # fmt: skip
_HITS: dict[str, Any] = {
    "sorted, one field, from 1": {"a": {**_terms(), "aggs": {"h": {"top_hits": {
        "size": 2, "from": 1, "sort": [{"sequence": "asc"}], "_source": {"includes": ["status", "level"]}
    }}}}},
    "without source, with fields": {"a": {"top_hits": {
        "size": 1, "sort": [{"sequence": "desc"}], "_source": False, "docvalue_fields": ["status"], "version": True
    }}},
    "in a date_histogram": {"a": {
        **_dates(calendar_interval="day")["a"], "aggs": {"h": {"top_hits": {"size": 1, "sort": [{"sequence": "asc"}]}}}
    }},
}  # fmt: skip
_DEEP: dict[str, Any] = {
    "terms, months, ranges, metrics": {"a": {**_terms(), "aggs": {"b": {
        **_dates(calendar_interval="month", time_zone="Europe/Berlin")["a"], "aggs": {"c": {
            "range": {"field": "bytes", "ranges": [{"to": 500}, {"from": 500}]}, "aggs": {"m": _AVG, "n": {
                "missing": {"field": "user.id"}, "aggs": {"o": {"cardinality": {"field": "host.name"}}}
            }},
        }},
    }}}},
    "filters, terms with missing, histogram": {"a": {
        "filters": {"filters": {"bad": {"range": {"status": {"gte": 500}}}}, "other_bucket_key": "good"},
        "aggs": {"b": {**_terms("user.id", missing="-", size=3), "aggs": {"c": {
            "histogram": {"field": "duration", "interval": 25, "missing": 10}, "aggs": {"m": _AVG}
        }}}},
    }},
    "composite of months, terms, top hits": {"a": {**_composite(_by_time("month"), _SERVICE)["a"], "aggs": {"b": {
        **_terms("level"), "aggs": {"h": {"top_hits": {"size": 1, "sort": ["sequence"], "_source": False}}}
    }}}},
    "global below terms": {"a": {**_terms(), "aggs": {"g": {"global": {}}}}},
}  # fmt: skip


def _hourly(**below: Any) -> dict[str, Any]:
    gaps = {**_dates(fixed_interval="1m")["a"], "aggs": {"m": {"avg": {"field": "user.visits"}}, **below}}
    return {"a": gaps}


_PIPELINES: dict[str, Any] = {
    **{
        f"derivative with gaps, {policy}": _hourly(d={"derivative": {"buckets_path": "m", "gap_policy": policy}})
        for policy in ("skip", "insert_zeros", "keep_values")
    },
    **{
        f"bucket_sort with gaps, {policy}": _hourly(
            s={"bucket_sort": {"sort": [{"m": {"order": "asc"}}], "gap_policy": policy, "size": 5}}
        )
        for policy in ("skip", "insert_zeros")
    },
    "derivative of a derivative, summed": _hourly(
        d={"derivative": {"buckets_path": "m"}}, c={"cumulative_sum": {"buckets_path": "d"}}
    ),
    "derivative by the calendar": {"a": {
        **_dates(calendar_interval="day")["a"], "aggs": {"d": {"derivative": {"buckets_path": "_count", "unit": "1h"}}}
    }},
    "derivative with format": _hourly(d={"derivative": {"buckets_path": "m", "format": "0.00"}}),
    "bucket_sort by key and metric": {"a": {
        **_terms("status"), "aggs": {"m": _AVG, "s": {"bucket_sort": {"sort": [{"_key": "desc"}, "m"], "from": 1}}}
    }},
    "max_bucket of a value": {
        "a": {**_terms(), "aggs": {"m": _AVG}}, "b": {"max_bucket": {"buckets_path": "a>m.value"}}
    },
    "max_bucket below a filter": {
        "a": {"filter": {"term": {"level": "ERROR"}}, "aggs": {"t": {**_terms(), "aggs": {"m": _AVG}}}},
        "b": {"max_bucket": {"buckets_path": "a>t>m"}},
    },
    "max_bucket of a part": {
        "a": {**_terms(), "aggs": {"m": {"stats": {"field": "duration"}}}},
        "b": {"max_bucket": {"buckets_path": "a>m.max", "format": "0.0"}},
    },
    "max_bucket in a named bucket": {
        "a": {**_terms("level"), "aggs": {"d": {**_dates(fixed_interval="1h")["a"], "aggs": {"m": _AVG}}}},
        "b": {"max_bucket": {"buckets_path": "a['ERROR']>d>m"}},
    },
    "max_bucket of ties": {"a": _terms("_index"), "b": {"max_bucket": {"buckets_path": "a>_count"}}},
}  # fmt: skip
_CONSTANT: dict[str, Any] = {
    "terms": {"a": {**_terms("same"), "aggs": {"m": {"sum": {"field": "n"}}}}},
    "metrics": {"a": {"cardinality": {"field": "same"}}, "b": {"value_count": {"field": "same"}}},
    "missing": {"a": {"missing": {"field": "same"}}},
    "composite": _composite({"terms": {"field": "same"}}, {"terms": {"field": "n"}}),
    "exclude": {"a": _terms("same", exclude=["here"])},
}
_HIGHLIGHTED: dict[str, Any] = {
    "highlight": {
        "size": 0, "query": {"match": {"message": "timed out"}},
        "aggs": {"a": {**_terms(), "aggs": {"h": {"top_hits": {
            "size": 1, "sort": ["sequence"], "_source": False, "highlight": {"fields": {"message": {}}}
        }}}}},
    },
    "by score": {
        "size": 0, "query": {"match": {"message": "timed out"}},
        "aggs": {"a": {"top_hits": {"size": 3, "_source": False}}},
    },
}  # fmt: skip

REQUESTS: list[Asked] = [
    *aggregated("missing values", "logs", _MISSING),
    *aggregated("missing values on edge", "edge", _MISSING_ON_EDGE),
    *aggregated("zones", "logs", _ZONES),
    *aggregated("zones on edge", "edge", _ZONES_ON_EDGE),
    *aggregated("bounds", "logs", _BOUNDS),
    *aggregated("composites", "logs", _COMPOSITES),
    *aggregated("terms", "logs", _TERMS),
    *aggregated("ranges", "logs", _RANGES),
    *aggregated("top hits", "logs", _HITS),
    *searches("top hits", "logs", _HIGHLIGHTED),
    *aggregated("deep", "logs", _DEEP),
    *aggregated("more pipelines", "logs", _PIPELINES),
    *aggregated("constants", "constant", _CONSTANT),
]
