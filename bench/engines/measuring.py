"""The figures of one engine."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.engines.accounts import cpu_seconds, memory
from bench.engines.workloads import INDEX, MAPPED, SEARCHES
from isthmus.demo.corpus import LOG_MAPPING, log_lines
from tests.interop.sides.side import Line, Side, wait_until_served

LINES = int(os.environ.get("ISTHMUS_BENCH_LINES", "200000"))
WARM_LINES = LINES // 2
BATCH = 500
SMALL_INDICES = 300
# A machine that compiles as it runs needs thousands of requests before it is as fast as it gets.
WARM_SEARCHES = 6000
SECONDS = 6.0
CLIENT_SECONDS = 600.0


@dataclass(frozen=True)
class Figure:
    """A value, its unit, and what the project aims at."""

    value: float
    unit: str
    goal: str | None = None


Figures = dict[str, Figure]


def measure(make: Callable[[Path], Side], root: Path) -> Figures:
    """Start a node, load it, ask it, start it again; then another with many small indices."""
    side = make(root / "one")
    figures: Figures = {"start, empty": Figure(_start(side), "s", "≤ 0.25×")}
    try:
        with Line(side.address) as line:
            figures |= _loading(side, line)
            figures |= _searching(side)
            figures |= _single(side)
            figures |= _memory(side, "after load")
    finally:
        side.process.stop()
    figures["start, loaded"] = Figure(_start(side, f"/{INDEX}/_count"), "s", "≤ 0.25×")
    side.process.stop()
    return figures | _many(make(root / "many"))


def _start(side: Side, path: str = "/_cluster/health") -> float:
    """Seconds from the start of the process to its first answer to `path`."""
    begun = time.perf_counter()
    side.process.start()
    wait_until_served(side)
    with Line(side.address) as line:
        while line.ask("GET", path).status != 200:
            time.sleep(0.02)
    return time.perf_counter() - begun


def _loading(side: Side, line: Line) -> Figures:
    for index, count, seed in (("warm", WARM_LINES, 2), (INDEX, LINES, 1)):
        line.must("PUT", f"/{index}", {**MAPPED, "mappings": LOG_MAPPING})
        before = cpu_seconds(side.process.pid)
        report = _run(side, {"lines": count, "batch": BATCH, "seed": seed, "index": index, "clients": 2})
        used = cpu_seconds(side.process.pid) - before
    line.must("DELETE", "/warm")
    return {
        "bulk, until refreshed": Figure(LINES / report["seconds"], "docs/s", "≥ 0.5×"),
        "bulk, until acknowledged": Figure(LINES / report["acknowledged"], "docs/s"),
        "bulk, CPU for a document": Figure(used / LINES * 1e6, "µs"),
    }


def _searching(side: Side) -> Figures:
    figures: Figures = {}
    mixed = [_search(body) for body in SEARCHES.values()]
    _run(side, {"requests": mixed, "warm": WARM_SEARCHES, "count": 1, "clients": 4, "seconds": 60.0})
    for name, body in SEARCHES.items():
        alone = _asked(side, f"{name}, one by one", [_search(body)], 400, 1)
        together = _asked(side, f"{name}, 4 at once", [_search(body)], 800, 4)
        figures |= _without(alone, "rate", "CPU") | _without(together, "p50")
    return figures | _asked(side, "all searches in turn, 4 at once", mixed, 3000, 4)


def _search(body: dict[str, Any]) -> tuple[str, str, str]:
    return "POST", f"/{INDEX}/_search", json.dumps(body)


def _without(figures: Figures, *kinds: str) -> Figures:
    return {name: figure for name, figure in figures.items() if name.rpartition(": ")[2] not in kinds}


def _single(side: Side) -> Figures:
    lines = [json.dumps(line) for line in log_lines(2000, seed=3)]
    figures: Figures = {}
    for clients in (1, 4, 16):
        asked = [("PUT", f"/{INDEX}/_doc/{clients}-{at}", line) for at, line in enumerate(lines)]
        figures |= _asked(side, f"single durable writes, {clients} at once", asked, 1500, clients)
    gets = [("GET", f"/{INDEX}/_doc/4-{at}", None) for at in range(1000)]
    return figures | _asked(side, "get by id, 4 at once", gets, 2000, 4)


def _many(side: Side) -> Figures:
    _start(side)
    try:
        with Line(side.address) as line:
            for number, document in enumerate(log_lines(SMALL_INDICES, seed=4)):
                line.must("PUT", f"/small-{number}", {**MAPPED, "mappings": LOG_MAPPING})
                line.must("PUT", f"/small-{number}/_doc/1?refresh=true", document)
            return _memory(side, f"with {SMALL_INDICES} small indices")
    finally:
        side.process.stop()


def _memory(side: Side, when: str) -> Figures:
    held = memory(side.process.pid)
    return {
        f"memory {when}, anonymous": Figure(held.anonymous, "MiB", "≤ 0.3×"),
        f"memory {when}, of files": Figure(held.of_files, "MiB"),
    }


def _asked(side: Side, name: str, asked: list[Any], count: int, clients: int) -> Figures:
    before = cpu_seconds(side.process.pid)
    job = {"requests": asked, "warm": count // 2, "count": count, "clients": clients, "seconds": SECONDS}
    report = _run(side, job)
    times = sorted(report["times"])
    used = (cpu_seconds(side.process.pid) - before) / (len(times) + report["warmed"])
    return {
        f"{name}: p50": Figure(statistics.median(times) * 1e3, "ms", "≤ 1×"),
        f"{name}: p99": Figure(times[int(len(times) * 0.99)] * 1e3, "ms", "≤ 1×"),
        f"{name}: rate": Figure(len(times) / report["seconds"], "/s", "≥ 1×"),
        f"{name}: CPU": Figure(used * 1e3, "ms"),
    }


def _run(side: Side, job: dict[str, Any]) -> Any:
    address = side.address
    job |= {"url": address.url, "trust": str(address.trust), "authorization": address.authorization}
    done = subprocess.run(
        [sys.executable, "-m", "bench.engines.client"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=CLIENT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the client failed: {done.stderr[-1500:]}")
    return json.loads(done.stdout)
