"""`isthmus rotate` on real nodes when processes are killed, certificates have expired, and somebody interferes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from isthmus.demo.nodes import NodeProcess, wait_for
from tests.live.site import OWNER, SOON, Site

pytestmark = pytest.mark.live

MEMBER = "second"
QUICKLY = {"resource.reload.interval.high": "200ms"}
PATIENT = "60"


@dataclass(frozen=True)
class Rotation:
    """`isthmus rotate` as a process of its own, on the running nodes of a site."""

    site: Site
    nodes: Sequence[NodeProcess]

    @property
    def work(self) -> Path:
        return self.site.root / "rotation"

    def plan(self, *arguments: str) -> None:
        entries = [{"folder": str(one.folder), "transport": one.transport, "http": one.http} for one in self.nodes]
        clients = [{"name": "client", "file": str(self.site.root / "ca.crt")}]
        inventory = self.site.root / "inventory.yml"
        inventory.write_text(json.dumps({"nodes": entries, "clients": clients}))
        done = self.run("plan", "--inventory", str(inventory), "--no-other-clients", *(arguments or ("--new-ca",)))
        assert done.returncode == 0, done.stderr

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "isthmus", "rotate", command, "--work", str(self.work), *arguments],
            capture_output=True,
            text=True,
            timeout=120,
        )

    def begin(self, command: str = "apply") -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "isthmus", "rotate", command, "--work", str(self.work), "--patience", PATIENT]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def events(self) -> list[dict[str, Any]]:
        lines = (self.work / "rotation.jsonl").read_bytes().split(b"\n")
        return [json.loads(line) for line in lines[1:-1]]

    def steps(self) -> list[tuple[str, str, str]]:
        return [(one["channel"], one["step"], one["party"]) for one in self.events() if one["event"] == "given"]

    def new_ca(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.work / "ca" / "ca.crt").read_bytes())


def start(site: Site, **given: Any) -> Rotation:
    owner = site.start(OWNER, settings=QUICKLY, **given)
    member = site.start(MEMBER, seeds=[owner], settings=QUICKLY, **given)
    site.wait_for_members(owner, OWNER, MEMBER)
    return Rotation(site, [owner, member])


def taken_another_step(rotation: Rotation, process: subprocess.Popen[str]) -> bool:
    """Wait until the process has taken a step; False if it ended without."""
    known = len(rotation.steps())
    wait_for(lambda: len(rotation.steps()) > known or process.poll() is not None, 60, "a step to be taken")
    return process.poll() is None


def openssl_verifies(address: str, authority: Path) -> bool:
    """Whether what a port serves leads to this CA alone, as openssl sees it."""
    words = ["openssl", "s_client", "-connect", address, "-CAfile", str(authority), "-verify_return_error"]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SOON, check=False)
    return "Verify return code: 0 (ok)" in done.stdout


def test_a_rotation_killed_in_every_phase_is_resumed_and_the_cluster_never_breaks(site: Site) -> None:
    rotation = start(site)
    rotation.plan()
    killed = set()
    while (process := rotation.begin("resume")) and taken_another_step(rotation, process):
        process.kill()
        killed.add(rotation.steps()[-1][:2])
        process.communicate()
    said, _ = process.communicate()
    assert process.returncode == 0, said
    assert killed == {("transport", kind) for kind in ("widen", "reissue", "narrow")}
    owner, member = rotation.nodes
    for node in (owner, member):
        assert node.logged("left:") is None
        assert openssl_verifies(node.http, rotation.work / "ca" / "ca.crt")
        assert not [*node.folder.glob(".*.tmp")]
    site.wait_for_members(owner, OWNER, MEMBER)
    again = rotation.run("resume")
    assert (again.returncode, "Done" in again.stdout) == (0, True)


def test_a_node_killed_in_the_middle_is_waited_for_by_name_and_the_rest_goes_on_when_it_is_back(site: Site) -> None:
    rotation = start(site)
    owner, member = rotation.nodes
    rotation.plan()
    address, ports = member.transport, {one: getattr(member, one).rpartition(":")[2] for one in ("transport", "http")}
    member.kill()
    waits = rotation.run("apply", "--patience", "2")
    assert waits.returncode == 69
    assert f"[{MEMBER}]" in waits.stderr
    assert address in waits.stderr
    assert "rotate resume" in waits.stderr
    assert {step for _, step, _ in rotation.steps()} == {"widen"}
    process = rotation.begin("resume")
    member.start(*(word for channel, port in ports.items() for word in ("-E", f"{channel}.port={port}")))
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    site.wait_for_members(owner, OWNER, MEMBER)


def expired_site(site: Site) -> Rotation:
    """Nodes that run, and whose certificates have expired."""
    nodes: list[NodeProcess] = []
    for name in (OWNER, MEMBER):
        issued = site.ca.issue(name, days=(-30, -1))
        node = site.start(name, issued=issued, seeds=nodes, settings=QUICKLY)
        nodes.append(node)
    assert not openssl_verifies(nodes[0].transport, site.root / "ca.crt")
    return Rotation(site, nodes)


def test_nodes_whose_certificates_expired_come_back(site: Site) -> None:
    rotation = expired_site(site)
    owner, _ = rotation.nodes
    rotation.plan()
    stuck = rotation.run("apply", "--patience", "1")
    assert (stuck.returncode, "expired" in stuck.stderr) == (69, True)
    back = rotation.run("recover", "--patience", PATIENT)
    assert back.returncode == 0, back.stderr
    assert "start those by hand" in back.stdout
    site.wait_for_members(owner, OWNER, MEMBER, seconds=60)
    assert all(openssl_verifies(node.http, rotation.work / "ca" / "ca.crt") for node in rotation.nodes)


def test_a_cluster_whose_certificates_are_valid_is_not_recovered(site: Site) -> None:
    rotation = start(site)
    rotation.plan()
    refused = rotation.run("recover")
    assert refused.returncode == 78
    assert "none of the old certificates has expired" in refused.stderr
    assert "isthmus rotate apply" in refused.stderr
    assert rotation.steps() == []
