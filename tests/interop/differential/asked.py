"""One request of the comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["search", "multi", "plain"]


@dataclass(frozen=True)
class Asked:
    """`name` is unique. `kind` says how answers compare: as a search, as several, or as plain JSON without the keys
    of `ignoring`."""

    name: str
    method: str
    path: str
    body: Any = None
    kind: Kind = "plain"
    ignoring: frozenset[str] = frozenset()

    @property
    def family(self) -> str:
        """What stands before the slash of the name."""
        return self.name.partition("/")[0]


def searches(family: str, index: str, bodies: Mapping[str, Mapping[str, Any]], *, method: str = "POST") -> list[Asked]:
    """A search of `index` for each body, named `family/name`."""
    return [
        Asked(f"{family}/{name}", method, f"/{index}/_search", dict(body), "search") for name, body in bodies.items()
    ]


def queries(family: str, index: str, trees: Mapping[str, Mapping[str, Any]]) -> list[Asked]:
    """A search of `index` for each query, of up to 50 hits, counted exactly."""
    bodies = {name: {"query": tree, "size": 50, "track_total_hits": True} for name, tree in trees.items()}
    return searches(family, index, bodies)


def aggregated(family: str, index: str, trees: Mapping[str, Mapping[str, Any]]) -> list[Asked]:
    """A search of `index` without hits for each set of aggregations."""
    return searches(family, index, {name: {"size": 0, "aggs": tree} for name, tree in trees.items()})


def gets(family: str, paths: Mapping[str, str], *, ignoring: frozenset[str] = frozenset()) -> list[Asked]:
    """A GET for each path."""
    return [Asked(f"{family}/{name}", "GET", path, ignoring=ignoring) for name, path in paths.items()]


def lines(*values: Any) -> str:
    """The values as NDJSON."""
    return "".join(json.dumps(value) + "\n" for value in values)
