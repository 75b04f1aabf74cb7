"""A place where real nodes live: their folders and certificates, their processes, and ways to ask them."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from isthmus.demo.nodes import NodeProcess, wait_for, write_folder
from isthmus.keystore import FILE_NAME, Keystore
from tests.certificates import Authority, Issued, make_ca
from tests.live.secrets_made import NotingNode, leaked, note

CLUSTER = "live"
OWNER = "first"
PASSWORD = secrets.token_urlsafe(12)
SOON = 20.0
# Found within a moment, lest a test waits for the next look; all other times are the defaults.
QUICK = {"discovery.find_peers_interval": "100ms"}


class Site:
    """Makes nodes in folders of `root`, with certificates of its `ca`, and ends their processes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ca = make_ca("cluster CA")
        (root / "ca.crt").write_bytes(self.ca.certificate_pem)
        self._nodes: list[NodeProcess] = []

    def start(self, name: str, *arguments: str, password: str | None = PASSWORD, **given: Any) -> NodeProcess:
        """Make a node as `folder` does, start it and wait until it is bound."""
        node = self.node(self.folder(name, password=password, **given))
        node.start(*arguments)
        node.wait_until_bound()
        return node

    def node(self, folder: Path) -> NodeProcess:
        """Return a process, not started, for the node of `folder`; it is ended with the site."""
        return self.adopt(NodeProcess(folder, folder / "logs"))

    def adopt(self, node: NodeProcess) -> NodeProcess:
        """End `node` with the site."""
        self._nodes.append(node)
        return node

    def folder(
        self,
        name: str,
        *,
        node_name: str | None = None,
        seeds: Sequence[NodeProcess] = (),
        issued: Issued | None = None,
        trusted: Sequence[Authority] = (),
        tls: bool = True,
        password: str | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> Path:
        """Configure a node named `node_name` or `name` that asks `seeds`; without seeds it makes the cluster.

        Its certificate is `issued`, or one of the site's CA; it trusts `trusted`, or that CA. `settings` come on top.
        """
        folder = self.root / name
        files = write_certificates(folder, issued or self.ca.issue(name), trusted or [self.ca])
        channels = ("transport", "http") if tls else ("http",)
        return write_configuration(
            folder,
            {
                "cluster.name": CLUSTER,
                "node.name": node_name or name,
                "network.host": "127.0.0.1",
                "http.port": 0,
                "transport.port": 0,
                "path.data": "data",
                "path.logs": "logs",
                "node.portsfile": True,
                "discovery.seed_hosts": [seed.transport for seed in seeds],
                **QUICK,
                **({} if seeds else {"cluster.initial_master_nodes": [node_name or name]}),
                **({} if tls else {"xpack.security.transport.ssl.enabled": False}),
                **{f"xpack.security.{channel}.ssl.{k}": v for channel in channels for k, v in files.items()},
                **(settings or {}),
            },
            password,
        )

    def client(self, node: NodeProcess, password: str = PASSWORD) -> Elasticsearch:
        """The official client, unmodified, as the user `elastic`; the secrets that it makes are noted."""
        return Elasticsearch(
            f"https://{node.http}",
            ca_certs=str(self.root / "ca.crt"),
            basic_auth=("elastic", password),
            max_retries=0,
            request_timeout=SOON,
            node_class=NotingNode,
        )

    def names(self, node: NodeProcess, password: str = PASSWORD) -> list[str]:
        """The names in `_cat/nodes`; empty while the node does not answer."""
        try:
            with self.client(node, password) as client:
                rows: Any = client.cat.nodes(format="json", h="name").body
        except (ApiError, TransportError):
            return []
        return sorted(row["name"] for row in rows)

    def wait_for_members(self, node: NodeProcess, *names: str, password: str = PASSWORD, seconds: float = SOON) -> None:
        """Wait until `_cat/nodes` of `node` shows exactly `names`."""
        wait_for(
            lambda: self.names(node, password) == sorted(names), seconds, f"{node.folder.name} to list {sorted(names)}"
        )

    def close(self) -> None:
        """End every process that is left. Fails if a log holds a secret that any test made."""
        for node in reversed(self._nodes):
            node.kill()
        found = leaked(self.logs())
        assert not found, f"secrets are in logs: {found}"

    def logs(self) -> list[Path]:
        """What its nodes wrote to their folders of logs and to their terminals."""
        written = {path for node in self._nodes for path in (*node.logs.rglob("*"), node.folder / "terminal.txt")}
        return sorted(path for path in written if path.is_file())


def write_certificates(folder: Path, issued: Issued, trusted: Sequence[Authority]) -> dict[str, object]:
    """Write `node.crt`, `node.key` and `ca.crt`, and return the settings of an SSL channel that name them."""
    certificate, key = issued.write(folder)
    (folder / "ca.crt").write_bytes(b"".join(one.certificate_pem for one in trusted))
    return {
        "enabled": True,
        "certificate": certificate.name,
        "key": key.name,
        "certificate_authorities": ["ca.crt"],
    }


def write_configuration(folder: Path, settings: Mapping[str, object], password: str | None) -> Path:
    """Write isthmus.yml, and a keystore with the first password of `elastic` if there is none yet."""
    write_folder(folder, settings)
    note(password or "")
    if password is not None and not (folder / FILE_NAME).exists():
        keystore = Keystore.create(folder / FILE_NAME)
        keystore.put("bootstrap.password", password)
        keystore.save()
    return folder


def isthmus(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the program on the configuration in `folder`."""
    done = subprocess.run(
        [sys.executable, "-m", "isthmus", *arguments],
        env={**os.environ, "ISTHMUS_PATH_CONF": str(folder)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if arguments[:1] == ("reset-password",) and "--silent" in arguments:
        note(done.stdout.strip())
    return done


def port_of(address: str) -> int:
    """The port of `host:port`."""
    return int(address.rpartition(":")[2])
