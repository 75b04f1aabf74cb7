"""Two real Elasticsearch nodes with mutual TLS on the transport and HTTPS, each in a folder of its own."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.certificates import Authority, Issued
from tests.interop.client import Client, eventually
from tests.interop.engine import Engine, EngineProcess
from tests.interop.material import Keep

NAMES = ("es-1", "es-2")
STARTS_WITHIN = 240.0


@dataclass(frozen=True)
class Node:
    """One node: its process, its configuration folder and its ports on 127.0.0.1."""

    name: str
    process: EngineProcess
    folder: Path
    http: int
    transport: int


class Cluster:
    """Both nodes, not started yet. `trust` is the clients' file of CAs; the user is `elastic`."""

    def __init__(self, root: Path, engine: Engine, ca: Authority, keep: Keep, *, days: tuple[int, int] = (-1, 365)):
        self.root = root
        self.password = secrets.token_hex(12)
        self.trust = root / "clients.crt"
        self.trust.write_bytes(ca.certificate_pem)
        ports = free_ports(4)
        seeds = [f"127.0.0.1:{port}" for port in ports[2:]]
        self.nodes = [
            self._node(name, engine, ca, keep, days, http, transport, seeds)
            for name, http, transport in zip(NAMES, ports[:2], ports[2:], strict=True)
        ]

    @property
    def folders(self) -> list[str]:
        """The configuration folders."""
        return [str(node.folder) for node in self.nodes]

    def start(self) -> None:
        """Start both nodes."""
        for node in self.nodes:
            node.process.start()

    def stop(self) -> None:
        """End every process that is left."""
        for node in self.nodes:
            node.process.stop()

    def client(self, node: Node) -> Client:
        """A client of one node, which reads the file of CAs for each new connection."""
        return Client(node.http, self.trust, self.password)

    async def wait_until_whole(self) -> None:
        """Wait until both nodes say that the cluster is green and has two nodes, and take the password."""
        for node in self.nodes:
            async with self.client(node) as client:
                await eventually(partial(self._is_whole, node, client), STARTS_WITHIN, f"[{node.name}] to be whole")

    async def _is_whole(self, node: Node, client: Client) -> bool:
        if not node.process.is_running:
            raise AssertionError(f"[{node.name}] ended: {node.process.log()[-20:]}")
        # While the index of users is being made, right passwords are refused too.
        await client.ask("GET", "/_cluster/health/.security-7?wait_for_status=yellow&timeout=1s")
        health = await client.ask("GET", "/_cluster/health?wait_for_status=green&wait_for_nodes=2&timeout=1s")
        return bool(health["number_of_nodes"] == len(NAMES))

    def _node(
        self,
        name: str,
        engine: Engine,
        ca: Authority,
        keep: Keep,
        days: tuple[int, int],
        http: int,
        transport: int,
        seeds: Sequence[str],
    ) -> Node:
        home = self.root / name
        folder = home / "config"
        folder.mkdir(parents=True)

        def issue() -> Issued:
            return ca.issue(name, dns=(name, "localhost"), days=days)

        kept = keep(folder, ca, issue)
        settings = {
            "cluster.name": "interop",
            "node.name": name,
            "network.host": "127.0.0.1",
            "http.port": http,
            "transport.port": transport,
            "path.data": str(home / "data"),
            "path.logs": str(home / "logs"),
            "discovery.seed_hosts": list(seeds),
            "cluster.initial_master_nodes": [NAMES[0]],
            # A disk that others have nearly filled must not make the cluster yellow.
            "cluster.routing.allocation.disk.threshold_enabled": False,
            "xpack.license.self_generated.type": "trial",
            "xpack.security.enabled": True,
            "xpack.security.transport.ssl.enabled": True,
            "xpack.security.transport.ssl.verification_mode": "full",
            "xpack.security.http.ssl.enabled": True,
            **kept.settings,
        }
        lines = [f"{setting}: {json.dumps(value)}\n" for setting, value in settings.items()]
        (folder / "elasticsearch.yml").write_text("".join(lines))
        engine.put_secure(folder, {"bootstrap.password": self.password, **kept.secure})
        return Node(name, EngineProcess(engine, folder), folder, http, transport)


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody listens on now."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
