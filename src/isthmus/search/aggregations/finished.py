"""Aggregations whose numbers are final: what pipelines read and answers show."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from isthmus.query.aggregation_tree import Aggregation
from isthmus.query.aggregations.paths import Step
from isthmus.query.partial import Best
from isthmus.search.aggregations.numbers import Numbers


@dataclass(slots=True, kw_only=True)
class Measured:
    """A metric; `date_format` tells how its numbers are shown if they are dates, `is_boolean` that they are of true
    and false."""

    asked: Aggregation
    numbers: Numbers
    date_format: str | None = None
    is_boolean: bool = False


@dataclass(slots=True, kw_only=True)
class Computed:
    """What a pipeline made: `value` is None where there is none; `members` is what stands beside it."""

    asked: Aggregation
    kind: str
    value: float | None
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class TopHitsFound:
    """The best hits of a bucket."""

    asked: Aggregation
    best: Best


@dataclass(slots=True, kw_only=True)
class FinishedBucket:
    """`key` compares; `label` names the bucket in keyed answers and pipelines; `members` are what answers show of it
    beside the count and the aggregations below."""

    key: Any
    label: str
    doc_count: int
    members: Mapping[str, Any]
    aggregations: dict[str, Finished] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class One:
    """An aggregation of one bucket."""

    asked: Aggregation
    bucket: FinishedBucket


@dataclass(slots=True, kw_only=True)
class Many:
    """An aggregation of many buckets; `kind` is its name in `typed_keys`, `members` stand beside the buckets."""

    asked: Aggregation
    kind: str
    buckets: list[FinishedBucket]
    members: Mapping[str, Any] = field(default_factory=dict)
    keyed: bool = False


Finished: TypeAlias = Measured | Computed | TopHitsFound | One | Many


def number_at(bucket: FinishedBucket, steps: tuple[Step, ...]) -> float | None:
    """Return the number at a path below a bucket: NaN where it has no value, None where nothing is there."""
    step = steps[0]
    if step.name == "_count":
        return bucket.doc_count
    if step.name == "_key":
        return bucket.key if isinstance(bucket.key, int | float) else None
    found = bucket.aggregations.get(step.name)
    return None if found is None else _number_of(found, step, steps[1:])


def _number_of(found: Finished, step: Step, rest: tuple[Step, ...]) -> float | None:
    match found:
        case Measured():
            return _or_nan(found.numbers.get(_number_name(found, step.key)))
        case Computed():
            return _or_nan(found.value)
        case One():
            return number_at(found.bucket, rest) if rest else found.bucket.doc_count
        case Many():
            return _number_in_many(found, step, rest)
        case _:
            return None


def _number_name(found: Measured, key: str | None) -> str:
    if key is None:
        return "value"
    return str(float(key)) if found.asked.type == "percentiles" else key


def _number_in_many(found: Many, step: Step, rest: tuple[Step, ...]) -> float | None:
    if step.key == "_bucket_count" or (rest and rest[0].name == "_bucket_count"):
        return len(found.buckets)
    chosen = next((bucket for bucket in found.buckets if bucket.label == step.key), None)
    if chosen is None:
        return None
    return number_at(chosen, rest) if rest else chosen.doc_count


def _or_nan(number: float | None) -> float:
    return math.nan if number is None else number
