"""What our aggregations gave as another cluster reads and merges it. Pure.

An answer that is `final` is shown as it is: its buckets are chosen, filled and in order. Any other is merged over there
with those of other clusters: its buckets of terms are in the order of their keys, for so they are merged, and none is
left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from isthmus.query.aggregation_tree import (
    Aggregation,
    DateHistogramBuckets,
    FilterBucket,
    FiltersBuckets,
    GlobalBucket,
    HistogramBuckets,
    Metric,
    MissingBucket,
    RangeBuckets,
    TermsBuckets,
)
from isthmus.query.partial import Bucket, Buckets, Distribution, Metrics, Partial
from isthmus.search.aggregations.bucket_order import in_bucket_order
from isthmus.search.aggregations.dates import Dates
from isthmus.search.aggregations.empties import emptied, unfilled_ranges
from isthmus.search.aggregations.histograms import with_empty_buckets
from isthmus.search.aggregations.limits import BucketCount
from isthmus.wire.layouts import Named, UnsupportedError

Body = dict[str, Any]

RAW: Final = Named("raw", None)
DEFAULT_DATES: Final = "strict_date_optional_time||epoch_millis"
COMPRESSION: Final = 100.0
_KEY_ASCENDING: Final = Named("key_asc", None)
_WHOLE: Final = ("long", "boolean", "date")


class Results:
    """Writes the results of a request's aggregations; `of_shard`: of one index, to be merged with others over there."""

    def __init__(self, dates: Dates, count: BucketCount, *, final: bool, of_shard: bool = False) -> None:
        self._dates = dates
        self._count = count
        self._final = final
        self._of_shard = of_shard

    def named(self, asked: tuple[Aggregation, ...], parts: Mapping[str, Partial]) -> list[Named]:
        """Return the results in the order in which they are asked for. Raises TooManyBucketsError, UnsupportedError."""
        return [self._one(one, parts.get(one.name)) for one in asked]

    def _one(self, asked: Aggregation, part: Partial | None) -> Named:
        kind, body = self._result(asked, part)
        meta = None if asked.meta is None else dict(asked.meta)
        return Named(kind, {"name": asked.name, "meta": meta, "body": body})

    def _result(self, asked: Aggregation, part: Partial | None) -> tuple[str, Body]:
        parts = part if isinstance(part, Buckets) else Buckets()
        match asked.body:
            case Metric():
                return _metric(asked.body, part)
            case TermsBuckets():
                return self._terms(asked, asked.body, parts)
            case RangeBuckets():
                return asked.type, self._ranges(asked, asked.body, parts)
            case FiltersBuckets():
                return "filters", self._filters(asked, asked.body, parts)
            case HistogramBuckets():
                return "histogram", self._histogram(asked, asked.body, parts)
            case DateHistogramBuckets():
                return "date_histogram", self._date_histogram(asked, asked.body, parts)
            case FilterBucket() | MissingBucket() | GlobalBucket():
                bucket = parts.buckets[0] if parts.buckets else Bucket()
                return asked.type, self._counted(asked, bucket)
            case _:
                raise UnsupportedError(f"the aggregation [{asked.type}] is not supported by this cluster")

    def _counted(self, asked: Aggregation, bucket: Bucket) -> Body:
        return {
            "doc_count": bucket.doc_count,
            "aggregations": self.named(asked.aggregations, bucket.aggregations),
        }

    # Terms

    def _terms(self, asked: Aggregation, body: TermsBuckets, parts: Buckets) -> tuple[str, Body]:
        order = bucket_order(body.order)
        head = {
            "reduce_order": order if self._final or _is_by_key(body) else _KEY_ASCENDING,
            "order": order,
            "size": body.size,
            "min_doc_count": body.min_doc_count,
        }
        if parts.key_type is None:
            return "umterms", head
        chosen, other = self._chosen(asked, body, parts)
        found = head | {
            "error": parts.error if parts.merged or self._of_shard else 0,
            "format": format_of(parts, body.format),
            "shard_size": body.shard_size or int(body.size * 1.5) + 10,
            "show_error": body.show_term_doc_count_error,
            "other": other,
            "buckets": [self._term(asked, parts, bucket) for bucket in chosen],
        }
        return _terms_kind(parts.key_type), found

    def _chosen(self, asked: Aggregation, body: TermsBuckets, parts: Buckets) -> tuple[list[Bucket], int]:
        if not self._final:
            self._count.add(len(parts.buckets))
            descends = _is_by_key(body) and not body.order[0][1]
            keyed = sorted(parts.buckets, key=lambda bucket: _key(parts.key_type, bucket), reverse=descends)
            return keyed, parts.other
        enough = [bucket for bucket in parts.buckets if bucket.doc_count >= body.min_doc_count]
        ordered = in_bucket_order(asked, body.order, enough)
        chosen = ordered[: body.size]
        self._count.add(len(chosen))
        return chosen, parts.other + sum(bucket.doc_count for bucket in ordered[body.size :])

    def _term(self, asked: Aggregation, parts: Buckets, bucket: Bucket) -> Body:
        error = bucket.error if parts.merged or self._of_shard else 0
        return self._counted(asked, bucket) | {"error": error, "key": _key(parts.key_type, bucket)}

    # Ranges and filters

    def _ranges(self, asked: Aggregation, body: RangeBuckets, parts: Buckets) -> Body:
        buckets = sorted(parts.buckets or unfilled_ranges(body, self._dates), key=_bounds)
        self._count.add(len(buckets))
        shown = date_format(body.format or parts.date_format, body.time_zone) if body.dates else _numbers(body.format)
        return {"format": shown, "keyed": body.keyed, "buckets": [self._range(asked, one) for one in buckets]}

    def _range(self, asked: Aggregation, bucket: Bucket) -> Body:
        low, high = _bounds(bucket)
        key = None if bucket.key is None else str(bucket.key)
        bounds = {"from_": low, "original_from": low, "to": high, "original_to": high}
        return {"key": key} | bounds | self._counted(asked, bucket)

    def _filters(self, asked: Aggregation, body: FiltersBuckets, parts: Buckets) -> Body:
        found = {bucket.key: bucket for bucket in parts.buckets}
        names = [name for name, _ in body.filters]
        if body.other_bucket_key is not None:
            names.append(body.other_bucket_key)
        self._count.add(len(names))
        buckets = [{"key": name} | self._counted(asked, found.get(name, Bucket())) for name in names]
        return {"keyed": not body.anonymous, "keyed_bucket": body.keyed or body.anonymous, "buckets": buckets}

    # Histograms

    def _histogram(self, asked: Aggregation, body: HistogramBuckets, parts: Buckets) -> Body:
        low, high = body.extended_bounds or (None, None)
        empties = {
            "interval": body.interval,
            "offset": body.offset,
            "minimum": math.inf if low is None else low,
            "maximum": -math.inf if high is None else high,
            "aggregations": self._empty(asked, parts),
        }
        return self._histogram_head(body, empties) | {
            "format": _numbers(body.format),
            "keyed": body.keyed,
            "buckets": [
                self._counted(asked, one) | {"key": float(one.key)} for one in self._filled(asked, body, parts)
            ],
        }

    def _date_histogram(self, asked: Aggregation, body: DateHistogramBuckets, parts: Buckets) -> Body:
        format_ = body.format or parts.date_format
        empties = {
            "rounding": _rounding(body),
            "aggregations": self._empty(asked, parts),
            "bounds": self._date_bounds(body, format_),
        }
        return self._histogram_head(body, empties) | {
            "offset": body.offset,
            "format": date_format(format_, body.time_zone),
            "keyed": body.keyed,
            "downsampled": False,
            "buckets": [self._counted(asked, one) | {"key": int(one.key)} for one in self._filled(asked, body, parts)],
        }

    def _histogram_head(self, body: HistogramBuckets | DateHistogramBuckets, empties: Body) -> Body:
        order = bucket_order(body.order)
        return {"order": order, "min_doc_count": body.min_doc_count, "empties": empties}

    def _filled(
        self, asked: Aggregation, body: HistogramBuckets | DateHistogramBuckets, parts: Buckets
    ) -> list[Bucket]:
        if self._final:
            filled = with_empty_buckets(asked, body, parts, self._dates, self._count)
            return in_bucket_order(asked, body.order, filled)
        self._count.add(len(parts.buckets))
        return sorted(parts.buckets, key=lambda bucket: float(bucket.key))

    def _empty(self, asked: Aggregation, parts: Buckets) -> list[Named]:
        below = parts.buckets[0].aggregations if parts.buckets else {}
        return Results(self._dates, self._count, final=False).named(
            asked.aggregations, emptied(asked.aggregations, below)
        )

    def _date_bounds(self, body: DateHistogramBuckets, format_: str | None) -> Body | None:
        if body.extended_bounds is None:
            return None
        moments = [
            None if bound is None else self._dates.moment(bound, format_, body.time_zone)
            for bound in body.extended_bounds
        ]
        return {"min": moments[0], "max": moments[1], "min_text": None, "max_text": None}


def _is_by_key(body: TermsBuckets) -> bool:
    return body.order[0][0] == "_key"


def bucket_order(order: tuple[tuple[str, bool], ...]) -> Named:
    """Return what buckets are ordered by, as it is told."""
    orders = [_order(path, ascending=ascending) for path, ascending in order]
    return orders[0] if len(orders) == 1 else Named("compound", orders)


def _order(path: str, *, ascending: bool) -> Named:
    if path in ("_count", "_key"):
        return Named(f"{path[1:]}_{'asc' if ascending else 'desc'}", None)
    return Named("aggregation", {"ascending": ascending, "path": path})


def format_of(parts: Buckets, asked: str | None) -> Named:
    """Return how the keys of terms are shown."""
    match parts.key_type:
        case "date":
            return date_format(asked or parts.date_format, None)
        case "boolean":
            return Named("bool", None)
        case "ip":
            return Named("ip", None)
        case "long" | "double":
            return _numbers(asked)
        case _:
            return RAW


def _numbers(format_: str | None) -> Named:
    return RAW if format_ is None else Named("decimal", {"pattern": format_})


def date_format(format_: str | None, zone: str | None = None, *, sort_values: bool = False) -> Named:
    """Return how dates are shown."""
    return Named(
        "date_time",
        {
            "pattern": format_ or DEFAULT_DATES,
            "locale": "en",
            "zone": zone or "Z",
            "resolution": 0,
            "format_sort_values": sort_values,
        },
    )


def _terms_kind(key_type: str) -> str:
    if key_type in _WHOLE:
        return "lterms"
    return "dterms" if key_type == "double" else "sterms"


def _key(key_type: str | None, bucket: Bucket) -> Any:
    if key_type in _WHOLE:
        return int(bucket.key)
    if key_type == "double":
        return float(bucket.key)
    return bytes.fromhex(bucket.key) if key_type == "ip" else str(bucket.key).encode("utf-8")


def _bounds(bucket: Bucket) -> tuple[float, float]:
    return (
        -math.inf if bucket.from_ is None else float(bucket.from_),
        math.inf if bucket.to is None else float(bucket.to),
    )


def _rounding(body: DateHistogramBuckets) -> Named:
    """Without the offset, which is told and added apart."""
    zone = body.time_zone or "Z"
    if body.calendar is not None:
        return Named("unit", {"unit": body.calendar, "zone": zone})
    return Named("interval", {"millis": body.fixed or 1, "zone": zone})


def _metric(metric: Metric, part: Partial | None) -> tuple[str, Body]:
    if metric.kind == "percentiles":
        return "tdigest_percentiles", _percentiles(metric, part)
    parts = part if isinstance(part, Metrics) else Metrics()
    shown = _metric_format(metric, parts)
    match metric.kind:
        case "avg":
            return "avg", {"format": shown, "sum": float(parts.sum), "count": parts.count}
        case "sum":
            return "sum", {"format": shown, "value": float(parts.sum)}
        case "min":
            return "min", {"format": shown, "value": _or(parts.minimum, math.inf)}
        case "max":
            return "max", {"format": shown, "value": _or(parts.maximum, -math.inf)}
        case "value_count":
            return "value_count", {"count": parts.count}
        case "stats":
            return "stats", _stats(shown, parts)
        case "extended_stats":
            more = {"sum_of_squares": float(parts.sum_of_squares), "sigma": metric.sigma}
            return "extended_stats", _stats(shown, parts) | more
        case _:
            raise UnsupportedError(f"the aggregation [{metric.kind}] is not supported by this cluster")


def _metric_format(metric: Metric, parts: Metrics) -> Named:
    if parts.date_format is not None:
        return date_format(metric.format or parts.date_format, None)
    return Named("bool", None) if parts.is_boolean else _numbers(metric.format)


def _stats(shown: Named, parts: Metrics) -> Body:
    return {
        "format": shown,
        "count": parts.count,
        "min": _or(parts.minimum, math.inf),
        "max": _or(parts.maximum, -math.inf),
        "sum": float(parts.sum),
    }


def _or(number: float | None, otherwise: float) -> float:
    return otherwise if number is None else float(number)


def _percentiles(metric: Metric, part: Partial | None) -> Body:
    found = part if isinstance(part, Distribution) else Distribution()
    centroids = [{"mean": float(mean), "count": count} for mean, count in zip(found.values, found.counts, strict=True)]
    digest = {
        "compression": COMPRESSION,
        "type": "HYBRID",
        "count": sum(found.counts),
        "centroids": centroids,
    }
    shown = (
        _numbers(metric.format) if found.date_format is None else date_format(metric.format or found.date_format, None)
    )
    return {
        "format": shown,
        "percents": [float(one) for one in metric.percents],
        "digest": digest,
        "keyed": metric.keyed,
    }
