"""Planning a rotation of a thousand nodes, and the doctor on a hundred folders, as whole processes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from bench.processes import median_seconds
from bench.rows import Row
from isthmus.lifecycle.rotation.inventory import Inventory, NodeEntry
from isthmus.lifecycle.rotation.outline import phases_of
from isthmus.lifecycle.rotation.plan import FORMAT_VERSION, ChannelRecord, HoldingRecord, PartyRecord, Plan

MANY = 1000
FOLDERS = 100
ISTHMUS = [sys.executable, "-m", "isthmus"]


def run() -> list[Row]:
    """Measure the steps of a plan alone, and the doctor with reading, judging and 9,900 pairs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = _folders(folder)
        doctor = median_seconds(["sh", "-c", f"{' '.join([*ISTHMUS, 'doctor', *folders])} || test $? -lt 3"], folder, 3)
    return [
        Row(f"rotation plan, {MANY} nodes: its steps", _planning(), "s", goal="< 2"),
        Row(f"doctor, {FOLDERS} folders judged together", doctor, "s"),
    ]


def _planning() -> float:
    plan, vouchers = _plan()
    begun = time.perf_counter()
    phases = phases_of(plan, vouchers)
    assert sum(len(phase.parties) for phase in phases) == 3 * MANY
    return time.perf_counter() - begun


def _plan() -> tuple[Plan, dict[str, frozenset[str]]]:
    names = [f"n{number}" for number in range(MANY)]
    parties = tuple(
        PartyRecord(
            name,
            "node",
            at,
            HoldingRecord(("old",), f"{name} old"),
            HoldingRecord(("new",), f"{name} new"),
            judges=True,
        )
        for at, name in enumerate(names)
    )
    plan = Plan(
        format_version=FORMAT_VERSION,
        started="2026-01-01T00:00:00Z",
        before=("old",),
        after=("new",),
        signer="a bench",
        asked=("transport",),
        channels=(ChannelRecord("transport", parties),),
        inventory=Inventory(tuple(NodeEntry(name) for name in names)),
    )
    return plan, {f"{name} {age}": frozenset({age}) for name in names for age in ("old", "new")}


def _folders(root: Path) -> list[str]:
    lines = ["instances:\n", *(f"  - name: n{number}\n    ip: [127.0.0.1]\n" for number in range(FOLDERS))]
    (root / "instances.yml").write_text("".join(lines))
    subprocess.run(
        [*ISTHMUS, "certutil", "cert", "--silent", "--pem", "--in", "instances.yml", "--out", "certs.zip"],
        cwd=root,
        check=True,
    )
    with zipfile.ZipFile(root / "certs.zip") as archive:
        archive.extractall(root)
    return [_configured(root, f"n{number}") for number in range(FOLDERS)]


def _configured(root: Path, name: str) -> str:
    ssl = {
        "enabled": True,
        "key": f"{name}.key",
        "certificate": f"{name}.crt",
        "certificate_authorities": "../ca/ca.crt",
    }
    settings = {"node.name": name, "network.host": "127.0.0.1", "xpack.security.transport.ssl": ssl}
    (root / name / "elasticsearch.yml").write_text("".join(f"{k}: {json.dumps(v)}\n" for k, v in settings.items()))
    return name
