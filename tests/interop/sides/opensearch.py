"""A real OpenSearch of one node with its security plugin, from ISTHMUS_OPENSEARCH_HOME."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import bcrypt

from tests.certificates import make_ca
from tests.interop.cluster import free_ports
from tests.interop.engine import FULL, LIGHT
from tests.interop.sides.side import Address, Missing, Side

STOPS_WITHIN = 60.0
_OWN = "plugins.security.ssl"
_FILES = {"pemcert_filepath": "node.crt", "pemkey_filepath": "node.key", "pemtrustedcas_filepath": "ca.crt"}


def opensearch(root: Path, *, is_measured: bool = False) -> Side:
    """Configure a node in `root`; one that is measured gets 512 MB and the whole compiler. Raises Missing."""
    home = os.environ.get("ISTHMUS_OPENSEARCH_HOME")
    java = shutil.which("java")
    if not home or java is None:
        raise Missing("ISTHMUS_OPENSEARCH_HOME names no assembled OpenSearch, or there is no java")
    secure = Path(home).resolve() / "secure"
    folder = root / "config"
    http, transport = free_ports(2)
    password = secrets.token_hex(12)
    trust = _write_security(folder, secure, password)
    settings: dict[str, object] = {
        "cluster.name": "side",
        "node.name": "side",
        "network.host": "127.0.0.1",
        "http.port": http,
        "transport.port": transport,
        "path.data": str(root / "data"),
        "path.logs": str(root / "logs"),
        "discovery.type": "single-node",
        "cluster.routing.allocation.disk.threshold_enabled": False,
        f"{_OWN}.http.enabled": True,
        f"{_OWN}.transport.enforce_hostname_verification": False,
        "plugins.security.allow_default_init_securityindex": True,
        "plugins.security.audit.type": "noop",
        "plugins.security.nodes_dn": ["CN=side"],
        **{
            f"{_OWN}.{channel}.{name}": f"certs/{file}"
            for channel in ("transport", "http")
            for name, file in _FILES.items()
        },
    }
    (folder / "opensearch.yml").write_text("".join(f"{name}: {json.dumps(at)}\n" for name, at in settings.items()))
    heap = ("512m", FULL) if is_measured else ("400m", LIGHT)
    process = OpenSearchProcess(root, _command(root, secure, java, *heap))
    return Side("opensearch", "OpenSearch", Address(http, trust, "admin", password), process, root / "data")


class OpenSearchProcess:
    """The process of a configured node; what it writes is in `output.txt`."""

    def __init__(self, root: Path, command: list[str]) -> None:
        self._root = root
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

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

    def start(self) -> None:
        """Start it; nobody waits for it here."""
        (self._root / "tmp").mkdir(exist_ok=True)
        with (self._root / "output.txt").open("ab") as output:
            self._process = subprocess.Popen(
                self._command, cwd=self._root, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

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
        return (self._root / "output.txt").read_text(errors="replace").splitlines()


def _write_security(folder: Path, secure: Path, password: str) -> Path:
    ca = make_ca("side CA")
    ca.issue("side").write(folder / "certs")
    trust = folder / "certs" / "ca.crt"
    trust.write_bytes(ca.certificate_pem)
    shutil.copytree(secure / "plugins" / "opensearch-security" / "config", folder / "opensearch-security")
    shutil.copy(secure / "config" / "log4j2.properties", folder)
    user = {"hash": bcrypt.hashpw(password.encode(), bcrypt.gensalt(5)).decode(), "backend_roles": ["admin"]}
    users = {"_meta": {"type": "internalusers", "config_version": 2}, "admin": {**user, "reserved": True}}
    (folder / "opensearch-security" / "internal_users.yml").write_text(json.dumps(users))
    return trust


def _command(root: Path, secure: Path, java: str, heap: str, machine: tuple[str, ...]) -> list[str]:
    return [
        *_as_somebody(),
        java,
        f"-Xms{heap}",
        f"-Xmx{heap}",
        *machine,
        "-Djava.awt.headless=true",
        "-Djava.locale.providers=SPI,COMPAT",
        "-Dio.netty.noUnsafe=true",
        "-Dio.netty.noKeySetOptimization=true",
        f"-Djava.io.tmpdir={root / 'tmp'}",
        f"-Dopensearch.path.home={secure}",
        f"-Dopensearch.path.conf={root / 'config'}",
        "-Dopensearch.distribution.type=zip",
        "-Dopensearch.bundled_jdk=false",
        "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
        "org.opensearch.secure_sm.SecuredForkJoinWorkerThreadFactory",
        "-cp",
        f"{secure}/lib/*",
        "org.opensearch.bootstrap.OpenSearch",
    ]


def _as_somebody() -> tuple[str, ...]:
    """The server refuses the user 0; in a namespace of its own that is another."""
    return ("unshare", "--user", "--") if os.getuid() == 0 else ()
