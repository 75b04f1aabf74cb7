"""Documents without a value, where `missing` says which one they count for."""

from __future__ import annotations

from typing import Any

import tantivy

from isthmus.index.aggregating.ground import Column, Ground
from isthmus.index.aggregating.histograms import hard_bounds
from isthmus.index.mapping.field import Field
from isthmus.query.aggregation_tree import DateHistogramBuckets, HistogramBuckets, RangeBuckets
from isthmus.query.aggregations.steps import steps_of

Histogram = HistogramBuckets | DateHistogramBuckets
DATE_FORMATS = ("strict_date_optional_time", "epoch_millis")


def value_of_absent(ground: Ground, body: RangeBuckets | Histogram) -> float:
    """The number that `missing` means for a field, mapped or not."""
    missing: Any = body.missing
    field = ground.field(body.field)
    if isinstance(body, DateHistogramBuckets) or (isinstance(body, RangeBuckets) and body.dates):
        mapped = field or Field(path=body.field, type="date", column="long", formats=DATE_FORMATS)
        return ground.moment(mapped, missing, body.format, body.time_zone)
    mapped = field or Field(path=body.field, type="double", column="double")
    return float(ground.column_value(mapped, missing))


def key_of_absent(ground: Ground, column: Column | None, body: Histogram) -> float | None:
    """The key of the interval they are in; None where it is out of bounds."""
    key = steps_of(body, ground.calendar).floor(value_of_absent(ground, body))
    low, high = _bounds(ground, column, body)
    return None if (low is not None and key < low) or (high is not None and key > high) else key


def _bounds(ground: Ground, column: Column | None, body: Histogram) -> tuple[float | None, float | None]:
    if isinstance(body, HistogramBuckets) or column is None:
        return (body.hard_bounds or (None, None)) if isinstance(body, HistogramBuckets) else (None, None)
    return hard_bounds(ground, column, body)


def in_or_absent(ground: Ground, column: Column | None, path: str, low: Any, high: Any) -> tantivy.Query:
    """Documents with a value from `low` to below `high`, and those without one."""
    absent = ground.absent(path)
    if column is None:
        return absent
    should = tantivy.Occur.Should
    return tantivy.Query.boolean_query([(should, ground.within(column, low, high)), (should, absent)])
