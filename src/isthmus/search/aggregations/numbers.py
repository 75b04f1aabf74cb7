"""The numbers of finished metrics, by the names that answers and paths give them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-metrics.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import Metric
from isthmus.query.partial import Distinct, Distribution, Metrics, Partial

Numbers: TypeAlias = Mapping[str, float | None]


def numbers_of(metric: Metric, partial: Partial | None) -> Numbers:
    """Return a metric's numbers; those that need values are None where there were none.

    The one number of a metric with one is `value`, those of percentiles are the percents.
    """
    match partial:
        case Metrics():
            return _of_metrics(metric, partial)
        case Distinct():
            return {"value": len(partial.values) if partial.estimate is None else round(partial.estimate)}
        case Distribution():
            return {str(float(percent)): _percentile(partial, percent) for percent in metric.percents}
        case None:
            return numbers_of(metric, _nothing(metric))
        case _:
            raise UsageError(f"[{metric.kind}] was answered with [{type(partial).__name__}]")


def _nothing(metric: Metric) -> Partial:
    if metric.kind == "cardinality":
        return Distinct()
    return Distribution() if metric.kind == "percentiles" else Metrics()


def _of_metrics(metric: Metric, parts: Metrics) -> Numbers:
    average = parts.sum / parts.count if parts.count else None
    match metric.kind:
        case "stats" | "extended_stats":
            stats: Numbers = {
                "count": parts.count,
                "min": _double(parts.minimum),
                "max": _double(parts.maximum),
                "avg": average,
                "sum": float(parts.sum),
            }
            return stats if metric.kind == "stats" else {**stats, **_spread(parts, metric.sigma)}
        case "avg":
            return {"value": average}
        case "sum":
            return {"value": float(parts.sum)}
        case "min":
            return {"value": _double(parts.minimum)}
        case "max":
            return {"value": _double(parts.maximum)}
        case _:
            return {"value": parts.count}


def _spread(parts: Metrics, sigma: float) -> Numbers:
    squares = parts.sum_of_squares - parts.sum * parts.sum / parts.count if parts.count else 0.0
    population = max(squares, 0.0) / parts.count if parts.count else None
    # Of one value there is a sampling variance, and it is not a number.
    sampling = max(squares, 0.0) / (parts.count - 1) if parts.count > 1 else (math.nan if parts.count else None)
    average = parts.sum / parts.count if parts.count else None
    wide, wide_sampling = _root(population), _root(sampling)
    return {
        "sum_of_squares": float(parts.sum_of_squares) if parts.count else None,
        "variance": population,
        "variance_population": population,
        "variance_sampling": sampling,
        "std_deviation": wide,
        "std_deviation_population": wide,
        "std_deviation_sampling": wide_sampling,
        "std_upper": _beside(average, wide, sigma),
        "std_lower": _beside(average, wide, -sigma),
        "std_upper_population": _beside(average, wide, sigma),
        "std_lower_population": _beside(average, wide, -sigma),
        "std_upper_sampling": _beside(average, wide_sampling, sigma),
        "std_lower_sampling": _beside(average, wide_sampling, -sigma),
    }


def _double(number: float | None) -> float | None:
    return None if number is None else float(number)


def _root(variance: float | None) -> float | None:
    return None if variance is None else math.sqrt(variance)


def _beside(average: float | None, deviation: float | None, sigma: float) -> float | None:
    return None if average is None or deviation is None else average + sigma * deviation


def _percentile(distribution: Distribution, percent: float) -> float | None:
    """The value at a percent of the way through the sorted values, between two of them by their distance."""
    count = sum(distribution.counts)
    if not count:
        return None
    place = percent / 100 * (count - 1)
    low = math.floor(place)
    share = place - low
    below, above = _at(distribution, low), _at(distribution, min(low + 1, count - 1))
    return float(below * (1 - share) + above * share if share else below)


def _at(distribution: Distribution, place: int) -> float:
    seen = 0
    for value, count in zip(distribution.values, distribution.counts, strict=True):
        seen += count
        if place < seen:
            return value
    return distribution.values[-1]
