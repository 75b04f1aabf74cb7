"""Our aggregations as another cluster is asked for them. Pure.

Queries travel as the JSON that they came as. Pipelines are computed here, over what all clusters gave.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import (
    Aggregation,
    DateHistogramBuckets,
    FilterBucket,
    FiltersBuckets,
    GlobalBucket,
    HistogramBuckets,
    Metric,
    MissingBucket,
    Partition,
    Pipeline,
    RangeBuckets,
    RangeOf,
    TermsBuckets,
)
from isthmus.query.tree import Scalar
from isthmus.remote.incoming.results import COMPRESSION, bucket_order
from isthmus.remote.outgoing.queries import wrapped
from isthmus.wire.layouts import Named

Body = dict[str, Any]

NO_SHARD_SIZE: Final = -1
MERGEABLE: Final = (
    *("avg", "sum", "min", "max", "value_count", "stats", "extended_stats"),
    "percentiles",
)


def builders(asked: tuple[Aggregation, ...], given: Mapping[str, Any]) -> Body:
    """Return what is asked for; `given` is the JSON object that it came as. Raises UsageError by name.

    What cannot be merged with what other clusters give is refused.
    """
    return {"aggregations": [_builder(one, given[one.name]) for one in asked if _is_sent(one)], "pipelines": []}


def _is_sent(asked: Aggregation) -> bool:
    return not isinstance(asked.body, Pipeline)


def _builder(asked: Aggregation, given: Mapping[str, Any]) -> Named:
    below = given.get("aggs") or given.get("aggregations") or {}
    body = {
        "name": asked.name,
        "below": builders(asked.aggregations, below),
        "meta": None if asked.meta is None else dict(asked.meta),
        "body": _body(asked, given[asked.type]),
    }
    return Named(asked.type, body)


def _body(asked: Aggregation, given: Any) -> Body:
    match asked.body:
        case TermsBuckets():
            return _terms(asked.body)
        case RangeBuckets():
            return _ranges(asked.body)
        case HistogramBuckets():
            return _histogram(asked.body)
        case DateHistogramBuckets():
            return _date_histogram(asked.body)
        case FilterBucket():
            return {"filter": wrapped(given)}
        case FiltersBuckets():
            return _filters(asked.body, given)
        case MissingBucket():
            return _of_any(asked.body.field)
        case GlobalBucket():
            return {}
        case Metric() if asked.type in MERGEABLE:
            return _metric(asked.body)
        case _:
            raise UsageError(
                f"the aggregation [{asked.type}] cannot be merged across clusters", hint="ask each cluster by itself"
            )


def _of(field: str, *, missing: Scalar = None, format_: str | None = None, time_zone: str | None = None) -> Body:
    """Where the values are from."""
    return {
        "field": field,
        "script": None,
        "value_type": None,
        "format": format_,
        "missing": missing,
        "time_zone": time_zone,
    }


def _of_any(field: str, *, missing: Scalar = None, format_: str | None = None) -> Body:
    return {"target_type": False} | _of(field, missing=missing, format_=format_)


def _terms(body: TermsBuckets) -> Body:
    return _of_any(body.field, missing=body.missing, format_=body.format) | {
        "size": body.size,
        "shard_size": body.shard_size or NO_SHARD_SIZE,
        "min_doc_count": body.min_doc_count,
        "shard_min_doc_count": 0,
        "collect_mode": None,
        "execution_hint": None,
        "include_exclude": _included(body),
        "order": bucket_order(body.order),
        "show_error": body.show_term_doc_count_error,
        "exclude_deleted": False,
    }


def _included(body: TermsBuckets) -> Body | None:
    if body.include is None and body.exclude is None:
        return None
    found: Body = {"regular": None, "include": None, "exclude": None, "partitions": 0, "partition": 0}
    if isinstance(body.include, Partition):
        return found | {"partitions": body.include.of, "partition": body.include.number}
    if isinstance(body.include, str) or isinstance(body.exclude, str):
        if isinstance(body.include, tuple) or isinstance(body.exclude, tuple):
            raise UsageError(
                "[include] and [exclude] cannot be an expression and a list of values across clusters",
                hint="give both as expressions, or both as lists",
            )
        return found | {"regular": (body.include, body.exclude)}
    return found | {
        name: None if values is None else [str(one).encode("utf-8") for one in values]
        for name, values in (("include", body.include), ("exclude", body.exclude))
    }


def _ranges(body: RangeBuckets) -> Body:
    source = _of(body.field, missing=body.missing, format_=body.format, time_zone=body.time_zone)
    return source | {"ranges": [_range(one) for one in body.ranges], "keyed": body.keyed}


def _range(one: RangeOf) -> Body:
    low, high = _bound(one.from_, -math.inf), _bound(one.to, math.inf)
    return {
        "key": one.key,
        "from_text": one.from_ if isinstance(one.from_, str) else None,
        "to_text": one.to if isinstance(one.to, str) else None,
        "from_": low,
        "to": high,
        "original_from": low,
        "original_to": high,
    }


def _bound(value: Scalar, otherwise: float) -> float:
    return otherwise if value is None or isinstance(value, str) else float(value)


def _histogram(body: HistogramBuckets) -> Body:
    return _of(body.field, missing=body.missing, format_=body.format) | {
        "order": bucket_order(body.order),
        "keyed": body.keyed,
        "min_doc_count": body.min_doc_count,
        "interval": body.interval,
        "offset": body.offset,
        "extended_bounds": _numbers(body.extended_bounds),
        "hard_bounds": _numbers(body.hard_bounds),
    }


def _numbers(bounds: tuple[float | None, float | None] | None) -> Body | None:
    return None if bounds is None else {"min": bounds[0], "max": bounds[1]}


def _date_histogram(body: DateHistogramBuckets) -> Body:
    interval = f"{body.fixed}ms" if body.calendar is None else body.calendar
    source = _of(body.field, missing=body.missing, format_=body.format, time_zone=body.time_zone)
    return source | {
        "order": bucket_order(body.order),
        "keyed": body.keyed,
        "min_doc_count": body.min_doc_count,
        "interval": interval,
        "interval_kind": "fixed" if body.calendar is None else "calendar",
        "offset": body.offset,
        "extended_bounds": _dates(body.extended_bounds),
        "hard_bounds": _dates(body.hard_bounds),
    }


def _dates(bounds: tuple[Scalar, Scalar] | None) -> Body | None:
    if bounds is None:
        return None
    low, high = bounds
    return {
        "min": int(low) if isinstance(low, int | float) else None,
        "max": int(high) if isinstance(high, int | float) else None,
        "min_text": low if isinstance(low, str) else None,
        "max_text": high if isinstance(high, str) else None,
    }


def _filters(body: FiltersBuckets, given: Mapping[str, Any]) -> Body:
    queries = given["filters"]
    filters: list[Body]
    if body.anonymous:
        filters = [{"query": wrapped(one)} for one in queries]
    else:
        filters = [{"key": name, "query": wrapped(queries[name])} for name, _ in body.filters]
    return {
        "keyed": not body.anonymous,
        "filters": filters,
        "other_bucket": body.other_bucket_key is not None,
        "other_bucket_key": body.other_bucket_key or "_other_",
        "keyed_bucket": body.keyed or body.anonymous,
    }


def _metric(metric: Metric) -> Body:
    if metric.kind == "value_count":
        return _of_any(metric.field, missing=metric.missing, format_=metric.format)
    source = _of(metric.field, missing=metric.missing, format_=metric.format)
    if metric.kind == "extended_stats":
        return source | {"sigma": metric.sigma}
    if metric.kind == "percentiles":
        method = {"name": 0, "compression": COMPRESSION, "execution_hint": None}
        return source | {"percents": list(metric.percents), "keyed": metric.keyed, "method": method}
    return source
