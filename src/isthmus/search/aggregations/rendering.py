"""Finished aggregations as the JSON that Elasticsearch answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from isthmus.query.aggregation_tree import Metric, TopHits
from isthmus.query.partial import Hit
from isthmus.search.aggregations.dates import Dates
from isthmus.search.aggregations.finished import (
    Computed,
    Finished,
    FinishedBucket,
    Many,
    Measured,
    One,
    TopHitsFound,
)
from isthmus.search.aggregations.formats import decimal, java_double

RenderHits = Callable[[list[Hit], TopHits], list[dict[str, Any]]]
Write = Callable[[float], str]
BOUNDS: Final = {
    "upper": "std_upper",
    "lower": "std_lower",
    "upper_population": "std_upper_population",
    "lower_population": "std_lower_population",
    "upper_sampling": "std_upper_sampling",
    "lower_sampling": "std_lower_sampling",
}


class Rendering:
    """Writes aggregations; `typed_keys` puts their types before their names, `hits` writes hits of top_hits."""

    def __init__(self, dates: Dates, hits: RenderHits, *, typed_keys: bool = False) -> None:
        self._dates = dates
        self._hits = hits
        self._typed_keys = typed_keys

    def named(self, finished: Mapping[str, Finished]) -> dict[str, Any]:
        """Return the object of `aggregations`."""
        return {self._name(name, one): self._one(one) for name, one in finished.items()}

    def _name(self, name: str, finished: Finished) -> str:
        return f"{_kind(finished)}#{name}" if self._typed_keys else name

    def _one(self, finished: Finished) -> dict[str, Any]:
        meta = {} if finished.asked.meta is None else {"meta": dict(finished.asked.meta)}
        match finished:
            case Measured():
                return meta | self._measured(finished)
            case Computed():
                return meta | _computed(finished)
            case TopHitsFound():
                return meta | self._top_hits(finished)
            case One():
                return meta | self._bucket(finished.bucket)
            case Many():
                return meta | dict(finished.members) | {"buckets": self._buckets(finished)}

    def _buckets(self, finished: Many) -> Any:
        if not finished.keyed:
            return [self._bucket(bucket) for bucket in finished.buckets]
        named = {bucket.label: self._bucket(bucket) for bucket in finished.buckets}
        # A key that names its bucket is not said again; one that is a number is.
        return {name: {k: v for k, v in one.items() if k != "key" or v != name} for name, one in named.items()}

    def _bucket(self, bucket: FinishedBucket) -> dict[str, Any]:
        return {**bucket.members, "doc_count": bucket.doc_count, **self.named(bucket.aggregations)}

    def _measured(self, finished: Measured) -> dict[str, Any]:
        metric = finished.asked.body
        if not isinstance(metric, Metric):
            raise TypeError(f"[{finished.asked.name}] is no metric")
        write = self._writer(finished, metric)
        match metric.kind:
            case "percentiles":
                return {"values": _percentiles(finished, metric, write)}
            case "stats":
                return _with_texts(dict(finished.numbers), write)
            case "extended_stats":
                return _extended(finished, write)
            case "value_count" | "cardinality":
                return {"value": finished.numbers["value"]}
            case _:
                return _with_texts({"value": finished.numbers["value"]}, write)

    def _writer(self, finished: Measured, metric: Metric) -> Write | None:
        if finished.date_format is not None:
            shown = finished.date_format
            return lambda number: self._dates.shown(number, shown, None)
        if finished.is_boolean and metric.format is None:
            return lambda number: "true" if number else "false"
        if metric.format is not None:
            pattern = metric.format
            return lambda number: decimal(number, pattern)
        return None

    def _top_hits(self, finished: TopHitsFound) -> dict[str, Any]:
        body, best = finished.asked.body, finished.best
        if not isinstance(body, TopHits):
            raise TypeError(f"[{finished.asked.name}] is no top_hits")
        shown = best.hits[body.from_ : body.from_ + body.size]
        return {
            "hits": {
                "total": {"value": best.total, "relation": "eq"},
                "max_score": best.max_score if not body.sort else None,
                "hits": self._hits(shown, body),
            }
        }


def _kind(finished: Finished) -> str:
    match finished:
        case Many() | Computed():
            return finished.kind
        case Measured() if finished.asked.type == "percentiles":
            return "tdigest_percentiles"
        case _:
            return finished.asked.type


def _computed(finished: Computed) -> dict[str, Any]:
    pattern = getattr(finished.asked.body, "format", None)
    members = {"value": finished.value, **finished.members}
    if pattern is not None and finished.value is not None:
        members["value_as_string"] = decimal(finished.value, pattern)
        if "normalized_value" in members:
            members["normalized_value_as_string"] = decimal(members["normalized_value"], pattern)
    return members


def json_number(number: float | None) -> float | str | None:
    """Return a number as JSON can have it: what is not finite becomes Java's name for it."""
    return number if number is None or math.isfinite(number) else java_double(number)


def _with_texts(numbers: dict[str, float | None], write: Write | None) -> dict[str, Any]:
    shown = {name: json_number(number) for name, number in numbers.items()}
    if write is None or numbers.get("count") == 0:
        return shown
    texts = {f"{name}_as_string": write(number) for name, number in numbers.items() if number is not None}
    texts.pop("count_as_string", None)
    return {**shown, **texts}


def _extended(finished: Measured, write: Write | None) -> dict[str, Any]:
    numbers = finished.numbers
    plain = {name: number for name, number in numbers.items() if name not in BOUNDS.values()}
    answer = _with_texts(plain, write)
    answer["std_deviation_bounds"] = {name: json_number(numbers[source]) for name, source in BOUNDS.items()}
    if write is not None and numbers["count"]:
        bounds = {name: numbers[source] for name, source in BOUNDS.items()}
        answer["std_deviation_bounds_as_string"] = {
            name: write(number) for name, number in bounds.items() if number is not None
        }
    return answer


def _percentiles(finished: Measured, metric: Metric, write: Write | None) -> Any:
    if metric.keyed:
        answer: dict[str, Any] = {}
        for percent, number in finished.numbers.items():
            answer[percent] = number
            if write is not None and number is not None:
                answer[f"{percent}_as_string"] = write(number)
        return answer
    return [
        {"key": float(percent), **_with_texts({"value": number}, write)} for percent, number in finished.numbers.items()
    ]
