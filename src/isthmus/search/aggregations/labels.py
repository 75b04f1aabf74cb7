"""What buckets are called: `key`, `key_as_string`, the bounds of ranges, and composite keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.index.aggregating.terms import shown_ip
from isthmus.query.aggregation_tree import (
    CompositeBuckets,
    CompositeSource,
    DateHistogramBuckets,
    HistogramBuckets,
    RangeBuckets,
    TermsBuckets,
)
from isthmus.query.partial import Bucket, Buckets
from isthmus.search.aggregations.dates import Dates
from isthmus.search.aggregations.formats import decimal, java_double

NUMBERS = ("long", "double")
Label = tuple[str, Mapping[str, Any]]
"""The name in keyed answers and pipelines, and what answers show of a bucket."""


def term_label(body: TermsBuckets, parts: Buckets, bucket: Bucket, dates: Dates) -> Label:
    """Return the label of a value."""
    if parts.key_type == "ip":
        return _plain(bucket.shown or bucket.key)
    if parts.key_type == "boolean":
        return _with_text(int(bucket.key), "true" if bucket.key else "false")
    if parts.key_type == "date":
        return _with_text(bucket.key, bucket.shown or dates.shown(bucket.key, body.format or parts.date_format, None))
    if parts.key_type in NUMBERS and body.format is not None:
        return _with_text(bucket.key, decimal(bucket.key, body.format))
    key = float(bucket.key) if parts.key_type == "double" else bucket.key
    return _plain(key) if bucket.shown in (None, bucket.key) else _with_text(key, str(bucket.shown))


def histogram_label(body: HistogramBuckets, key: float) -> Label:
    """Return the label of an interval of numbers."""
    return _plain(float(key)) if body.format is None else _with_text(float(key), decimal(key, body.format))


def date_label(body: DateHistogramBuckets, parts: Buckets, bucket: Bucket, dates: Dates) -> Label:
    """Return the label of an interval of time."""
    key = int(bucket.key)
    text = bucket.shown or dates.shown(key, body.format or parts.date_format, body.time_zone)
    return _with_text(key, text)


def range_label(body: RangeBuckets, parts: Buckets, bucket: Bucket, dates: Dates) -> Label:
    """Return the label of a range, whose name is made of its bounds unless the request gave one."""
    low, high = _bound(body, parts, bucket.from_, dates), _bound(body, parts, bucket.to, dates)
    name = f"{low or '*'}-{high or '*'}" if bucket.key is None else str(bucket.key)
    members: dict[str, Any] = {"key": name}
    shown = body.dates or body.format is not None
    for side, number, text in (("from", bucket.from_, low), ("to", bucket.to, high)):
        if number is not None:
            members[side] = float(number)
            if shown:
                members[f"{side}_as_string"] = text
    return name, members


def composite_key(body: CompositeBuckets, parts: Buckets, bucket: Bucket, dates: Dates) -> dict[str, Any]:
    """Return a composite key as an object."""
    types = parts.key_types or [None] * len(body.sources)
    return {
        source.name: _part(source, key_type, value, dates)
        for source, key_type, value in zip(body.sources, types, bucket.key, strict=True)
    }


def _part(source: CompositeSource, key_type: str | None, value: Any, dates: Dates) -> Any:
    values = source.values
    if value is None:
        return None
    if key_type == "boolean":
        return bool(value)
    if key_type == "ip":
        return shown_ip(value)
    if values.format is None:
        return value
    if isinstance(values, DateHistogramBuckets):
        return dates.shown(value, values.format, values.time_zone)
    if key_type == "date":
        return dates.shown(value, values.format, None)
    return decimal(value, values.format) if isinstance(value, int | float) else value


def _bound(body: RangeBuckets, parts: Buckets, number: float | None, dates: Dates) -> str | None:
    if number is None:
        return None
    if body.dates:
        return dates.shown(number, body.format or parts.date_format, body.time_zone)
    return java_double(number) if body.format is None else decimal(number, body.format)


def _plain(key: Any) -> Label:
    return java_double(key) if isinstance(key, float) else str(key), {"key": key}


def _with_text(key: Any, text: str) -> Label:
    return text, {"key": key, "key_as_string": text}
