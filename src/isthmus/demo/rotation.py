"""The last step of the demo: the CA of a cluster that works is replaced, and not one request fails.

What the rotation says of each phase is seen again by dials of the demo's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from isthmus.demo.load.background import Load
from isthmus.demo.load.cluster import Client, NodeUnderLoad, cluster_workloads
from isthmus.demo.load.membership import Membership
from isthmus.demo.narrator import Narrator
from isthmus.demo.nodes import NodeProcess
from isthmus.demo.person import Person
from isthmus.lifecycle.probing.dial import Dialled, dial
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.pki.bundles import load_certificates

WORK = "rotation"
RATE = 3.0
LOAD_SECONDS = 120.0
DIAL_SECONDS = 5.0
PHASES = ("widen", "reissue", "narrow")


class ChangeOfAuthority:
    """Rotates the CA of `nodes`, which all trust `certs/ca/ca.crt` in `folder`, as their clients do."""

    def __init__(self, folder: Path, say: Narrator, person: Person, nodes: Sequence[NodeProcess]) -> None:
        self._folder = folder
        self._say = say
        self._person = person
        self._nodes = nodes
        self._ca = folder / "certs" / "ca" / "ca.crt"
        self._papers = Papers(folder / WORK)
        self._seen: set[str] = set()

    def play(self) -> None:
        """Plan, carry out under load, and see for ourselves. Raises UnavailableError."""
        self._write_inventory()
        self._say.saw(self._person.types("isthmus rotate plan --new-ca --inventory inventory.json --no-other-clients"))
        with self._load() as load:
            self._say.saw("… from here on clients and nodes ask all the time, and every answer is checked …")
            self._person.watches("isthmus rotate apply", self._hear)
        self._see_the_end()
        self._tell(load)

    def _write_inventory(self) -> None:
        inventory = {
            "nodes": [{"folder": one.folder.name, "transport": one.transport, "http": one.http} for one in self._nodes],
            "clients": [{"name": "curl", "file": str(self._ca.relative_to(self._folder))}],
        }
        text = json.dumps(inventory, indent=1)
        (self._folder / "inventory.json").write_text(text)
        self._say.command("cat inventory.json")
        self._say.saw(text)

    def _load(self) -> Load:
        nodes = [NodeUnderLoad(one.folder.name, one.folder, one.http, one.transport) for one in self._nodes]
        client = Client(self._ca, self._person.password)
        membership = Membership(one.name for one in nodes)
        return Load(lambda: list(cluster_workloads(nodes, client, membership)), RATE, LOAD_SECONDS)

    # What is seen while it goes on

    def _hear(self, line: str) -> None:
        """Show a line; the first of a phase says that the one before was proved, which is looked at here once more."""
        phase = next((one for one in PHASES if f": {one} " in line), None)
        if phase is not None and phase not in self._seen:
            self._seen.add(phase)
            if phase == "reissue":
                self._see_trust_in_both()
            if phase == "narrow":
                self._see_new_certificates()
        self._say.saw(line or " ")

    def _see_trust_in_both(self) -> None:
        dialled = [self._dial(node, which) for node in self._nodes for which in ("old", "new")]
        self._say.check("every node lets in keys of the old CA and of the new one", holds=_all(dialled, "accepted"))

    def _see_new_certificates(self) -> None:
        serve = [self._dial(node, "new").served[:1] == (self._leaf(node),) for node in self._nodes]
        self._say.check("every node serves its new certificate", holds=all(serve))

    def _see_the_end(self) -> None:
        old = [self._dial(node, "old") for node in self._nodes]
        for one in old:
            self._say.told(f"{one.address} dialled with a key of the old CA: {one.why}")
        self._say.check("every node refuses keys of the old CA", holds=_all(old, "refused_us"))
        new = [self._dial(node, "new") for node in self._nodes]
        self._say.check("and lets in those of the new one", holds=_all(new, "accepted"))

    def _tell(self, load: Load) -> None:
        for name, tally in load.tallies.items():
            self._say.saw(f"{name:42} {tally.requests:5} requests, {tally.failed} failed")
        for failure in load.first_failures():
            self._say.told(failure)
        self._say.check(f"of {load.requests} requests in the meantime {load.failed} failed", holds=load.failed == 0)

    # How

    def _dial(self, node: NodeProcess, which: str) -> Dialled:
        """Knock at a node's transport as the other would, with its leaf of before (`old`) or after (`new`)."""
        other = next(one for one in self._nodes if one is not node)
        return asyncio.run(
            dial(
                node.transport,
                identity=self._papers.leaf(f"transport/{other.folder.name}/{which}"),
                trusted=load_certificates(self._ca.read_bytes(), str(self._ca)),
                server_name=None,
                channel="transport",
                timeout=DIAL_SECONDS,
            )
        )

    def _leaf(self, node: NodeProcess) -> x509.Certificate | None:
        return self._papers.leaf(f"transport/{node.folder.name}/new").certificate


def _all(dialled: Sequence[Dialled], outcome: str) -> bool:
    return all(one.outcome == outcome for one in dialled)
