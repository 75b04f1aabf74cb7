"""`make bench`: every figure side by side in one run, printed and saved under bench/results/."""

from __future__ import annotations

import datetime
import importlib
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from bench.rows import Row, table

SUITES = (
    "certutil",
    "rotation",
    "node",
    "handshakes",
    "transport_rpc",
    "engines",
    "authorization",
    "forwarding",
    "security",
    "remote_clusters",
)
RESULTS = Path(__file__).parent / "results"


def main(names: list[str]) -> int:
    """Run the suites named (all without names); return 64 for an unknown name."""
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"no suite [{unknown[0]}]; there are {', '.join(SUITES)}", file=sys.stderr)
        return 64
    rows: list[Row] = []
    for name in names or SUITES:
        print(f"… {name}", file=sys.stderr)
        rows += importlib.import_module(f"bench.{name}").run()
    print(table(rows))
    print(f"saved in {_save(rows)}")
    return 0


def _save(rows: list[Row]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.datetime.now(datetime.UTC)
    file = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    machine = {"python": platform.python_version(), "processor": platform.processor() or platform.machine()}
    file.write_text(json.dumps({"at": now.isoformat(), **machine, "rows": [asdict(row) for row in rows]}, indent=1))
    return file.relative_to(RESULTS.parent.parent)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
