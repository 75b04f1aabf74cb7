"""A cluster whose certificates are rotated by the program, as an operator does it, under load."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from cryptography import x509

from isthmus.demo.load.background import Load
from isthmus.demo.load.cluster import Client, NodeUnderLoad, cluster_workloads
from isthmus.demo.load.membership import Membership
from isthmus.demo.nodes import NodeProcess
from isthmus.lifecycle.probing.dial import Dialled, dial
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.pki.bundles import Bundle
from tests.certificates import Issued
from tests.live.site import OWNER, PASSWORD, SOON, Site, port_of

RATE = 4.0
LOAD_SECONDS = 300.0
NEW_CA = ("--new-ca", "--ca-dn", "CN=the new CA")
QUICKLY = {"resource.reload.interval.high": "200ms"}
WORK = "rotation"


@dataclass
class Rotating:
    """Nodes of one site, under load, and the commands that rotate their certificates."""

    site: Site
    nodes: list[NodeProcess]
    membership: Membership = field(init=False)

    def __post_init__(self) -> None:
        self.membership = Membership(node.folder.name for node in self.nodes)
        self.old = self.site.ca.issue("whoever kept a key of the old CA")

    @classmethod
    def start(cls, site: Site, count: int, settings: Mapping[str, object] = QUICKLY) -> Rotating:
        """Start nodes that are a cluster, and write the inventory: them, and the clients' file of CAs."""
        owner = site.start(OWNER, settings=settings)
        others = [
            site.start(f"n{number}", seeds=[owner], password=None, settings=settings) for number in range(2, count + 1)
        ]
        nodes = [owner, *others]
        site.wait_for_members(owner, *(node.folder.name for node in nodes))
        inventory = {
            "nodes": [{"folder": str(one.folder), "transport": one.transport, "http": one.http} for one in nodes],
            "clients": [{"name": "clients", "file": str(site.root / "ca.crt")}],
        }
        (site.root / "inventory.yml").write_text(json.dumps(inventory))
        return cls(site, nodes)

    @contextmanager
    def load(self, but: Sequence[NodeProcess] = (), rate: float = RATE) -> Iterator[Load]:
        """Load on all nodes but some; nothing may fail before the context is left."""
        nodes = [_under_load(node) for node in self.nodes if node not in but]
        client = Client(self.site.root / "ca.crt", PASSWORD)
        with Load(lambda: list(cluster_workloads(nodes, client, self.membership)), rate, LOAD_SECONDS) as load:
            yield load
        sys.stdout.write(f"{figures(load)}\n")
        assert load.first_failures() == []
        assert load.failed == 0
        assert all(tally.answered for tally in load.tallies.values())

    # The commands

    def plan(self, *how: str) -> str:
        """Plan a rotation."""
        return self.rotate("plan", *how, "--inventory", "inventory.yml", "--no-other-clients")

    def rotate(self, command: str, *arguments: str, status: int = 0) -> str:
        """Run a command to its end and return what it told; it must end with `status`."""
        running = self.begin(command, *arguments)
        told, _ = running.communicate(timeout=LOAD_SECONDS)
        sys.stdout.write(told)
        assert running.returncode == status, told
        return told

    def begin(self, command: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a command; its lines can be read while it works."""
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "isthmus", "rotate", command, *arguments],
            cwd=self.site.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @cached_property
    def papers(self) -> Papers:
        """What the rotation signed, and what was there before."""
        return Papers(self.site.root / WORK)

    def leaf(self, node: NodeProcess, which: str = "new") -> x509.Certificate:
        """The certificate that the rotation gave a node, or the one that it had."""
        found = self.papers.leaf(f"transport/{node.folder.name}/{which}").certificate
        assert found is not None
        return found

    # What the nodes do

    def serve(self, which: str) -> bool:
        """Whether all ports serve the leaves of before (`old`) or after (`new`)."""
        return all(
            served(address) == self.leaf(node, which) for node in self.nodes for address in (node.http, node.transport)
        )

    def shows(self, node: NodeProcess) -> set[int]:
        """The serial numbers that a node's `_ssl/certificates` shows of certificates with a key."""
        with self.site.client(node) as client:
            rows = client.ssl.certificates().body
        return {int(row["serial_number"], 16) for row in rows if row["has_private_key"]}

    def refuses(self, node: NodeProcess, issued: Issued) -> bool:
        """Whether the transport of a node refuses a key, as Python's TLS sees it: by an alert after its own part."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(*issued.write(self.site.root / "kept"))
        with socket.create_connection(("127.0.0.1", port_of(node.transport)), timeout=SOON) as raw:
            try:
                with context.wrap_socket(raw) as line:
                    line.settimeout(1.0)
                    line.recv(1)
            except ssl.SSLError as error:
                return "alert" in str(error)
            except TimeoutError:
                return False
        return False

    async def knock(self, node: NodeProcess, identity: Bundle) -> Dialled:
        """Dial the transport of a node, trusting whom the clients trust."""
        trusted = x509.load_pem_x509_certificates((self.site.root / "ca.crt").read_bytes())
        return await dial(
            node.transport,
            identity=identity,
            trusted=trusted,
            server_name="localhost",
            channel="transport",
            timeout=SOON,
        )

    def never_shrank(self, but: Sequence[NodeProcess] = ()) -> bool:
        """Whether no node ever saw another leave, or lost its owner."""
        left = [entry["message"] for node in self.nodes for entry in node.log_entries() if _is_loss(entry["message"])]
        return not [one for one in left if not any(f"[{node.folder.name}]" in one for node in but)]


def wait_for_line(running: subprocess.Popen[str], part: str) -> None:
    """Read what a command tells until a line holds `part`."""
    assert running.stdout is not None
    for line in running.stdout:
        sys.stdout.write(line)
        if part in line:
            return
    raise AssertionError(f"it ended with status {running.wait()} before it told of [{part}]")


def figures(load: Load) -> str:
    """What was sent, for the terminal."""
    rows = [f"{'':45} requests failed   p50 ms   p99 ms"]
    for name, tally in load.tallies.items():
        p50, p99 = ((tally.quantile(share) or 0.0) * 1000 for share in (0.5, 0.99))
        rows.append(f"{name:45} {tally.requests:8} {tally.failed:6} {p50:8.1f} {p99:8.1f}")
    return "\n".join([*rows, *load.first_failures()])


def served(address: str) -> x509.Certificate:
    """What a port serves, asked by openssl's handshake without a certificate of ours."""
    pem = ssl.get_server_certificate(("127.0.0.1", port_of(address)), timeout=SOON)
    return x509.load_pem_x509_certificate(pem.encode())


def seconds_told(told: str) -> float:
    """How long the whole rotation took, by the timeline that was printed."""
    [found] = re.findall(r"whole rotation +([\d.]+) s", told)
    return float(found)


def _is_loss(message: object) -> bool:
    return " left: " in str(message) or "was lost" in str(message)


def _under_load(node: NodeProcess) -> NodeUnderLoad:
    return NodeUnderLoad(node.folder.name, node.folder, node.http, node.transport)
