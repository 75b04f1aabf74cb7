"""A real Elasticsearch of one node, from ISTHMUS_ES_HOME."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path

from tests.certificates import make_ca
from tests.interop.cluster import free_ports
from tests.interop.engine import FULL, EngineProcess, find_engine
from tests.interop.material import in_pem
from tests.interop.sides.side import Address, Missing, Side


def elasticsearch(root: Path, *, is_measured: bool = False) -> Side:
    """Configure a node in `root`; one that is measured gets 512 MB and the whole compiler. Raises Missing."""
    engine = find_engine()
    if isinstance(engine, str):
        raise Missing(engine)
    if is_measured:
        engine = replace(engine, heap="512m", machine=FULL)
    ca = make_ca("side CA")
    folder = root / "config"
    folder.mkdir(parents=True)
    trust = root / "clients.crt"
    trust.write_bytes(ca.certificate_pem)
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
    }
    (folder / "elasticsearch.yml").write_text("".join(f"{name}: {json.dumps(at)}\n" for name, at in settings.items()))
    engine.put_secure(folder, {"bootstrap.password": password, **kept.secure})
    address = Address(http, trust, "elastic", password)
    return Side("elasticsearch", "Elasticsearch", address, EngineProcess(engine, folder), root / "data")
