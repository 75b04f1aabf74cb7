"""The official clients as processes of their own, found on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.interop.sides.side import Address

ROOT = Path(__file__).parents[2]
TIMEOUT = 180.0


def drive_python(address: Address, release: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the script with the client in the folder `release`, or with the one of this environment."""
    path = [str(ROOT), *([] if release is None else [release])]
    command = [sys.executable, "-m", "tests.live.driving"]
    return _run(command, address, {"PYTHONPATH": os.pathsep.join(reversed(path))})


def drive_javascript(address: Address, modules: str) -> subprocess.CompletedProcess[str]:
    """Run the script with the client in the folder `modules`."""
    return _run(["node", str(Path(__file__).with_name("driving.cjs"))], address, {"NODE_PATH": modules})


def javascript_client(variable: str = "ISTHMUS_JS_CLIENT") -> str | None:
    """The folder of modules that the variable names, if there is a node to run it."""
    modules = os.environ.get(variable)
    return modules if modules and shutil.which("node") else None


def _run(command: list[str], address: Address, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, address.url, str(address.trust), address.user, address.password],
        env={**os.environ, **environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
