"""The script of the demo: two nodes that trust each other, an alien, a look at the wire, and another CA.

It follows the article "encrypt the cluster transport" step by step, on loopback addresses instead of containers.
"""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Any, TextIO

from isthmus.demo.documents import LINES, Documents
from isthmus.demo.links import ADDRESSES as LINKED
from isthmus.demo.links import Links
from isthmus.demo.narrator import Narrator
from isthmus.demo.nodes import NodeProcess, wait_for, write_folder
from isthmus.demo.person import Person
from isthmus.demo.recording import Recording
from isthmus.demo.rights import Rights
from isthmus.demo.rotation import ChangeOfAuthority
from isthmus.demo.wire import record_conversation
from isthmus.errors import IsthmusError

CLUSTER = "fun-with-tls"
ADDRESSES = {"node-0001": "127.0.0.11", "node-0002": "127.0.0.12", "node-0003": "127.0.0.13", "plain": "127.0.0.14"}
ADDRESSES |= LINKED
RELOAD_INTERVAL = "200ms"  # 5 s by default
REFUSAL_SECONDS = 15.0
CAT_NODES = "_cat/nodes?v&h=ip,node.role,master,name&s=name"


class Demo:
    """One run in `folder`, told on `out`. `run` returns the exit status: 0 if every check held."""

    def __init__(self, folder: Path, out: TextIO) -> None:
        self._folder = folder
        self._say = Narrator(out)
        self._person = Person(folder, self._say)
        self._nodes: dict[str, NodeProcess] = {}

    def run(self, *, keep: bool) -> int:
        """Play every step; with `keep` the cluster goes on running afterwards."""
        begun = time.monotonic()
        try:
            self._play()
        except IsthmusError as error:
            self._say.check(str(error), holds=False)
        finally:
            if keep:
                self._tell_addresses()
            else:
                self._end()
        self._say.summary(time.monotonic() - begun)
        return 1 if self._say.failed else 0

    def _play(self) -> None:
        self._make_certificates()
        self._start_first()
        self._start_second()
        self._start_alien()
        self._start_alien_again()
        self._look_at_the_wire()
        self._store_and_search()
        self._let_in_and_refuse()
        self._link_clusters()
        self._change_authority()

    # The steps

    def _make_certificates(self) -> None:
        self._say.step("1. Certificates: one CA for node-0001 and node-0002, another for node-0003")
        self._write_instances("instances.yml", ["node-0001", "node-0002"])
        self._write_instances("alien.yml", ["node-0003"])
        self._person.types("isthmus certutil cert --silent --pem --in instances.yml --out certs.zip")
        self._person.types("isthmus certutil cert --silent --pem --in alien.yml --out alien.zip")
        trusted = self._person.unzips("certs.zip", "certs")
        alien = self._person.unzips("alien.zip", "alien")
        self._say.check(
            "each node has a key, a certificate and its CA's certificate",
            holds={"ca/ca.crt", "node-0001/node-0001.crt", "node-0002/node-0002.key"} <= trusted
            and {"ca/ca.crt", "node-0003/node-0003.crt"} <= alien,
        )

    def _start_first(self) -> None:
        self._say.step("2. The first node")
        self._start("node-0001", certificates="certs", seeds=[])
        names = self._list_nodes()
        self._say.check("node-0001 is there, alone", holds=names == ["node-0001"])

    def _start_second(self) -> None:
        self._say.step("3. The second node, with a certificate of the same CA")
        self._start("node-0002", certificates="certs", seeds=[self._nodes["node-0001"].transport])
        self._wait_for_members(2)
        names = self._list_nodes()
        self._say.check("node-0002 joined", holds=names == ["node-0001", "node-0002"])

    def _start_alien(self) -> None:
        self._say.step("4. The alien: node-0003, with a certificate of another CA")
        first = self._nodes["node-0001"]
        self._start("node-0003", certificates="alien", seeds=[first.transport])
        alien = self._nodes["node-0003"]
        there = alien.wait_until_logged("was not reached", REFUSAL_SECONDS)
        here = first.wait_until_logged("refused the connection", REFUSAL_SECONDS)
        self._quote("node-0003", there)
        self._quote("node-0001", here)
        self._say.check("the alien says whom it did not trust, and why", holds="CN=node-0001" in there["message"])
        self._say.check("node-0001 says that it was not trusted", holds="not trusted there" in here["message"])
        self._check_still_two()

    def _start_alien_again(self) -> None:
        self._say.step("5. The alien again: now it trusts the cluster's CA, but the cluster does not trust its")
        alien = self._nodes["node-0003"]
        alien.stop()
        both = "xpack.security.transport.ssl.certificate_authorities=../alien/ca/ca.crt,../certs/ca/ca.crt"
        self._say.command(f"ISTHMUS_PATH_CONF=node-0003 isthmus node -E {both}")
        alien.start("-E", both)
        alien.wait_until_bound()
        here = self._nodes["node-0001"].wait_until_logged("CN=node-0003", REFUSAL_SECONDS)
        there = alien.wait_until_logged("it refused our certificate", REFUSAL_SECONDS)
        self._quote("node-0001", here)
        self._quote("node-0003", there)
        self._say.check(
            "node-0001 says whom it turned away, and why", holds="refused the connection" in here["message"]
        )
        self._say.check("the alien says what it presented", holds="CN=node-0003" in there["message"])
        self._check_still_two()

    def _check_still_two(self) -> None:
        self._say.check("node-0003 is not in the list", holds=self._list_nodes() == ["node-0001", "node-0002"])

    def _quote(self, name: str, entry: dict[str, Any]) -> None:
        self._say.told(f"{name} logged: {entry['message']}")

    def _look_at_the_wire(self) -> None:
        self._say.step("6. Seeing is believing: the bytes of a transport connection")
        marker = f"marker-{secrets.token_hex(8)}"
        sealed = self._record("node-0001", marker, encrypted=True)
        self._say.saw(f"node-0001, TLS on:  {len(sealed)} bytes, first of them {bytes(sealed.to_server[:8]).hex(' ')}")
        self._say.check("with TLS on, every byte is inside a TLS record", holds=sealed.is_tls)
        self._say.check(f"and [{marker}], which was sent, cannot be read", holds=not sealed.holds(marker.encode()))
        self._start_plain()
        bare = self._record("plain", marker, encrypted=False)
        self._say.saw(f"plain, TLS off:     {len(bare)} bytes, first of them {bytes(bare.to_server[:8]).hex(' ')}")
        self._say.check(
            "with TLS off the same check finds the marker, and no TLS",
            holds=bare.holds(marker.encode()) and not bare.is_tls,
        )

    def _store_and_search(self) -> None:
        self._say.step(f"7. What it is for: {LINES} log lines, stored on node-0001 and searched from node-0002")
        first, second = (self._nodes[name].http for name in ("node-0001", "node-0002"))
        Documents(self._folder, self._say, self._person, first, second).play()

    def _let_in_and_refuse(self) -> None:
        self._say.step("8. Who may: a user who reads the lines of one service, without addresses, and nothing else")
        first, second = (self._nodes[name].http for name in ("node-0001", "node-0002"))
        Rights(self._folder, self._say, self._person, first, second).play()

    def _link_clusters(self) -> None:
        self._say.step("9. Two clusters: west searches east, as far as an API key of east lets it")
        Links(self._folder, self._say, self._person, self._start_alone).play()

    def _change_authority(self) -> None:
        self._say.step("10. Certificates end: the cluster gets another CA, while it works")
        nodes = [self._nodes[name] for name in ("node-0001", "node-0002")]
        ChangeOfAuthority(self._folder, self._say, self._person, nodes).play()
        self._check_still_two()

    # How

    def _write_instances(self, file: str, names: list[str]) -> None:
        lines = ["instances:\n"]
        for name in names:
            lines += [
                f"  - name: {name}\n",
                f"    dns: [{name}, localhost]\n",
                f"    ip: [{ADDRESSES[name]}, 127.0.0.1]\n",
            ]
        (self._folder / file).write_text("".join(lines))
        self._say.command(f"cat {file}")
        self._say.saw("".join(lines))

    def _start(self, name: str, *, certificates: str, seeds: list[str]) -> None:
        certificate = {
            "enabled": "true",
            "certificate": f"../{certificates}/{name}/{name}.crt",
            "key": f"../{certificates}/{name}/{name}.key",
            "certificate_authorities": [f"../{certificates}/ca/ca.crt"],
        }
        self._start_node(
            name,
            {
                "discovery.seed_hosts": seeds,
                **{f"xpack.security.{c}.ssl.{k}": v for c in ("transport", "http") for k, v in certificate.items()},
            },
        )

    def _start_plain(self) -> None:
        self._start_alone("plain", {"xpack.security.transport.ssl.enabled": "false"})

    def _start_alone(self, name: str, settings: dict[str, object]) -> NodeProcess:
        self._start_node(name, {"discovery.type": "single-node", **settings}, initial=False)
        return self._nodes[name]

    def _start_node(self, name: str, settings: dict[str, object], *, initial: bool = True) -> None:
        folder = self._folder / name
        write_folder(
            folder,
            {
                "cluster.name": CLUSTER,
                "node.name": name,
                "network.host": ADDRESSES[name],
                "http.port": 0,
                "transport.port": 0,
                "path.data": "data",
                "path.logs": "logs",
                "node.portsfile": True,
                "resource.reload.interval.high": RELOAD_INTERVAL,
                **({"cluster.initial_master_nodes": ["node-0001"]} if initial else {}),
                **settings,
            },
        )
        self._person.keeps_password(name)
        self._say.command(f"ISTHMUS_PATH_CONF={name} isthmus node")
        self._nodes[name] = NodeProcess(folder, folder / "logs")
        self._nodes[name].start()
        self._nodes[name].wait_until_bound()

    def _wait_for_members(self, count: int) -> None:
        path = f"_cluster/health?wait_for_nodes={count}&timeout=15s"
        health = json.loads(self._person.asks(self._nodes["node-0001"].http, path, "certs/ca/ca.crt"))
        self._say.saw(f"number_of_nodes: {health['number_of_nodes']}, status: {health['status']}")

    def _list_nodes(self) -> list[str]:
        address = self._nodes["node-0001"].http
        wait_for(lambda: self._person.can_ask(address, "certs/ca/ca.crt"), 15.0, "node-0001 to answer")
        table = self._person.asks(address, CAT_NODES, "certs/ca/ca.crt")
        self._say.saw(table)
        return [line.split()[-1] for line in table.splitlines()[1:]]

    def _record(self, name: str, marker: str, *, encrypted: bool) -> Recording:
        client = self._nodes["node-0002"].folder if encrypted else self._nodes["plain"].folder
        return record_conversation(self._nodes[name].transport, client, name, marker)

    def _tell_addresses(self) -> None:
        self._say.addresses(
            [
                f"\nThe cluster goes on running in {self._folder}:",
                *(
                    f"  {n:10} {_scheme(n)}://{p.http}  transport {p.transport}  process {p.pid}"
                    for n, p in self._nodes.items()
                ),
                f"  curl --cacert {self._folder}/certs/ca/ca.crt -u elastic:$(cat {self._folder}/elastic-password) "
                f"https://{self._nodes['node-0001'].http}/_cat/nodes?v",
                f"  end it with: kill {' '.join(str(p.pid) for p in self._nodes.values())}",
            ]
        )

    def _end(self) -> None:
        for name, node in reversed(self._nodes.items()):
            status = node.stop()
            if status != 0:
                self._say.check(f"{name} ended cleanly (exit status {status})", holds=False)


def _scheme(node: str) -> str:
    return "http" if node == "plain" else "https"
