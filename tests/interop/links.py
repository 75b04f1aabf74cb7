"""Clusters of both kinds that can be linked to each other by cross-cluster API keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isthmus.demo.nodes import wait_for
from isthmus.keystore import FILE_NAME, Keystore
from tests.certificates import Authority
from tests.interop.cluster import free_ports
from tests.interop.engine import Engine, EngineProcess
from tests.interop.sides.elasticsearch import elasticsearch
from tests.interop.sides.isthmus import IsthmusProcess
from tests.interop.sides.side import Address, Line, Side
from tests.live.linked import server_settings
from tests.live.site import PASSWORD, Site

LINKED_WITHIN = 60.0
MODES = ("proxy", "sniff")


@dataclass(frozen=True)
class Linkable:
    """A cluster of one node that others may search at `port`; `keep` puts secrets into its keystore."""

    side: Side
    port: int
    keep: Callable[[Mapping[str, str]], object]


def real(root: Path, ca: Authority, engine: Engine) -> Linkable:
    """Configure an Elasticsearch in `root`. Raises Missing."""
    (port,) = free_ports(1)
    side = elasticsearch(root, ca=ca, remote_port=port)
    process = side.process
    if not isinstance(process, EngineProcess):
        raise TypeError("an engine's process is expected")
    return Linkable(side, port, lambda values: engine.put_secure(process.folder, values))


def ours(root: Path, ca: Authority) -> Linkable:
    """Configure an Isthmus in `root`."""
    http, port = free_ports(2)
    root.mkdir(parents=True)
    site = Site(root)
    site.ca = ca
    (root / "ca.crt").write_bytes(ca.certificate_pem)
    settings = server_settings() | {
        "http.port": http,
        "remote_cluster.port": port,
        "xpack.security.audit.enabled": False,
        "xpack.security.remote_cluster_client.ssl.certificate_authorities": ["ca.crt"],
    }
    folder = site.folder("node", password=PASSWORD, settings=settings)
    address = Address(http, root / "ca.crt", "elastic", PASSWORD)
    side = Side("isthmus", "Isthmus", address, IsthmusProcess(folder), folder / "data")

    def keep(values: Mapping[str, str]) -> None:
        keystore = Keystore.load(folder / FILE_NAME)
        for name, value in values.items():
            keystore.put(name, value)
        keystore.save()

    return Linkable(side, port, keep)


def key_of(far: Line, access: Mapping[str, Any]) -> str:
    """Make a cross-cluster API key for searches, and return it as keystores take it."""
    made = far.must("POST", "/_security/cross_cluster/api_key", {"name": "near", "access": {"search": [access]}})
    return str(made["encoded"])


def link(
    near: Line,
    of: Linkable,
    alias: str,
    far: Linkable,
    key: str,
    mode: str = "proxy",
    *,
    counted: str = "logs-1",
    **more: Any,
) -> None:
    """Have the cluster `of`, asked by `near`, register `far` by `key`, and wait for the link.

    `counted` is an index there, `more` are settings of the link.
    """
    of.keep({f"cluster.remote.{alias}.credentials": key})
    near.must("POST", "/_nodes/reload_secure_settings", {})
    place = {"proxy_address": f"127.0.0.1:{far.port}"} if mode == "proxy" else {"seeds": [f"127.0.0.1:{far.port}"]}
    settings = {"mode": mode, "skip_unavailable": False, **place, **more}
    near.must("PUT", "/_cluster/settings", {"persistent": {f"cluster.remote.{alias}.*": None}})
    persistent = {f"cluster.remote.{alias}.{name}": value for name, value in settings.items()}
    near.must("PUT", "/_cluster/settings", {"persistent": persistent})

    def is_linked() -> bool:
        near.ask("GET", f"/{alias}:{counted}/_count")
        return bool(near.must("GET", "/_remote/info")[alias]["connected"])

    wait_for(is_linked, LINKED_WITHIN, f"{alias} to be linked")
