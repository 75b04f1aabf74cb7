"""Real nodes as processes of their own: configured by a folder, reached by what they wrote, ended by their id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from isthmus.errors import UnavailableError

POLL_SECONDS = 0.02


def write_folder(folder: Path, settings: Mapping[str, object]) -> Path:
    """Write `folder/isthmus.yml` with `settings` (dotted names); JSON values are YAML values."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}: {json.dumps(value)}\n" for name, value in settings.items()]
    (folder / "isthmus.yml").write_text("".join(lines))
    return folder


class NodeProcess:
    """`isthmus node` on a configuration folder; its settings must give `path.logs` and `node.portsfile: true`."""

    def __init__(self, folder: Path, logs: Path, *, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.logs = logs
        self._environ = {**os.environ, **(environ or {}), "ISTHMUS_PATH_CONF": str(folder)}
        self._process: subprocess.Popen[bytes] | None = None
        self._output = folder / "terminal.txt"

    @property
    def pid(self) -> int:
        """The process's id; only a started node has one."""
        return self._running.pid

    @property
    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def http(self) -> str:
        """The first address of the HTTP listener, `host:port`."""
        return self._ports("http")

    @property
    def transport(self) -> str:
        """The first address of the transport listener, `host:port`."""
        return self._ports("transport")

    @property
    def remote_cluster(self) -> str:
        """The first address of the listener for other clusters, `host:port`."""
        return self._ports("remote_cluster")

    def start(self, *arguments: str) -> None:
        """Start the process; `wait_until_bound` waits for it."""
        for channel in ("http", "transport", "remote_cluster"):
            (self.logs / f"{channel}.ports").unlink(missing_ok=True)
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "isthmus", "node", *arguments],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_bound(self, seconds: float = 20.0) -> None:
        """Wait until both listeners are bound; raises UnavailableError with the node's last words if it ended."""
        wait_for(self._is_bound, seconds, f"the node of {self.folder} to bind its addresses")

    def wait_until_logged(self, part: str, seconds: float = 20.0) -> dict[str, Any]:
        """Wait for a log entry whose message holds `part`, and return the entry."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            entry = self.logged(part)
            if entry is not None:
                found.append(entry)
            return bool(found)

        wait_for(look, seconds, f"the node of {self.folder} to log [{part}]")
        return found[-1]

    def logged(self, part: str) -> dict[str, Any] | None:
        """Return the newest log entry whose message holds `part`, or None."""
        found = [entry for entry in self.log_entries() if part in str(entry.get("message", ""))]
        return found[-1] if found else None

    def log_entries(self) -> Iterator[dict[str, Any]]:
        """Return the entries of the log file (ECS), oldest first; a line that is still being written is left out."""
        for file in sorted(self.logs.glob("*_server.json")):
            for line in file.read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    yield json.loads(line)

    def output(self) -> str:
        """Return what the node wrote to its terminal."""
        return self._output.read_text(errors="replace")

    def wait(self, seconds: float = 20.0) -> int:
        """Wait until the process has ended by itself and return its exit status."""
        return self._running.wait(seconds)

    def stop(self, seconds: float = 20.0) -> int:
        """End the process by SIGTERM and return its exit status; a node that was not started counts as ended well."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self) -> int:
        """End the process at once, as a power cut would."""
        return self._end(signal.SIGKILL, 10.0)

    def _end(self, sign: signal.Signals, seconds: float) -> int:
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(sign)
        return self._process.wait(seconds)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise UnavailableError(f"the node of {self.folder} was not started")
        return self._process

    def _is_bound(self) -> bool:
        if self._running.poll() is not None:
            raise UnavailableError(f"the node of {self.folder} ended: {self.output()[-2000:]}")
        return all((self.logs / f"{channel}.ports").exists() for channel in ("http", "transport"))

    def _ports(self, channel: str) -> str:
        return (self.logs / f"{channel}.ports").read_text().splitlines()[0]


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Look at `condition()` until it holds; raises UnavailableError naming `what` after `seconds`."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise UnavailableError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(POLL_SECONDS)
