"""From the JSON of `aggs` to aggregations, bounded in depth and number.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import (
    Aggregation,
    Body,
    CompositeBuckets,
    FilterBucket,
    GlobalBucket,
    Metric,
    Pipeline,
    TopHits,
)
from isthmus.query.aggregations.buckets import ParseQuery
from isthmus.query.aggregations.path_checks import check_paths
from isthmus.query.aggregations.registry import parse_body
from isthmus.query.mistakes import ParsingError, shown, token_of

MAX_DEPTH: Final = 30
MAX_AGGREGATIONS: Final = 1024
MAX_NAME: Final = 1000
_BELOW: Final = ("aggs", "aggregations")


def parse_aggregations(value: Any, parse_query: ParseQuery) -> tuple[Aggregation, ...]:
    """Return the aggregations that the object of `aggs` names.

    Raises ParsingError where the shape, a name or a type is wrong, ValidationError where a pipeline has no source,
    and other UsageErrors for what a body says wrong.
    """
    parsed = _Parser(parse_query).named(value, parents=())
    check_paths(parsed)
    return parsed


@dataclass
class _Parser:
    """Reads one tree; `found` counts its aggregations."""

    parse_query: ParseQuery
    found: int = 0

    def named(self, value: Any, parents: tuple[Body, ...]) -> tuple[Aggregation, ...]:
        if not isinstance(value, Mapping):
            raise ParsingError(f"Unknown key for a {token_of(value)} in [aggs].")
        if len(parents) >= MAX_DEPTH:
            raise ParsingError(f"The nested depth of the aggregations exceeds the maximum of {MAX_DEPTH}")
        return tuple(self._one(name, definition, parents) for name, definition in value.items())

    def _one(self, name: str, definition: Any, parents: tuple[Body, ...]) -> Aggregation:
        self.found += 1
        if self.found > MAX_AGGREGATIONS:
            raise ParsingError(f"A request may have {MAX_AGGREGATIONS} aggregations at most")
        _check_name(name)
        kind, body = self._type_and_body(name, definition)
        _check_parents(name, body, parents)
        return Aggregation(
            name=name,
            type=kind,
            body=body,
            aggregations=self._below(name, kind, definition, (*parents, body)),
            meta=_meta(name, definition),
        )

    def _type_and_body(self, name: str, definition: Any) -> tuple[str, Body]:
        if not isinstance(definition, Mapping):
            raise ParsingError(
                f"Aggregation definition for [{shown(name)}] starts with a [{token_of(definition)}], "
                "expected a [START_OBJECT]."
            )
        types = [key for key in definition if key not in (*_BELOW, "meta")]
        if not types:
            raise ParsingError(f"Missing definition for aggregation [{shown(name)}]")
        if len(types) > 1:
            two = f"[{shown(types[0])}] and [{shown(types[1])}]"
            raise ParsingError(f"Found two aggregation type definitions in [{shown(name)}]: {two}")
        return types[0], parse_body(types[0], definition[types[0]], name, self.parse_query)

    def _below(
        self, name: str, kind: str, definition: Mapping[str, Any], parents: tuple[Body, ...]
    ) -> tuple[Aggregation, ...]:
        given = [key for key in _BELOW if key in definition]
        if len(given) > 1:
            raise ParsingError(f"Found two sub aggregation definitions under [{shown(name)}]")
        below = self.named(definition[given[0]], parents) if given else ()
        if below and isinstance(parents[-1], Metric | TopHits | Pipeline):
            raise UsageError(f"Aggregator [{shown(name)}] of type [{kind}] cannot accept sub-aggregations")
        return below


def _check_name(name: str) -> None:
    if not name or len(name) > MAX_NAME or set(name) & set("[]>"):
        raise ParsingError(
            f"Invalid aggregation name [{shown(name)}]. "
            "Aggregation names can contain any character except '[', ']', and '>'"
        )


def _meta(name: str, definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    meta = definition.get("meta")
    if meta is not None and not isinstance(meta, Mapping):
        raise ParsingError(f"Expected [START_OBJECT] under [meta], but got a [{token_of(meta)}] in [{shown(name)}]")
    return meta


def _check_parents(name: str, body: Body, parents: tuple[Body, ...]) -> None:
    if isinstance(body, GlobalBucket) and parents:
        raise UsageError(f"Aggregator [{shown(name)}] of type [global] can only be defined as a top level aggregation")
    if isinstance(body, CompositeBuckets) and not all(isinstance(one, FilterBucket) for one in parents):
        raise UsageError(f"[composite] aggregation [{shown(name)}] cannot be used below an aggregation of this type")
