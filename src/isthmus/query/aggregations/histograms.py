"""Histograms of numbers and of dates, from JSON.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-histogram-aggregation.html
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-datehistogram-aggregation.html
"""

from __future__ import annotations

from typing import Any, TypeAlias

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import DateHistogramBuckets, HistogramBuckets
from isthmus.query.aggregations.intervals import calendar_interval, fixed_interval, offset
from isthmus.query.aggregations.order import parse_order
from isthmus.query.json_object import JsonObject
from isthmus.query.tree import Scalar

Numbers: TypeAlias = tuple[float | None, float | None]
Dates: TypeAlias = tuple[Scalar, Scalar]


def parse_histogram(json: JsonObject) -> HistogramBuckets:
    """Return a bucket for each interval of numbers. Raises a UsageError that names what is wrong."""
    json.refuse("script")
    extended = json.read("extended_bounds", _numbers, None)
    hard = json.read("hard_bounds", _numbers, None)
    _check_inside(extended, hard)
    return HistogramBuckets(
        field=json.required_text("field"),
        interval=positive_interval(json),
        offset=json.number("offset", 0.0),
        min_doc_count=json.integer("min_doc_count", 0),
        extended_bounds=extended,
        hard_bounds=hard,
        order=json.read("order", lambda value: parse_order(value, json.where), (("_key", True),)),
        keyed=json.boolean("keyed", default=False),
        missing=json.scalar("missing"),
        format=json.text("format"),
    )


def positive_interval(json: JsonObject) -> float:
    """Return the interval of a histogram, which must be given."""
    interval = json.number("interval", 0.0)
    if "interval" not in json:
        json.refuse_misspelt("interval")
    if interval <= 0:
        raise UsageError(f"[interval] must be >0 for [{json.where}], got: {interval}")
    return interval


def parse_date_histogram(json: JsonObject) -> DateHistogramBuckets:
    """Return a bucket for each interval of time; just one of a calendar and a fixed interval must be given."""
    json.refuse("script")
    fixed, calendar = date_interval(json)
    return DateHistogramBuckets(
        field=json.required_text("field"),
        fixed=fixed,
        calendar=calendar,
        time_zone=json.text("time_zone"),
        offset=json.read("offset", offset, 0),
        min_doc_count=json.integer("min_doc_count", 0),
        extended_bounds=json.read("extended_bounds", _dates, None),
        hard_bounds=json.read("hard_bounds", _dates, None),
        order=json.read("order", lambda value: parse_order(value, json.where), (("_key", True),)),
        keyed=json.boolean("keyed", default=False),
        missing=json.scalar("missing"),
        format=json.text("format"),
    )


def date_interval(json: JsonObject) -> tuple[int | None, str | None]:
    """Return the fixed interval in milliseconds, or the unit of the calendar interval."""
    fixed = json.read("fixed_interval", fixed_interval, None)
    calendar = json.read("calendar_interval", calendar_interval, None)
    if fixed is not None and calendar is not None:
        raise UsageError("Cannot use [calendar_interval] with [fixed_interval] configuration option.")
    if fixed is None and calendar is None:
        json.refuse_misspelt("calendar_interval", "fixed_interval")
        hint = "[interval] is gone since 8.0" if "interval" in json else "give [fixed_interval] or [calendar_interval]"
        raise UsageError("Invalid interval specified, must be non-null and non-empty", hint=hint)
    return fixed, calendar


def _numbers(value: Any) -> Numbers:
    json = JsonObject(value, "double_bounds")
    low = json.number("min", 0.0) if "min" in json else None
    high = json.number("max", 0.0) if "max" in json else None
    json.end()
    if low is not None and high is not None and low > high:
        raise UsageError(f"[max bound] must be greater than [min bound]: [{low}--{high}]")
    return low, high


def _dates(value: Any) -> Dates:
    json = JsonObject(value, "long_bounds")
    bounds = json.scalar("min"), json.scalar("max")
    json.end()
    if any(isinstance(bound, bool) for bound in bounds):
        raise UsageError("a bound is a date, not true or false")
    return bounds


def _check_inside(extended: Numbers | None, hard: Numbers | None) -> None:
    if extended is None or hard is None:
        return
    below = extended[0] is not None and hard[0] is not None and extended[0] < hard[0]
    above = extended[1] is not None and hard[1] is not None and extended[1] > hard[1]
    if below or above:
        raise UsageError(
            "Extended bounds have to be inside hard bounds, "
            f"hard bounds: [{hard[0]}--{hard[1]}], extended bounds: [{extended[0]}--{extended[1]}]"
        )
