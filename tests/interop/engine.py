"""A real Elasticsearch node as a process: found by ISTHMUS_ES_HOME, run by java, ended by its id.

The home is laid out as Elasticsearch's own (`lib`, `modules`), with `tools` that hold a launcher (`RealNode`) and an
editor of secure settings (`Keystore`). None of it is part of this project.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HEAP = "400m"
STOPS_WITHIN = 60.0
# What Elasticsearch's own launcher passes too.
_OPTIONS = (
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
    "-Djava.locale.providers=SPI,COMPAT",
    "-Dlog4j.shutdownHookEnabled=false",
    "-Dlog4j2.disable.jmx=true",
    "-Dlog4j2.formatMsgNoLookups=true",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.noKeySetOptimization=true",
    "-Dio.netty.recycler.maxCapacityPerThread=0",
    "-Dio.netty.allocator.numDirectArenas=0",
    "-XX:-OmitStackTraceInFastThrow",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.nio.file=ALL-UNNAMED",
)
# Starts soon and stays small, for tests; its peak is lower.
LIGHT = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:MaxDirectMemorySize=128m")
# As Elasticsearch's launcher sets a heap of 512 MB.
FULL = ("-Xss1m", "-XX:+UseG1GC", "-XX:G1ReservePercent=25", "-XX:MaxDirectMemorySize=256m")
_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] [%node_name]%marker %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


@dataclass(frozen=True)
class Engine:
    """An assembled Elasticsearch in `home`, the `java` that runs it, and how much of a machine that is to be."""

    home: Path
    java: str
    heap: str = HEAP
    machine: tuple[str, ...] = LIGHT

    def put_secure(self, folder: Path, values: Mapping[str, str]) -> None:
        """Put secure settings into `folder/elasticsearch.keystore`, by Elasticsearch's own code."""
        subprocess.run(
            [*self._java("64m"), "org.elasticsearch.bootstrap.Keystore", str(folder), "add"],
            input="".join(f"{name}={value}\n" for name, value in values.items()),
            text=True,
            check=True,
            capture_output=True,
        )

    def node_command(self, folder: Path, scratch: Path) -> list[str]:
        """Return what runs a node on the configuration `folder` in the foreground."""
        return [
            *self._java(self.heap),
            *_OPTIONS,
            *self.machine,
            f"-Djava.io.tmpdir={scratch}",
            f"-Djna.tmpdir={scratch}",
            f"-Des.path.home={self.home}",
            f"-Des.path.conf={folder}",
            "-Des.distribution.type=tar",
            f"-Des.nativelibs.path={self.home / 'lib' / 'platform' / f'linux-{_architecture()}'}",
            "org.elasticsearch.bootstrap.RealNode",
            "--home",
            str(self.home),
            "--conf",
            str(folder),
        ]

    def _java(self, heap: str) -> list[str]:
        return [self.java, f"-Xms{heap}", f"-Xmx{heap}", "-cp", f"{self.home / 'tools'}:{self.home / 'lib'}/*"]


def find_engine() -> Engine | str:
    """Return the engine, or why there is none."""
    home = os.environ.get("ISTHMUS_ES_HOME")
    if home is None:
        return "ISTHMUS_ES_HOME names no assembled Elasticsearch"
    folder = Path(home).resolve()
    missing = [name for name in ("lib", "modules", "tools") if not (folder / name).is_dir()]
    if missing:
        return f"ISTHMUS_ES_HOME={home} holds no {', '.join(missing)}"
    java_home = os.environ.get("ES_JAVA_HOME")
    java = shutil.which("java", path=None if java_home is None else f"{java_home}/bin")
    return "there is no java" if java is None else Engine(folder, java)


class EngineProcess:
    """One node, started and ended as often as a test likes; what it writes is in `output_file`."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.folder = folder
        self.output_file = folder.parent / "output.txt"
        self._engine = engine
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; nobody waits for it here."""
        (self.folder / "log4j2.properties").write_text(_LOGGING)
        scratch = self.folder.parent / "tmp"
        scratch.mkdir(exist_ok=True)
        with self.output_file.open("ab") as output:
            self._process = subprocess.Popen(
                self._engine.node_command(self.folder, scratch),
                env={**os.environ, "LIBFFI_TMPDIR": str(scratch)},
                cwd=self._engine.home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        """Its id; only a started process has one."""
        if self._process is None:
            raise RuntimeError("the node was not started")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it cleanly; at once if that takes too long."""
        if self._process is None or not self.is_running:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def log(self) -> list[str]:
        """What it has logged so far, line by line."""
        return self.output_file.read_text(errors="replace").splitlines()


def _architecture() -> str:
    machine = os.uname().machine
    return {"x86_64": "x64"}.get(machine, machine)
