"""Composite aggregations from JSON: buckets by several values at once, page by page.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-composite-aggregation.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import (
    CompositeBuckets,
    CompositeSource,
    DateHistogramBuckets,
    HistogramBuckets,
    TermsBuckets,
)
from isthmus.query.aggregations.histograms import date_interval, positive_interval
from isthmus.query.aggregations.intervals import offset
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ParsingError, did_you_mean, shown, token_of
from isthmus.query.sort_parsing import direction

Values = TermsBuckets | HistogramBuckets | DateHistogramBuckets
MissingOrder = Literal["first", "last", "default"]
MISSING_ORDERS: Final[tuple[MissingOrder, ...]] = ("first", "last", "default")
DEFAULT_MISSING: Final[MissingOrder] = "default"
MAX_SOURCES: Final = 16


def parse_composite(json: JsonObject) -> CompositeBuckets:
    """Return buckets by the values of all sources. Raises a UsageError that names what is wrong."""
    sources = json.read("sources", _sources, None)
    if sources is None:
        json.refuse_misspelt("sources")
        raise UsageError("Required [sources]")
    return CompositeBuckets(
        sources=sources,
        size=json.integer("size", 10, minimum=1),
        after=json.read("after", lambda value: _after(value, sources), None),
    )


def _sources(value: Any) -> tuple[CompositeSource, ...]:
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise UsageError("Composite [sources] cannot be null or empty")
    if len(listed) > MAX_SOURCES:
        raise UsageError(f"Composite [sources] cannot be more than {MAX_SOURCES}")
    sources = tuple(_source(one) for one in listed)
    names = [source.name for source in sources]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(f"Composite source names must be unique, found duplicates: [{', '.join(sorted(twice))}]")
    return sources


def _source(value: Any) -> CompositeSource:
    name, definition = _only_key(value, "source")
    kind, body = _only_key(definition, name)
    if kind not in _READERS:
        raise ParsingError(f"invalid source type: {shown(kind)}{did_you_mean(kind, _READERS)}")
    json = JsonObject(body, kind)
    json.refuse("script", "value_type")
    ascending = direction(json.json("order")) if "order" in json else True
    missing_bucket = json.boolean("missing_bucket", default=False)
    missing_order = json.choice("missing_order", MISSING_ORDERS, DEFAULT_MISSING)
    if missing_order != "default" and not missing_bucket:
        raise UsageError("[missing_order] may only be set when [missing_bucket] is true")
    values = _READERS[kind](json)
    json.end()
    return CompositeSource(
        name=name,
        values=values,
        ascending=ascending,
        missing_bucket=missing_bucket,
        missing_order=missing_order,
    )


def _only_key(value: Any, where: str) -> tuple[str, Any]:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise ParsingError(f"Expected an object with one key in [{shown(where)}], but got a [{token_of(value)}]")
    return next(iter(value.items()))


def _terms(json: JsonObject) -> TermsBuckets:
    return TermsBuckets(field=json.required_text("field"), format=json.text("format"))


def _histogram(json: JsonObject) -> HistogramBuckets:
    return HistogramBuckets(
        field=json.required_text("field"), interval=positive_interval(json), format=json.text("format")
    )


def _date_histogram(json: JsonObject) -> DateHistogramBuckets:
    fixed, calendar = date_interval(json)
    return DateHistogramBuckets(
        field=json.required_text("field"),
        fixed=fixed,
        calendar=calendar,
        time_zone=json.text("time_zone"),
        offset=json.read("offset", offset, 0),
        format=json.text("format"),
    )


_READERS: Final[Mapping[str, Callable[[JsonObject], Values]]] = {
    "terms": _terms,
    "histogram": _histogram,
    "date_histogram": _date_histogram,
}


def _after(value: Any, sources: tuple[CompositeSource, ...]) -> dict[str, Any]:
    json = JsonObject(value, "after")
    for source in sources:
        if source.name not in json:
            raise UsageError(f"Missing value for [after.{source.name}]")
        if json.scalar(source.name) is None and not source.missing_bucket:
            raise UsageError(f"Invalid value for [after.{source.name}]: it has no [missing_bucket]")
    json.end()
    return {source.name: json.json(source.name) for source in sources}
