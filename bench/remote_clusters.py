"""What a search costs because it is of another cluster: against the same search there, ours and Elasticsearch's.

Four nodes in one run: two of Isthmus and two of Elasticsearch, each pair linked by a cross-cluster API key. A row is
the time that the link adds to the median; beside it stands what it adds between two of Elasticsearch.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.rows import Row
from isthmus.demo.corpus import LOG_MAPPING, log_lines
from tests.certificates import make_ca
from tests.interop.engine import find_engine
from tests.interop.links import Linkable, key_of, link, ours, real
from tests.interop.sides.side import Line, running

LINES = 5_000
ROUNDS = 7
COUNT = 60
WARM = 200
GOAL = "≤ 0.7×"
BODIES: Mapping[str, dict[str, Any]] = {
    "10 hits": {"query": {"match": {"message": "request"}}, "size": 10},
    "terms": {"size": 0, "aggs": {"services": {"terms": {"field": "service"}}}},
    "date histogram": {
        "size": 0,
        "query": {"match": {"message": "request"}},
        "aggs": {"time": {"date_histogram": {"field": "@timestamp", "fixed_interval": "1h"}}},
    },
    "1,000 hits": {"query": {"match_all": {}}, "size": 1000},
}
ALIASES: Mapping[str, Mapping[str, Any]] = {"plain": {}, "lz4": {"transport.compress": True}}


@dataclass(frozen=True)
class _Pair:
    """Two linked nodes of one engine: `near` asks, `far` holds the lines."""

    near: Line
    far: Line


def run() -> list[Row]:
    """Measure all in turn, round by round; without Elasticsearch ours alone."""
    with tempfile.TemporaryDirectory() as name, _pairs(Path(name)) as pairs:
        rows: list[Row] = []
        for what, body in BODIES.items():
            for alias in ALIASES:
                rows += _rows(f"{what}, {alias}", pairs, alias, json.dumps(body))
        return rows


def _rows(what: str, pairs: Mapping[str, _Pair], alias: str, body: str) -> list[Row]:
    added: dict[str, list[float]] = {engine: [] for engine in pairs}
    across: dict[str, list[float]] = {engine: [] for engine in pairs}
    for pair in pairs.values():
        _times(pair, alias, body, WARM)
    for _ in range(ROUNDS):
        for engine, pair in pairs.items():
            local, remote = _times(pair, alias, body, COUNT)
            added[engine].append(statistics.median(remote) - statistics.median(local))
            across[engine] += remote
    ms = {engine: statistics.median(values) * 1e3 for engine, values in added.items()}
    rows = []
    for engine in pairs:
        ratio = ms[engine] / ms["Elasticsearch"] if engine == "Isthmus" and "Elasticsearch" in ms else None
        than = "Elasticsearch" if ratio is not None else ""
        rows.append(Row(f"{what}: added by the link, {engine}", ms[engine], "ms", ratio, than, GOAL if ratio else ""))
        ordered = sorted(across[engine])
        rows.append(Row(f"{what}: across, p50, {engine}", statistics.median(ordered) * 1e3, "ms"))
        rows.append(Row(f"{what}: across, p99, {engine}", ordered[int(len(ordered) * 0.99)] * 1e3, "ms"))
    return rows


def _times(pair: _Pair, alias: str, body: str, count: int) -> tuple[list[float], list[float]]:
    """Seconds of the same search asked there and from here, one after the other."""
    local, remote = [], []
    for _ in range(count):
        local.append(_time(lambda: pair.far.must("POST", "/logs/_search", json.loads(body))))
        remote.append(_time(lambda: pair.near.must("POST", f"/{alias}:logs/_search", json.loads(body))))
    return local, remote


def _time(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


@contextmanager
def _pairs(root: Path) -> Iterator[Mapping[str, _Pair]]:
    ca = make_ca("bench CA")
    engine = find_engine()
    made: dict[str, tuple[Linkable, Linkable]] = {"Isthmus": (ours(root / "i1", ca), ours(root / "i2", ca))}
    if isinstance(engine, str):
        print(f"  without Elasticsearch: {engine}", file=sys.stderr)
    else:
        made["Elasticsearch"] = (real(root / "e1", ca, engine), real(root / "e2", ca, engine))
    with ExitStack() as stack:
        pairs = {}
        for name, (near, far) in made.items():
            lines = [stack.enter_context(running(one.side)) for one in (near, far)]
            _store(lines[1])
            key = key_of(lines[1], {"names": ["*"]})
            for alias, more in ALIASES.items():
                link(lines[0], near, alias, far, key, counted="logs", **more)
            pairs[name] = _Pair(*lines)
        yield pairs


def _store(far: Line) -> None:
    settings = {"number_of_shards": 1, "number_of_replicas": 0}
    far.must("PUT", "/logs", {"settings": settings, "mappings": LOG_MAPPING})
    parts = [part for line in log_lines(LINES) for part in ({"index": {"_index": "logs"}}, line)]
    far.must("POST", "/_bulk?refresh=true", "".join(json.dumps(part) + "\n" for part in parts))
