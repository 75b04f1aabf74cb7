"""How a node starts, and what keeps it from starting."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from isthmus.demo.nodes import NodeProcess, wait_for
from tests.live.site import OWNER, PASSWORD, SOON, Site, isthmus

pytestmark = pytest.mark.live
SHOWN = re.compile(r"The password of the user \[elastic\] is: (\S+)")
CONFIG_STATUS = 78

Terminal = Callable[[NodeProcess], "pexpect.spawn[str]"]


@pytest.fixture
def start_on_a_terminal() -> Iterator[Terminal]:
    opened: list[pexpect.spawn[str]] = []

    def start(node: NodeProcess) -> pexpect.spawn[str]:
        environ = {**os.environ, "ISTHMUS_PATH_CONF": str(node.folder)}
        command = ["-m", "isthmus", "node"]
        ports = node.logs / "http.ports"
        ports.unlink(missing_ok=True)
        opened.append(pexpect.spawn(sys.executable, command, env=environ, encoding="utf-8", timeout=SOON))
        wait_for(ports.exists, SOON, "the node to listen")
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close(force=True)


# The first password


def test_the_first_password_is_shown_once_on_a_terminal_and_never_logged(
    site: Site, start_on_a_terminal: Terminal
) -> None:
    node = site.node(site.folder(OWNER))
    terminal = start_on_a_terminal(node)
    terminal.expect(SHOWN)
    password = str(terminal.match[1])  # type: ignore[index]  # expect() has found one
    site.wait_for_members(node, OWNER, password=password)
    _end(terminal)
    again = start_on_a_terminal(node)
    site.wait_for_members(node, OWNER, password=password)
    _end(again)
    assert not SHOWN.search(str(again.before))
    assert _holding(site.root, password) == []


def test_a_first_password_is_not_shown_where_there_is_no_terminal(site: Site) -> None:
    node = site.start(OWNER, password=None)
    node.wait_until_logged("made the cluster")
    made = isthmus(node.folder, "reset-password", "-u", "elastic", "--batch", "--silent")
    site.wait_for_members(node, OWNER, password=made.stdout.strip())
    node.stop()
    assert "password" not in node.output()
    assert _holding(site.root, made.stdout.strip()) == []


def test_the_password_of_the_keystore_is_neither_shown_nor_logged(site: Site, start_on_a_terminal: Terminal) -> None:
    node = site.node(site.folder(OWNER, password=PASSWORD))
    terminal = start_on_a_terminal(node)
    site.wait_for_members(node, OWNER)
    _end(terminal)
    assert not SHOWN.search(str(terminal.before))
    assert _holding(site.root, PASSWORD) == []


def _end(terminal: pexpect.spawn[str]) -> None:
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def _holding(folder: Path, secret: str) -> list[Path]:
    """The files that hold `secret` in clear."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name.endswith("_server.json") for path in files)
    return [path for path in files if secret.encode() in path.read_bytes()]


# What keeps a node from starting


def test_a_data_folder_in_use_is_refused(site: Site) -> None:
    node = site.start(OWNER)
    rival = site.folder("rival", settings={"path.data": str(node.folder / "data")})
    refused = isthmus(rival, "node")
    assert refused.returncode == CONFIG_STATUS
    assert "another node runs on this data folder" in refused.stderr
    assert str(node.folder / "data") in refused.stderr
    site.wait_for_members(node, OWNER)


def test_an_unknown_setting_stops_the_start_and_names_the_nearest(site: Site) -> None:
    folder = site.folder(OWNER, settings={"node.nmae": "x"})
    line = len((folder / "isthmus.yml").read_text().splitlines())
    refused = isthmus(folder, "node")
    assert refused.returncode == CONFIG_STATUS
    assert "[node.nmae]" in refused.stderr
    assert "node.name" in refused.stderr
    assert f"isthmus.yml:{line}" in refused.stderr
    assert not (folder / "data").exists()


def test_two_configuration_files_are_an_error(site: Site) -> None:
    folder = site.folder(OWNER)
    (folder / "elasticsearch.yml").write_text((folder / "isthmus.yml").read_text())
    refused = isthmus(folder, "node")
    assert refused.returncode == CONFIG_STATUS
    assert "isthmus.yml" in refused.stderr
    assert "elasticsearch.yml" in refused.stderr


def test_a_taken_port_is_refused(site: Site) -> None:
    node = site.start(OWNER)
    port = int(node.http.rpartition(":")[2])
    refused = isthmus(site.folder("rival"), "node", "-E", f"http.port={port}")
    assert refused.returncode == CONFIG_STATUS
    assert "http.port" in refused.stderr


# What it is configured by


def test_the_command_line_wins_over_the_file(site: Site) -> None:
    node = site.start(OWNER, "-E", "node.attr.rack=r7", settings={"node.attr.rack": "r1"})
    site.wait_for_members(node, OWNER)
    with site.client(node) as client:
        [info] = client.nodes.info()["nodes"].values()
    assert info["attributes"]["rack"] == "r7"


def test_elasticsearch_yml_is_read_as_it_is(site: Site) -> None:
    folder = site.folder(OWNER, password=PASSWORD)
    (folder / "isthmus.yml").unlink()
    (folder / "elasticsearch.yml").write_text(
        "# ======== Elasticsearch Configuration ========\n"
        f"cluster:\n  name: ${{CLUSTER}}\nnode.name: {OWNER}\nnode.portsfile: true\n"
        "path.data: data\npath:\n  logs: logs\nnetwork.host: _local_\nhttp.port: 0\ntransport.port: 0\n"
        "bootstrap.memory_lock: true\nxpack.license.self_generated.type: trial\nxpack.security.enabled: true\n"
        f'cluster.initial_master_nodes: ["{OWNER}"]\n'
        "xpack.security.http.ssl:\n  enabled: true\n  certificate: node.crt\n  key: node.key\n"
        "xpack.security.transport.ssl:\n  enabled: true\n  verification_mode: certificate\n"
        "  certificate: node.crt\n  key: node.key\n  certificate_authorities: [ca.crt]\n"
    )
    node = NodeProcess(folder, folder / "logs", environ={"CLUSTER": "from-elasticsearch"})
    site.adopt(node)
    node.start()
    node.wait_until_bound()
    site.wait_for_members(node, OWNER)
    with site.client(node) as client:
        assert client.info()["cluster_name"] == "from-elasticsearch"
    for setting in ("bootstrap.memory_lock", "xpack.license.self_generated.type"):
        warning = node.logged(setting)
        assert warning is not None
        assert warning["log.level"].strip() == "WARN"
