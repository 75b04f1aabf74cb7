"""`isthmus doctor --live` against a real OpenSearch with its security plugin."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from isthmus.lifecycle.probing.line import connected
from tests.certificates import Issued, make_ca
from tests.interop.calling import isthmus
from tests.interop.client import eventually
from tests.interop.cluster import STARTS_WITHIN, free_ports
from tests.interop.told import tell

pytestmark = pytest.mark.interop

CA = make_ca("real CA")
STOPS_WITHIN = 60.0


@dataclass(frozen=True)
class Real:
    """A node that runs: its folder, its two addresses, and what it serves on both."""

    folder: Path
    transport: str
    http: str
    served: Issued


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[Real]:
    home = os.environ.get("ISTHMUS_OPENSEARCH_HOME")
    java = shutil.which("java")
    if not home or java is None:
        pytest.skip("ISTHMUS_OPENSEARCH_HOME names no assembled OpenSearch, or there is no java")
    secure = Path(home).resolve() / "secure"
    folder = tmp_path / "node" / "config"
    served = CA.issue("node", days=(-1, 300))
    served.write(folder / "certs")
    (folder / "certs" / "ca.crt").write_bytes(CA.certificate_pem)
    shutil.copytree(secure / "plugins" / "opensearch-security" / "config", folder / "opensearch-security")
    shutil.copy(secure / "config" / "log4j2.properties", folder)
    transport, http = free_ports(2)
    own = "plugins.security.ssl"
    files = {"pemcert_filepath": "node.crt", "pemkey_filepath": "node.key", "pemtrustedcas_filepath": "ca.crt"}
    settings: dict[str, object] = {
        "node.name": "real",
        "network.host": "127.0.0.1",
        "http.port": http,
        "transport.port": transport,
        "discovery.type": "single-node",
        "path.data": str(tmp_path / "node" / "data"),
        "path.logs": str(tmp_path / "node" / "logs"),
        f"{own}.http.enabled": True,
        f"{own}.transport.enforce_hostname_verification": False,
        "plugins.security.nodes_dn": ["CN=node"],
        **{
            f"{own}.{channel}.{name}": f"certs/{file}"
            for channel in ("transport", "http")
            for name, file in files.items()
        },
    }
    (folder / "opensearch.yml").write_text("".join(f"{name}: {json.dumps(at)}\n" for name, at in settings.items()))
    output = tmp_path / "output.txt"
    with output.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            *_as_somebody(), java, "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true", f"-Djava.io.tmpdir={_scratch(tmp_path)}", f"-Dopensearch.path.home={secure}",
            f"-Dopensearch.path.conf={folder}", "-Dopensearch.distribution.type=zip", "-Dopensearch.bundled_jdk=false",
            "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
            "org.opensearch.secure_sm.SecuredForkJoinWorkerThreadFactory",
            "-cp", f"{secure}/lib/*", "org.opensearch.bootstrap.OpenSearch",
            stdout=stream, stderr=stream, stdin=asyncio.subprocess.DEVNULL, cwd=tmp_path / "node",
        )  # fmt: skip

    async def listens() -> bool:
        if process.returncode is not None:
            raise RuntimeError(f"the node ended: {output.read_text(errors='replace')[-3000:]}")
        async with connected(f"127.0.0.1:{http}"):
            return True

    try:
        await eventually(listens, STARTS_WITHIN, "the node to listen")
        yield Real(folder, f"127.0.0.1:{transport}", f"127.0.0.1:{http}", served)
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(STOPS_WITHIN):
                await process.wait()


async def test_a_real_opensearch_is_told_by_its_folder(real: Real) -> None:
    done = await isthmus("doctor", "--json", "--live", real.transport, real.http, real.folder)
    told = json.loads(done.output)
    transport, http = told["ports"]
    for one in told["ports"]:
        tell(f"OpenSearch, {one['protocol']}", json.dumps({name: one[name] for name in ("versions", "alien", "node")}))
        tell(
            "", f"{len(one['cipher_suites']['accepted'])} suites, client {one['client_authentication']}", one["remark"]
        )
        assert one["served"][0]["serial_number"] == f"{real.served.certificate.serial_number:x}"
    tell("found", *(f"{one['severity']} {one['node']} {one['rule']}: {one['sentence']}" for one in told["findings"]))
    assert (transport["channel"], http["channel"]) == ("transport", "http")
    assert transport["client_authentication"] == "required"
    assert (transport["alien"], transport["namesake"]) == ("refused", "refused")
    ports = {real.transport, real.http}
    assert [one for one in told["findings"] if one["node"] in ports and one["severity"] == "error"] == []


def _as_somebody() -> tuple[str, ...]:
    """The server refuses the user 0; in a namespace of its own that is another."""
    return ("unshare", "--user", "--") if os.getuid() == 0 else ()


def _scratch(root: Path) -> Path:
    folder = root / "tmp"
    folder.mkdir()
    return folder
