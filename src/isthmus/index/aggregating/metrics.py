"""Numbers of a field's values: the parts of avg, sum, min, max, value_count, stats and extended_stats.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-metrics.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tantivy

from isthmus.index.aggregating.ground import Column, Ground, both
from isthmus.index.aggregating.plan import Plan
from isthmus.query.aggregation_tree import Metric
from isthmus.query.partial import Metrics


def metric_plan(ground: Ground, metric: Metric) -> Plan | None:
    """How Tantivy makes a metric's parts; None where the documents without a value must be counted apart."""
    column = metric_column(ground, metric)
    if column is None or metric.missing is not None:
        return None
    kind = "extended_stats" if column.numeric else "value_count"
    shown = date_format(column, metric)
    return Plan(request={kind: {"field": column.slot}}, read=lambda answer: metrics_of(answer, column, shown))


def metric_apart(ground: Ground, query: tantivy.Query, metric: Metric) -> Metrics:
    """A metric of an unmapped field, or one with `missing`: that value counts once for each document without one."""
    column = metric_column(ground, metric)
    parts = Metrics()
    if column is not None:
        kind = "extended_stats" if column.numeric else "value_count"
        answer = ground.run(query, {"metric": {kind: {"field": column.slot}}})["metric"]
        parts = metrics_of(answer, column, date_format(column, metric))
    elif ground.shared(metric.field) is not None:
        parts = Metrics(count=ground.count(query))
    if metric.missing is None:
        return parts
    absent = ground.count(both(query, ground.absent(metric.field)))
    return with_missing(parts, absent, missing_number(ground, metric))


def metric_column(ground: Ground, metric: Metric) -> Column | None:
    return ground.column(metric.field, metric.kind, numbers=metric.kind != "value_count")


def metrics_of(answer: Mapping[str, Any], column: Column, shown: str | None) -> Metrics:
    if "value" in answer:
        return Metrics(count=int(answer["value"]))
    return Metrics(
        count=answer["count"],
        sum=answer["sum"],
        sum_of_squares=answer["sum_of_squares"] or 0.0,
        minimum=answer["min"],
        maximum=answer["max"],
        date_format=shown,
        is_boolean=column.field.type == "boolean",
    )


def with_missing(parts: Metrics, absent: int, value: float | None) -> Metrics:
    if not absent:
        return parts
    if value is None:
        return Metrics(count=parts.count + absent)
    return Metrics(
        count=parts.count + absent,
        sum=parts.sum + absent * value,
        sum_of_squares=parts.sum_of_squares + absent * value * value,
        minimum=value if parts.minimum is None else min(parts.minimum, value),
        maximum=value if parts.maximum is None else max(parts.maximum, value),
        date_format=parts.date_format,
        is_boolean=parts.is_boolean,
    )


def missing_number(ground: Ground, metric: Metric) -> float | None:
    field = ground.field(metric.field)
    if field is not None and field.column == "keyword":
        return None
    if field is None or isinstance(metric.missing, (int, float)):
        return float(metric.missing or 0)
    return float(ground.column_value(field, metric.missing))


def date_format(column: Column, metric: Metric) -> str | None:
    if column.field.type != "date" or metric.kind == "value_count":
        return None
    return metric.format or "||".join(column.field.formats) or None
