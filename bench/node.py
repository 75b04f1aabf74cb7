"""One node: from its start to its first HTTP answer, and what it holds in memory when idle."""

from __future__ import annotations

import http.client
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import psutil

from bench.rows import Row
from isthmus.demo.nodes import NodeProcess, wait_for, write_folder

RUNS = 5
NO_SETTINGS: Mapping[str, object] = MappingProxyType({})
MIB = 1 << 20


def run() -> list[Row]:
    """Measure starts of a node with TLS on both channels."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificates(folder)
        samples = [_sample(folder, number) for number in range(RUNS + 1)][1:]
    seconds = statistics.median(sample[0] for sample in samples)
    memory = statistics.median(sample[1] for sample in samples)
    return [
        Row("node start to first HTTP answer", seconds, "s", goal="< 1.2"),
        Row("resident memory of an idle node", memory, "MiB", goal="≤ 85"),
    ]


def make_certificates(folder: Path) -> None:
    """Make a CA and the certificate of a node, as `ca` and `node` in `folder`."""
    command = [sys.executable, "-m", "isthmus", "certutil", "cert", "--silent", "--pem", "--name", "node"]
    command += ["--dns", "localhost", "--ip", "127.0.0.1", "--out", "certs.zip"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    with zipfile.ZipFile(folder / "certs.zip") as archive:
        archive.extractall(folder)


def _sample(folder: Path, number: int) -> tuple[float, float]:
    node = write_node(folder, number)
    trust = ssl.create_default_context(cafile=folder / "ca" / "ca.crt")
    begun = time.perf_counter()
    node.start()
    try:
        node.wait_until_bound()
        wait_for(lambda: _answers(node.http, trust), 20.0, "the first HTTP answer")
        seconds = time.perf_counter() - begun
        node.wait_until_logged("owns its state")
        return seconds, psutil.Process(node.pid).memory_info().rss / MIB
    finally:
        node.stop()


def write_node(folder: Path, number: int, settings: Mapping[str, object] = NO_SETTINGS) -> NodeProcess:
    """Configure a node in a folder of `folder`, where `make_certificates` put its certificates."""
    certificate = {
        "enabled": True,
        "certificate": "../node/node.crt",
        "key": "../node/node.key",
        "certificate_authorities": ["../ca/ca.crt"],
    }
    conf = write_folder(
        folder / f"run{number}",
        {
            "node.name": "node",
            "discovery.type": "single-node",
            "http.port": 0,
            "transport.port": 0,
            "path.data": "data",
            "path.logs": "logs",
            "node.portsfile": True,
            **{f"xpack.security.{c}.ssl.{k}": v for c in ("transport", "http") for k, v in certificate.items()},
            **settings,
        },
    )
    return NodeProcess(conf, conf / "logs")


def _answers(address: str, trust: ssl.SSLContext) -> bool:
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPSConnection(host, int(port), timeout=10, context=trust)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.UNAUTHORIZED
    except OSError:
        return False
    finally:
        connection.close()
