"""Two clusters of live nodes: `far` lets itself be searched, `near` searches it with a cross-cluster API key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from isthmus.demo.nodes import NodeProcess, wait_for
from isthmus.keystore import FILE_NAME, Keystore
from tests.live.secrets_made import note
from tests.live.site import SOON, Site

ALIAS = "far"
DOCUMENTS = [
    {"id": f"{number}", "team": ("red", "blue")[number % 2], "level": number, "secret": f"s{number}", "msg": "hello"}
    for number in range(1, 7)
]


@dataclass(frozen=True)
class Linked:
    """Both clusters."""

    site: Site
    far: NodeProcess
    near: NodeProcess

    def settings(self, **given: Any) -> dict[str, Any]:
        """Settings of the remote cluster `far`, which stays reachable by the proxy's address."""
        base = {"mode": "proxy", "proxy_address": self.far.remote_cluster, "skip_unavailable": False}
        return {f"cluster.remote.{ALIAS}.{name}": value for name, value in (base | given).items()}

    def register(self, near: Elasticsearch, **given: Any) -> None:
        """Register `far` in `near`, and wait for the link."""
        near.cluster.put_settings(persistent=self.settings(**given))
        wait_for(lambda: self.info(near)["connected"], SOON, "the link")

    def info(self, near: Elasticsearch, alias: str = ALIAS) -> Mapping[str, Any]:
        """What `near` tells of a link; nothing if there is none."""
        found: Mapping[str, Any] = near.cluster.remote_info().body.get(alias, {"connected": False})
        return found

    def trust(self, key: Mapping[str, Any], near: Elasticsearch, alias: str = ALIAS) -> None:
        """Put an API key into the keystore of `near` and have it read."""
        note(key["encoded"])
        keystore = Keystore.load(self.near.folder / FILE_NAME)
        keystore.put(f"cluster.remote.{alias}.credentials", key["encoded"])
        keystore.save()
        near.nodes.reload_secure_settings()


def linked(site: Site) -> Linked:
    """Start both, with documents in `far`; nothing is registered yet."""
    far = site.start(
        "far-node",
        settings={"cluster.name": "far-cluster"} | server_settings(),
    )
    near = site.start(
        "near-node",
        settings={
            "cluster.name": "near-cluster",
            "xpack.security.remote_cluster_client.ssl.certificate_authorities": ["ca.crt"],
        },
    )
    for node in (far, near):
        site.wait_for_members(node, node.folder.name)
    with site.client(far) as client:
        for one in DOCUMENTS:
            client.index(index="logs-1", id=str(one["id"]), document=one, refresh=True)
        client.index(index="hidden", id="1", document={"secret": "x"}, refresh=True)
    return Linked(site, far, near)


def server_settings() -> dict[str, Any]:
    """Settings of a node that other clusters may search."""
    return {
        "remote_cluster_server.enabled": True,
        "remote_cluster.port": 0,
        "xpack.security.remote_cluster_server.ssl.certificate": "node.crt",
        "xpack.security.remote_cluster_server.ssl.key": "node.key",
        "xpack.security.audit.enabled": True,
    }
