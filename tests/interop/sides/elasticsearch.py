"""A real Elasticsearch of one node, from ISTHMUS_ES_HOME."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tests.certificates import Authority, make_ca
from tests.interop.cluster import free_ports
from tests.interop.engine import FULL, EngineProcess, find_engine
from tests.interop.material import in_pem
from tests.interop.sides.side import Address, Missing, Side


def elasticsearch(
    root: Path, *, is_measured: bool = False, ca: Authority | None = None, remote_port: int | None = None
) -> Side:
    """Configure a node in `root`; one that is measured gets 512 MB and the whole compiler. Raises Missing.

    It is of `ca`, if one is given. With a `remote_port` other clusters may search it, and it may search others.
    """
    engine = find_engine()
    if isinstance(engine, str):
        raise Missing(engine)
    if is_measured:
        engine = replace(engine, heap="512m", machine=FULL)
    ca = ca or make_ca("side CA")
    folder = root / "config"
    folder.mkdir(parents=True)
    trust = root / "clients.crt"
    trust.write_bytes(ca.certificate_pem)
    (folder / "remote-cluster-ca.crt").write_bytes(ca.certificate_pem)
    kept = in_pem(folder, ca, lambda: ca.issue("side"))
    http, transport = free_ports(2)
    password = secrets.token_hex(12)
    settings = {
        "cluster.name": "side",
        "node.name": "side",
        "network.host": "127.0.0.1",
        "http.port": http,
        "transport.port": transport,
        "path.data": str(root / "data"),
        "path.logs": str(root / "logs"),
        "discovery.type": "single-node",
        "cluster.routing.allocation.disk.threshold_enabled": False,
        "xpack.license.self_generated.type": "trial",
        "xpack.security.enabled": True,
        "xpack.security.transport.ssl.enabled": True,
        "xpack.security.http.ssl.enabled": True,
        **kept.settings,
        **({} if remote_port is None else _linked(remote_port, kept.settings)),
    }
    (folder / "elasticsearch.yml").write_text("".join(f"{name}: {json.dumps(at)}\n" for name, at in settings.items()))
    engine.put_secure(folder, {"bootstrap.password": password, **kept.secure})
    address = Address(http, trust, "elastic", password)
    return Side("elasticsearch", "Elasticsearch", address, EngineProcess(engine, folder), root / "data")


def _linked(port: int, files: Mapping[str, object]) -> dict[str, object]:
    """What lets it be searched by other clusters on `port`, and search others, with the certificates of its HTTP."""
    prefix = "xpack.security.http.ssl."
    own = {name.removeprefix(prefix): value for name, value in files.items() if name.startswith(prefix)}
    own = {name: own[name] for name in ("certificate", "key")}
    return {
        "remote_cluster_server.enabled": True,
        "remote_cluster.port": port,
        **{f"xpack.security.remote_cluster_server.ssl.{name}": value for name, value in own.items()},
        "xpack.security.remote_cluster_client.ssl.certificate_authorities": ["remote-cluster-ca.crt"],
    }
