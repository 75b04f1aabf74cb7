"""The different values of a field, and how often each occurs: for cardinality and percentiles. Exact up to a bound;
beyond it an estimate, or a histogram so fine that it does not matter.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-metrics-cardinality-aggregation.html
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-metrics-percentile-aggregation.html
"""

from __future__ import annotations

from typing import Any

import tantivy

from isthmus.index.aggregating.ground import Column, Ground, both
from isthmus.query.aggregation_tree import Metric
from isthmus.query.partial import Distinct, Distribution

MOST_VALUES = 10_000
FINE = 10_000


def distinct_values(ground: Ground, query: tantivy.Query, metric: Metric) -> Distinct:
    column = ground.column(metric.field, metric.kind)
    value = ground.shared(metric.field)
    if value is not None:
        return Distinct(values=[value] if ground.count(query) else [])
    counts, all_seen = counts_of(ground, query, column)
    if column is not None and not all_seen:
        return Distinct(estimate=ground.searcher.cardinality(query, column.slot))
    if metric.missing is not None and ground.count(both(query, ground.absent(metric.field))):
        counts.setdefault(missing_value(ground, metric), 0)
    return Distinct(values=sorted(counts))


def distribution(ground: Ground, query: tantivy.Query, metric: Metric) -> Distribution:
    column = ground.column(metric.field, metric.kind, numbers=True)
    counts, all_seen = counts_of(ground, query, column)
    if column is not None and not all_seen:
        counts = fine_counts(ground, query, column)
    if metric.missing is not None:
        absent = ground.count(both(query, ground.absent(metric.field)))
        value = missing_value(ground, metric)
        counts[value] = counts.get(value, 0) + absent
    pairs = sorted((float(value), count) for value, count in counts.items() if count)
    is_date = column is not None and column.field.type == "date"
    return Distribution(
        values=[value for value, _ in pairs],
        counts=[count for _, count in pairs],
        date_format=(metric.format or "||".join(column.field.formats)) if column and is_date else None,
    )


def counts_of(ground: Ground, query: tantivy.Query, column: Column | None) -> tuple[dict[Any, int], bool]:
    """How many documents have each value, and whether there are no others."""
    if column is None:
        return {}, True
    asked = {"field": column.slot, "size": MOST_VALUES, "segment_size": MOST_VALUES}
    answer = ground.run(query, {"terms": {"terms": asked}})["terms"]
    counts = {part["key"]: part["doc_count"] for part in answer["buckets"]}
    return counts, not answer["sum_other_doc_count"]


def fine_counts(ground: Ground, query: tantivy.Query, column: Column) -> dict[Any, int]:
    """Counts of the middles of fine intervals, between the least and the greatest value."""
    found = ground.run(query, {"stats": {"stats": {"field": column.slot}}})["stats"]
    low, high = found["min"], found["max"]
    width = (high - low) / FINE
    asked = {"field": column.slot, "interval": width, "offset": low % width, "min_doc_count": 1}
    answer = ground.run(query, {"histogram": {"histogram": asked}})["histogram"]
    counts: dict[Any, int] = {}
    for part in answer["buckets"]:
        middle = min(high, max(low, part["key"] + width / 2))
        counts[middle] = counts.get(middle, 0) + part["doc_count"]
    return counts


def missing_value(ground: Ground, metric: Metric) -> Any:
    field = ground.field(metric.field)
    return metric.missing if field is None else ground.column_value(field, metric.missing)
