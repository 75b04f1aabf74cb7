"""Metrics from JSON: numbers made of a field's values.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-metrics.html
"""

from __future__ import annotations

import math
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import Metric, MetricKind
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import shown

FORMATTED: Final[tuple[MetricKind, ...]] = ("avg", "sum", "min", "max", "stats", "extended_stats", "value_count")
MAX_PERCENTS: Final = 1000
DEFAULT_PERCENTS: Final[tuple[float, ...]] = (1, 5, 25, 50, 75, 95, 99)


def parse_metric(kind: MetricKind, json: JsonObject) -> Metric:
    """Return avg, sum, min, max, value_count, stats or extended_stats. Raises a UsageError that names what is wrong."""
    json.refuse("script")
    return Metric(
        kind=kind,
        field=json.required_text("field"),
        missing=json.scalar("missing"),
        sigma=json.number("sigma", 2.0, minimum=0) if kind == "extended_stats" else 2.0,
        format=json.text("format"),
    )


def parse_cardinality(json: JsonObject) -> Metric:
    """Return how many different values a field has. `execution_hint` changes no answer and is only checked."""
    json.refuse("script", "rehash")
    json.choice("execution_hint", ("global_ordinals", "segment_ordinals", "direct", "save_memory_heuristic"), "")
    return Metric(
        kind="cardinality",
        field=json.required_text("field"),
        missing=json.scalar("missing"),
        precision_threshold=json.integer("precision_threshold", 3000),
    )


def parse_percentiles(json: JsonObject) -> Metric:
    """Return percentiles. Ours are exact, so that what `tdigest` says of its accuracy is only checked."""
    json.refuse("script", "hdr")
    json.read("tdigest", _check_digest, None)
    return Metric(
        kind="percentiles",
        field=json.required_text("field"),
        missing=json.scalar("missing"),
        percents=json.read("percents", _percents, DEFAULT_PERCENTS),
        keyed=json.boolean("keyed", default=True),
        format=json.text("format"),
    )


def _check_digest(value: Any) -> None:
    digest = JsonObject(value, "tdigest")
    digest.number("compression", 100, minimum=0)
    digest.choice("execution_hint", ("default", "high_accuracy"), "default")
    digest.end()


def _percents(value: Any) -> tuple[float, ...]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise UsageError("[percents] must not be empty")
    if len(values) > MAX_PERCENTS:
        raise UsageError(f"[percents] must not be more than {MAX_PERCENTS}")
    return tuple(sorted({_percent(one) for one in values}))


def _percent(value: Any) -> float:
    try:
        percent = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        percent = math.nan
    if not 0 <= percent <= 100:
        raise UsageError(f"percent must be in [0,100], got [{shown(value)}]")
    return percent
