"""`isthmus doctor --live` against a real Elasticsearch: transport, HTTP and the remote cluster server."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from isthmus.lifecycle.probing.line import connected
from tests.certificates import Issued, make_ca
from tests.interop.calling import isthmus
from tests.interop.client import eventually
from tests.interop.cluster import STARTS_WITHIN, free_ports
from tests.interop.engine import Engine, EngineProcess
from tests.interop.told import tell

pytestmark = pytest.mark.interop

CHANNELS = ("transport", "http", "remote_cluster_server")
CA = make_ca("real CA")


@dataclass(frozen=True)
class Real:
    """A node that runs: its folder and the addresses of its channels."""

    folder: Path
    ports: dict[str, str]
    served: dict[str, Issued]

    async def look(self, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
        """Return the exit status and the JSON report of the doctor."""
        done = await isthmus("doctor", "--json", *arguments)
        return done.status, json.loads(done.output)


@pytest.fixture
async def real(tmp_path: Path, engine: Engine) -> AsyncIterator[Real]:
    folder = tmp_path / "real" / "config"
    served = {channel: CA.issue(channel, days=(-1, 300)) for channel in CHANNELS}
    ports = dict(zip(CHANNELS, free_ports(3), strict=True))
    settings: dict[str, object] = {
        "node.name": "real",
        "cluster.name": "interop-live",
        "network.host": "127.0.0.1",
        "path.data": str(tmp_path / "real" / "data"),
        "path.logs": str(tmp_path / "real" / "logs"),
        "discovery.type": "single-node",
        "http.port": ports["http"],
        "transport.port": ports["transport"],
        "remote_cluster_server.enabled": True,
        "remote_cluster.port": ports["remote_cluster_server"],
        "xpack.license.self_generated.type": "trial",
        "xpack.security.enabled": True,
        "xpack.security.transport.ssl.certificate_authorities": ["certs/ca.crt"],
    }
    for channel, issued in served.items():
        issued.write(folder / "certs", channel)
        prefix = f"xpack.security.{channel}.ssl"
        settings |= {
            f"{prefix}.enabled": True,
            f"{prefix}.key": f"certs/{channel}.key",
            f"{prefix}.certificate": f"certs/{channel}.crt",
        }
    (folder / "certs" / "ca.crt").write_bytes(CA.certificate_pem)
    (folder / "elasticsearch.yml").write_text("".join(f"{name}: {json.dumps(at)}\n" for name, at in settings.items()))
    engine.put_secure(folder, {"bootstrap.password": secrets.token_hex(12)})
    process = EngineProcess(engine, folder)
    process.start()
    try:
        addresses = {channel: f"127.0.0.1:{port}" for channel, port in ports.items()}
        await eventually(lambda: _open(process, addresses["http"]), STARTS_WITHIN, "the node to listen")
        yield Real(folder, addresses, served)
    finally:
        process.stop()


async def test_a_real_node_is_told_by_its_folder_and_by_options(real: Real) -> None:
    status, told = await real.look("--live", *real.ports.values(), real.folder)
    ports = dict(zip(CHANNELS, told["ports"], strict=True))
    tell("a real node, dialled", json.dumps({name: _brief(one) for name, one in ports.items()}, indent=1))
    tell("found", *(f"{one['severity']} {one['node']} {one['rule']}: {one['sentence']}" for one in told["findings"]))
    assert {name: one["channel"] for name, one in ports.items()} == {channel: channel for channel in CHANNELS}
    for channel, one in ports.items():
        assert one["served"][0]["serial_number"] == f"{real.served[channel].certificate.serial_number:x}"
        assert one["versions"]["TLSv1.2"] == one["versions"]["TLSv1.3"] == "accepted"
        assert one["cipher_suites"]["whole"]
        assert len(one["cipher_suites"]["accepted"]) > 3
    transport = ports["transport"]
    assert transport["node"]["name"] == "real"
    assert transport["node"]["version"].startswith("8.19.")
    assert transport["client_authentication"] == "required"
    assert (transport["alien"], transport["namesake"]) == ("refused", "refused")
    assert ports["http"]["client_authentication"] == "none"
    live = set(real.ports.values())
    assert [one for one in told["findings"] if one["node"] in live and one["severity"] == "error"] == []
    assert status == told["status"]


async def test_a_real_node_that_was_not_reloaded_serves_another_certificate_than_its_files_hold(real: Real) -> None:
    """NATS leaf nodes, P35; an unreadable key keeps Elasticsearch from taking the new certificate."""
    CA.issue("http", days=(-1, 300)).write(real.folder / "certs", "renewed")
    yml = real.folder / "elasticsearch.yml"
    yml.write_text(yml.read_text().replace("certs/http.", "certs/renewed."))
    status, told = await real.look("--live", real.ports["http"], real.folder)
    assert status == 2
    assert "live-other-certificate" in {one["rule"] for one in told["findings"]}


async def test_ports_of_a_real_node_that_are_mixed_up_are_told_with_the_one_that_was_meant(real: Real) -> None:
    """troubleshooting remote clusters, docs-content#3245: 9300 and 9443 and 9200 are mixed up (P22)."""
    yml = real.folder / "elasticsearch.yml"
    mixed = yml.read_text().replace("transport.port", "x").replace("remote_cluster.port", "transport.port")
    yml.write_text(mixed.replace("x:", "remote_cluster.port:"))
    status, told = await real.look("--live", real.ports["transport"], real.folder)
    (found,) = (one for one in told["findings"] if one["rule"] == "live-other-port")
    tell("mixed up", found["sentence"], found["mend"])
    assert status == 2
    assert "it is the transport port" in found["sentence"]
    assert "the remote cluster port was probably meant: the node runs with other settings" in found["mend"]


async def _open(process: EngineProcess, address: str) -> bool:
    if not process.is_running:
        raise RuntimeError(f"the node ended: {process.log()[-20:]}")
    async with connected(address):
        return True


def _brief(port: dict[str, Any]) -> dict[str, Any]:
    names = ("protocol", "versions", "client_authentication", "alien", "namesake", "remark", "node")
    return {**{name: port[name] for name in names}, "suites": len(port["cipher_suites"]["accepted"])}
