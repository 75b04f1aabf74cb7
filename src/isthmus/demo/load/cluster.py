"""All workloads that every cluster can bear: clients and nodes, on new connections and on long-lived ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from isthmus.demo.load.https import KeptConnection, NewConnections, Target
from isthmus.demo.load.membership import Membership
from isthmus.demo.load.peers import Peer
from isthmus.demo.load.questions import Writer, ask_health, ask_list, ask_reports
from isthmus.demo.load.workload import Workload

HTTPS_NEW = "HTTPS, new connections"
HTTPS_KEPT = "HTTPS, kept connections"
FORWARDED = "asked of every node, kept connections"
WRITTEN = "written through the owner, kept connections"
PEERS = "node to node, new connections"


@dataclass(frozen=True)
class NodeUnderLoad:
    """A node that is asked: its name, its configuration folder, its addresses (`host:port`)."""

    name: str
    folder: Path
    http: str
    transport: str


@dataclass(frozen=True)
class Client:
    """What clients have: the file of CAs that they trust, and the password of `elastic`."""

    ca: Path
    password: str = field(repr=False)

    def target(self, node: NodeUnderLoad) -> Target:
        """This client, asking `node`."""
        return Target(node.http, self.ca, self.password)


def cluster_workloads(nodes: Sequence[NodeUnderLoad], client: Client, membership: Membership) -> Iterator[Workload]:
    """Make the workloads, for two nodes at least; each kept connection is one that is not shared."""
    for at, node in enumerate(nodes):
        target, elsewhere = client.target(node), client.target(nodes[(at + 1) % len(nodes)])
        others = [other.transport for other in nodes if other is not node]
        new = NewConnections(target)
        yield Workload(HTTPS_NEW, partial(ask_health, new, membership))
        for name, question in ((HTTPS_KEPT, ask_list), (FORWARDED, ask_reports)):
            kept = KeptConnection(target)
            yield Workload(name, partial(question, kept, membership), kept.close)
        writer = Writer(node.name, KeptConnection(target), KeptConnection(elsewhere))
        yield Workload(WRITTEN, writer.write, writer.close)
        peer = Peer(node.folder, others)
        yield Workload(PEERS, peer.ask_next, peer.close)
