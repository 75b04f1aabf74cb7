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
INSTALLED = ROOT / "tests" / "javascript" / "node_modules"
NO_CLIENT = "`make javascript` installs the JavaScript client; ISTHMUS_JS_CLIENT may name another"
TIMEOUT = 180.0


def drive_python(address: Address, release: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the script with the client in the folder `release`, or with the one of this environment."""
    path = [str(ROOT), *([] if release is None else [release])]
    command = [sys.executable, "-m", "tests.live.driving"]
    return _run(command, address, {"PYTHONPATH": os.pathsep.join(reversed(path))})


def drive_javascript(address: Address, modules: str) -> subprocess.CompletedProcess[str]:
    """Run the script with the client in the folder `modules`."""
    return _run(["node", str(Path(__file__).with_name("driving.cjs"))], address, {"NODE_PATH": modules})


def javascript_client() -> str | None:
    """The folder of modules that ISTHMUS_JS_CLIENT names or `make javascript` made, if there is a node to run it."""
    return _runnable(os.environ.get("ISTHMUS_JS_CLIENT") or (str(INSTALLED) if INSTALLED.is_dir() else None))


def javascript_client_8() -> str | None:
    """The folder of modules with the client's release 8 that ISTHMUS_JS_CLIENT_8 names, if there is a node."""
    return _runnable(os.environ.get("ISTHMUS_JS_CLIENT_8"))


def _runnable(modules: str | None) -> str | None:
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
