"""Pipeline aggregations from JSON: numbers made of other aggregations' results.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-pipeline.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import GapPolicy, Order, Pipeline, PipelineKind
from isthmus.query.aggregations.intervals import CALENDAR, milliseconds
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ParsingError, token_of
from isthmus.query.sort_parsing import direction

GAP_POLICIES: Final[tuple[GapPolicy, ...]] = ("skip", "insert_zeros", "keep_values")
MAX_SORTS: Final = 32


def parse_pipeline(kind: PipelineKind, json: JsonObject) -> Pipeline:
    """Return cumulative_sum, derivative or max_bucket. Raises a UsageError that names what is wrong."""
    return Pipeline(
        kind=kind,
        buckets_path=_only_path(json),
        gap_policy="skip" if kind == "cumulative_sum" else _gap_policy(json),
        format=json.text("format"),
        unit=json.read("unit", _unit, None) if kind == "derivative" else None,
    )


def parse_bucket_sort(json: JsonObject) -> Pipeline:
    """Return what reorders and cuts its parent's buckets."""
    parsed = Pipeline(
        kind="bucket_sort",
        gap_policy=_gap_policy(json),
        sort=json.read("sort", _sort, ()),
        from_=json.integer("from", 0),
        size=json.integer("size", 0, minimum=1) or None,
    )
    if not parsed.sort and parsed.size is None and not parsed.from_:
        raise UsageError("[bucket_sort] is configured to perform nothing. Please set either of [sort, size, from]")
    return parsed


def _only_path(json: JsonObject) -> str:
    paths = json.texts("buckets_path")
    if not paths:
        json.refuse_misspelt("buckets_path")
        raise ParsingError(f"Missing required field [buckets_path] for aggregation of type [{json.where}]")
    if len(paths) > 1:
        raise UsageError(f"[buckets_path] must contain a single entry for [{json.where}]")
    return paths[0]


def _gap_policy(json: JsonObject) -> GapPolicy:
    return json.choice("gap_policy", GAP_POLICIES, GAP_POLICIES[0])


def _unit(value: Any) -> str:
    if isinstance(value, str) and value in CALENDAR:
        return value
    milliseconds(value)
    return str(value)


def _sort(value: Any) -> tuple[Order, ...]:
    sorts = value if isinstance(value, list) else [value]
    if len(sorts) > MAX_SORTS:
        raise UsageError(f"more than {MAX_SORTS} sorts")
    return tuple(order for one in sorts for order in _orders(one))


def _orders(sort: Any) -> list[Order]:
    if isinstance(sort, str):
        return [(sort, sort != "_score")]
    if not isinstance(sort, Mapping):
        raise ParsingError(f"Expected a path or an object in [sort], but got a [{token_of(sort)}]")
    return [(path, _ascending(path, how)) for path, how in sort.items()]


def _ascending(path: str, how: Any) -> bool:
    if isinstance(how, str):
        return direction(how)
    json = JsonObject(how, path)
    ascending = direction(json.json("order")) if "order" in json else True
    json.end()
    return ascending
