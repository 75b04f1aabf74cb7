"""Certificates change under real nodes, and nobody notices: neither the cluster nor a client with keep-alive."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from elasticsearch import Elasticsearch

from isthmus.demo.nodes import NodeProcess, wait_for
from tests.certificates import Issued, make_ca
from tests.live.site import CLUSTER, OWNER, PASSWORD, SOON, Site, port_of

pytestmark = pytest.mark.live

MEMBER = "second"
QUICKLY = {"resource.reload.interval.high": "200ms"}
CHANNELS = 2
ONLY_WHEN_ASKED = {"resource.reload.enabled": False}


@dataclass(frozen=True)
class Pair:
    """The owner of a cluster's state and a member, of one site."""

    site: Site
    owner: NodeProcess
    member: NodeProcess

    def still_stands(self) -> None:
        """Neither ever lost the other."""
        for node in (self.owner, self.member):
            self.site.wait_for_members(node, OWNER, MEMBER)
            assert node.logged("left:") is None
            assert node.logged("was lost") is None


def start_pair(site: Site, settings: Mapping[str, object] = QUICKLY) -> Pair:
    owner = site.start(OWNER, settings=settings)
    member = site.start(MEMBER, seeds=[owner], settings=settings)
    site.wait_for_members(owner, OWNER, MEMBER)
    return Pair(site, owner, member)


@pytest.fixture
def pair(site: Site) -> Pair:
    return start_pair(site)


def served(address: str) -> x509.Certificate:
    """What a port serves, asked by openssl's handshake without a certificate of ours."""
    pem = ssl.get_server_certificate(("127.0.0.1", port_of(address)), timeout=SOON)
    return x509.load_pem_x509_certificate(pem.encode())


def serves(node: NodeProcess, issued: Issued) -> bool:
    return all(served(address) == issued.certificate for address in (node.http, node.transport))


def wait_until_served(node: NodeProcess, issued: Issued) -> None:
    wait_for(lambda: serves(node, issued), SOON, f"{node.folder.name} to serve the new certificate")


def post(pair: Pair, path: str = "/_nodes/reload_certificates") -> dict[str, Any]:
    """Ask the owner to have the certificates reloaded; the channels by the node's name."""
    with pair.site.client(pair.owner) as client:
        body = client.perform_request("POST", path, headers={"accept": "application/json"}).body
    assert body["_nodes"]["failed"] == 0
    return {node["name"]: node["channels"] for node in body["nodes"].values()}


# How files are put in place


def by_rename(folder: Path, issued: Issued) -> None:
    certificate, key = issued.write(folder, "next")
    certificate.rename(folder / "node.crt")
    key.rename(folder / "node.key")


def in_two_writes(folder: Path, issued: Issued) -> None:
    """In place, each file cut short first: what a reader could see at any moment is broken."""
    for name, content in (("node.crt", issued.chain_pem), ("node.key", issued.key_pem)):
        with (folder / name).open("wb", buffering=0) as file:
            file.write(content[: len(content) // 2])
            os.fsync(file.fileno())
            file.write(content[len(content) // 2 :])


@pytest.mark.parametrize("replace", [by_rename, in_two_writes])
def test_a_new_certificate_is_served_however_it_is_written(pair: Pair, replace: Callable[[Path, Issued], None]) -> None:
    issued = pair.site.ca.issue("renewed")
    replace(pair.member.folder, issued)
    wait_until_served(pair.member, issued)
    pair.still_stands()


def test_p13_a_swap_of_the_data_link_of_kubernetes_is_seen(site: Site) -> None:
    """kibana#110082, kibana#101072: a swap of ..data is not noticed."""
    first, second = site.ca.issue("first version"), site.ca.issue("second version")
    names = {"certificate": "mounted/node.crt", "key": "mounted/node.key"}
    settings = {f"xpack.security.{one}.ssl.{k}": v for one in ("transport", "http") for k, v in names.items()}
    mounted = site.root / OWNER / "mounted"
    first.write(mounted / "..2026_01")
    (mounted / "..data").symlink_to("..2026_01")
    for name in ("node.crt", "node.key"):
        (mounted / name).symlink_to(f"..data/{name}")
    node = site.start(OWNER, settings={**QUICKLY, **settings})
    assert serves(node, first)
    second.write(mounted / "..2026_02")
    (mounted / "..data_tmp").symlink_to("..2026_02")
    (mounted / "..data_tmp").rename(mounted / "..data")
    shutil.rmtree(mounted / "..2026_01")
    wait_until_served(node, second)


@pytest.fixture
def bind_mounts() -> Iterator[Callable[[Path, Path], None]]:
    mounted: list[Path] = []

    def mount(source: Path, target: Path) -> None:
        done = subprocess.run(["mount", "--bind", str(source), str(target)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"this process may not mount: {done.stderr.decode().strip()}")
        mounted.append(target)

    yield mount
    for target in mounted:
        subprocess.run(["umount", str(target)], check=True)


def test_p13_a_single_file_that_is_bind_mounted_is_seen(
    site: Site, bind_mounts: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    """spring-boot#44807, bitnami/charts#31872: files copied over a mount are not noticed."""
    folder = site.folder(OWNER, password=PASSWORD, settings=QUICKLY)
    outside = tmp_path / "outside"
    site.ca.issue("first version").write(outside)
    for name in ("node.crt", "node.key"):
        bind_mounts(outside / name, folder / name)
    node = site.node(folder)
    node.start()
    node.wait_until_bound()
    second = site.ca.issue("second version")
    in_two_writes(outside, second)
    wait_until_served(node, second)


# Asking for it


def test_sighup_reloads_without_a_poll(site: Site) -> None:
    node = site.start(OWNER, settings=ONLY_WHEN_ASKED)
    issued = site.ca.issue("renewed")
    by_rename(node.folder, issued)
    os.kill(node.pid, signal.SIGHUP)
    wait_until_served(node, issued)
    node.wait_until_logged("asked to reload: reloaded")


def test_one_post_reloads_every_node_and_tells_what_each_serves(site: Site) -> None:
    pair = start_pair(site, ONLY_WHEN_ASKED)
    issued = site.ca.issue("renewed")
    by_rename(pair.member.folder, issued)
    told = post(pair)
    assert serves(pair.member, issued)
    assert {channel: one["result"] for channel, one in told[OWNER].items()} == {
        "transport": "unchanged",
        "http": "unchanged",
    }
    for one in told[MEMBER].values():
        assert one["result"] == "reloaded"
        assert int(one["serial_number"], 16) == issued.certificate.serial_number
        assert one["not_after"].startswith(issued.certificate.not_valid_after_utc.isoformat()[:19])
        assert one["trusted_authorities"] == 1
    assert set(post(pair, f"/_nodes/{MEMBER}/reload_certificates")) == {MEMBER}
    with site.client(pair.member) as client:
        assert f"{issued.certificate.serial_number:x}" in json.dumps(client.ssl.certificates().body)
    pair.still_stands()


# What cannot be used


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


BAD: dict[str, tuple[str, Callable[[Path], object]]] = {
    "empty": ("node.crt", lambda path: path.write_bytes(b"")),
    "truncated": ("node.crt", lambda path: os.truncate(path, 300)),
    "no certificate": ("node.crt", lambda path: path.write_text("hello")),
    "10 MB": ("node.crt", lambda path: path.write_bytes(b"-----BEGIN CERTIFICATE-----\n" * 400_000)),
    "gone": ("node.key", Path.unlink),
    "a folder": ("node.key", a_folder),
    "a pipe": ("node.key", a_pipe),
    "the key of another": ("node.key", lambda path: path.write_bytes(make_ca().key_pem)),
}


def restore(path: Path, issued: Issued) -> None:
    if path.is_dir():
        path.rmdir()
    by_rename(path.parent, issued)


def warnings(site: Site, node: NodeProcess) -> list[str]:
    with site.client(node) as client:
        return list(client.cluster.health().body.get("warnings", []))


def test_p12_bad_files_are_told_once_and_tried_again_while_the_last_good_ones_serve(site: Site) -> None:
    """elasticsearch#63870: a reload gives up after the first unreadable file."""
    good = site.ca.issue("good")
    node = site.start(OWNER, issued=good, settings=QUICKLY)
    site.wait_for_members(node, OWNER)
    for name, spoil in BAD.values():
        path = node.folder / name
        spoil(path)
        wait_for(lambda: len(warnings(site, node)) == CHANNELS, SOON, f"the health to warn of {path}")
        assert all(str(node.folder) in one for one in warnings(site, node))
        assert serves(node, good)
        restore(path, good)
        wait_for(lambda: warnings(site, node) == [], SOON, "the health to be well again")
    told = [str(entry["message"]) for entry in node.log_entries() if "cannot be used" in str(entry["message"])]
    assert len(told) == CHANNELS * len(BAD)


# Rotation


@dataclass
class Load:
    """Clients with keep-alive that ask all the time, each over one connection; `failed` is what went wrong."""

    site: Site
    nodes: list[NodeProcess]
    answered: int = 0
    failed: list[str] = field(default_factory=list)

    def __enter__(self) -> Load:
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(len(self.nodes))
        for node in self.nodes:
            self._pool.submit(self._ask, node)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown()

    def _ask(self, node: NodeProcess) -> None:
        with self.site.client(node) as client:
            while not self._stop.is_set():
                try:
                    self._once(client)
                except Exception as error:
                    self.failed.append(repr(error))

    def _once(self, client: Elasticsearch) -> None:
        health = client.cluster.health()
        if (health["status"], health["number_of_nodes"]) != ("green", 2):
            self.failed.append(str(health))
        if client.nodes.info()["_nodes"]["failed"]:
            self.failed.append("a node did not report")
        self.answered += 1


def test_twenty_reloads_under_load_lose_no_request(pair: Pair) -> None:
    with Load(pair.site, [pair.owner, pair.member]) as load:
        for number in range(20):
            node = (pair.owner, pair.member)[number % 2]
            issued = pair.site.ca.issue(f"version {number}")
            by_rename(node.folder, issued)
            assert {one["result"] for one in post(pair)[node.folder.name].values()} <= {"reloaded", "unchanged"}
            assert serves(node, issued)
    assert load.failed == []
    assert load.answered > 0
    pair.still_stands()


def test_a_ca_is_rotated_under_load_with_no_failed_request_and_the_old_one_is_refused(site: Site) -> None:
    """Trust on every node is widened, each certificate is issued anew, and trust is narrowed, node by node."""
    pair = start_pair(site, ONLY_WHEN_ASKED)
    nodes = (pair.owner, pair.member)
    new = make_ca("new CA")
    both = site.ca.certificate_pem + new.certificate_pem
    (site.root / "ca.crt").write_bytes(both)
    with Load(site, list(nodes)) as load:
        for node in nodes:
            (node.folder / "ca.crt").write_bytes(both)
            assert {one["trusted_authorities"] for one in post(pair)[node.folder.name].values()} == {2}
        for node in nodes:
            by_rename(node.folder, new.issue(node.folder.name))
            assert {one["result"] for one in post(pair)[node.folder.name].values()} == {"reloaded"}
        for node in nodes:
            (node.folder / "ca.crt").write_bytes(new.certificate_pem)
            assert {one["trusted_authorities"] for one in post(pair)[node.folder.name].values()} == {1}
    assert load.failed == []
    pair.still_stands()
    late = site.start("late", seeds=[pair.owner], settings=ONLY_WHEN_ASKED)
    pair.owner.wait_until_logged("refused the connection")
    assert late.logged(f"joined the cluster [{CLUSTER}]") is None


def test_who_is_no_longer_trusted_loses_its_connections_and_its_seat_and_others_keep_theirs(site: Site) -> None:
    other = make_ca("other CA")
    owner = site.start(OWNER, trusted=[site.ca, other], settings=QUICKLY)
    site.start(MEMBER, seeds=[owner], trusted=[site.ca, other], settings=QUICKLY)
    issued = other.issue("third")
    third = site.start("third", seeds=[owner], issued=issued, trusted=[site.ca, other], settings=QUICKLY)
    site.wait_for_members(owner, OWNER, MEMBER, "third")
    (owner.folder / "ca.crt").write_bytes(site.ca.certificate_pem)
    site.wait_for_members(owner, OWNER, MEMBER)
    left = [str(entry["message"]) for entry in owner.log_entries() if "left:" in str(entry["message"])]
    assert ["[third]" in one for one in left] == [True]
    assert "no longer leads to a CA" in str(owner.wait_until_logged("no longer leads")["message"])
    assert third.stop() == 0
