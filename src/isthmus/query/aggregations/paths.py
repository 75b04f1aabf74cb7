"""Where pipelines and orders find their numbers: `sales>price.max`, `_count`, `by_status['500']>bytes`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-pipeline.html#buckets-path-syntax
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import Aggregation, Pipeline
from isthmus.query.mistakes import shown

MAX_PATH: Final = 4096


@dataclass(frozen=True, slots=True)
class Step:
    """One aggregation of a path, with the bucket (`h['a']`) or the number (`stats.max`) of it that is meant."""

    name: str
    key: str | None = None


def parse_path(path: str) -> tuple[Step, ...]:
    """Return the steps of a path. Raises UsageError where it is no path."""
    if len(path) > MAX_PATH:
        raise UsageError("[buckets_path] is too long")
    parts = path.split(">")
    return tuple(_step(part, path, last=at == len(parts) - 1) for at, part in enumerate(parts))


def in_order(aggregations: Iterable[Aggregation]) -> list[Aggregation]:
    """Return the pipelines among siblings as they stand, each after those that it reads.

    Raises UsageError where they go in a circle.
    """
    pipelines = {one.name: one for one in aggregations if isinstance(one.body, Pipeline)}
    ordered: dict[str, Aggregation] = {}
    for one in pipelines.values():
        _place(one, pipelines, ordered, ())
    return list(ordered.values())


def _place(
    one: Aggregation, pipelines: dict[str, Aggregation], ordered: dict[str, Aggregation], readers: tuple[str, ...]
) -> None:
    if one.name in readers:
        raise UsageError(f"Cyclical dependency found with pipeline aggregator [{shown(one.name)}]")
    if one.name in ordered:
        return
    for name in _read_by(one):
        if name in pipelines:
            _place(pipelines[name], pipelines, ordered, (*readers, one.name))
    ordered[one.name] = one


def _step(part: str, path: str, *, last: bool) -> Step:
    if part.endswith("]") and "[" in part:
        name, _, key = part[:-1].partition("[")
        return _named(name, key.strip("'\""), path)
    name, dot, key = part.rpartition(".")
    return _named(name, key, path) if dot and last else _named(part, None, path)


def _named(name: str, key: str | None, path: str) -> Step:
    if not name or key == "":
        raise UsageError(f"Invalid path element in path [{shown(path)}]")
    return Step(name, key)


def _read_by(aggregation: Aggregation) -> list[str]:
    return [parse_path(path)[0].name for path in paths_of(aggregation)]


def paths_of(aggregation: Aggregation) -> list[str]:
    """Return the paths that a pipeline reads, none of any other aggregation."""
    body = aggregation.body
    if not isinstance(body, Pipeline):
        return []
    return [path for path, _ in body.sort] if body.kind == "bucket_sort" else [body.buckets_path]
