"""`isthmus certutil cert` for a hundred instances, as a whole process."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.processes import median_seconds
from bench.rows import Row

INSTANCES = 100
ISTHMUS = [sys.executable, "-m", "isthmus"]


def run() -> list[Row]:
    """Measure start-up, PEM with P-256 and RSA-2048, and PKCS#12."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_instances(folder / "instances.yml")
        return [
            Row("certutil start-up (--help)", _time(folder, "--help"), "s", goal="< 0.4"),
            Row("certutil cert, 100 × P-256, PEM", _time(folder, *_cert("--pem")), "s", goal="< 1.5"),
            Row("certutil cert, 100 × P-256, PKCS#12", _time(folder, *_cert("--pass", "")), "s", goal="< 3.5"),
            Row("certutil cert, 100 × RSA-2048, PEM", _time(folder, *_cert("--pem", "--keysize", "2048")), "s"),
        ]


def _cert(*options: str) -> list[str]:
    return ["cert", "--silent", "--in", "instances.yml", "--out", "out.zip", "--force", *options]


def _time(folder: Path, *arguments: str) -> float:
    return median_seconds([*ISTHMUS, "certutil", *arguments], folder)


def _write_instances(path: Path) -> None:
    lines = ["instances:\n"]
    for number in range(INSTANCES):
        lines.append(f"  - name: node{number}\n    dns: [node{number}.example.com]\n    ip: [10.0.0.{number + 1}]\n")
    path.write_text("".join(lines))
