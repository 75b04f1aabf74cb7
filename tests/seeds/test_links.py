"""The page's clusters, made and linked as it says: its commands, files and requests, but for names and ports."""

from __future__ import annotations

import json
import shlex
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from isthmus.demo.nodes import NodeProcess, wait_for
from tests.live.secrets_made import note
from tests.live.site import PASSWORD, SOON, Site, isthmus
from tests.seeds.blocks import Block, page_blocks
from tests.seeds.running import RUN

pytestmark = pytest.mark.live

CERT_PASSWORD = "CERT_PASSWORD"
FAR = ("cluster_one", "cluster_two", "cluster_three")
PROGRAMS = {
    "./bin/elasticsearch-certutil": ["certutil"],
    "./bin/elasticsearch-keystore": ["keystore"],
}
PLACES = ("", "-plus1", "-plus2")
PORTS = ("9443", "9444", "9445")


@dataclass(frozen=True)
class Clusters:
    """The three clusters that are searched, and the node that searches them."""

    site: Site
    far: Mapping[str, NodeProcess]
    near: NodeProcess

    def with_ports(self, text: str) -> str:
        """A block's text with the ports that the clusters have here."""
        for name, place, port in zip(FAR, PLACES, PORTS, strict=True):
            address = self.far[name].remote_cluster
            text = text.replace(f"127.0.0.1:{{remote-interface-default-port{place}}}", address)
            text = text.replace(f"127.0.0.1:{port}", address)
        return text


def of_kind(kind: str) -> list[Block]:
    return [block for block in page_blocks() if block.kind == kind and not block.is_of_security]


def run_command(block: Block, folder: Path, *more: str, stdin: str = "") -> None:
    program, *arguments = shlex.split(block.text.replace("ALIAS", more[0] if more else "ALIAS"))
    words = [word.replace("--out=", f"--out={folder}/") for word in arguments]
    words = [word.replace("=ca/", f"={folder}/ca/") for word in words]
    stdin_flag = ["--stdin"] if program.endswith("keystore") else []
    done = isthmus(folder, *PROGRAMS[program], *words, *stdin_flag, stdin=stdin)
    assert done.returncode == 0, done.stderr


def append(text: str, folder: Path) -> None:
    with (folder / "isthmus.yml").open("a") as settings:
        settings.write(text)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("links"))
    yield site
    site.close()


@pytest.fixture(scope="module")
def made(site: Site) -> Path:
    """The folder with the page's CA and the certificate of the remote cluster server."""
    folder = site.root / "made"
    folder.mkdir()
    make_ca, make_certificate, *_ = of_kind("shell")
    run_command(make_ca, folder)
    with zipfile.ZipFile(folder / "cross-cluster-ca.zip") as archive:
        archive.extractall(folder)
    run_command(make_certificate, folder)
    return folder


@pytest.fixture(scope="module")
def clusters(site: Site, made: Path) -> Clusters:
    note(CERT_PASSWORD)
    serving, asking, _ = of_kind("yml")
    *_, add_password, add_credentials = of_kind("shell")
    far = {}
    for name in FAR:
        extra = {"cluster.name": name, "remote_cluster_server.enabled": True, "remote_cluster.port": 0}
        folder = site.folder(name, password=PASSWORD, settings=extra)
        append(serving.text, folder)
        shutil.copy(made / "cross-cluster.p12", folder)
        run_command(add_password, folder, stdin=f"{CERT_PASSWORD}\n")
        far[name] = site.node(folder)
        far[name].start()
        far[name].wait_until_bound()
    folder = site.folder("near", password=PASSWORD)
    append(asking.text, folder)
    shutil.copy(made / "ca" / "ca.crt", folder / "remote-cluster-ca.crt")
    for name in FAR:
        site.wait_for_members(far[name], name)
        run_command(add_credentials, folder, name, stdin=f"{key_of(site, far[name])}\n")
    near = site.node(folder)
    near.start()
    near.wait_until_bound()
    site.wait_for_members(near, "near")
    return Clusters(site, far, near)


def key_of(site: Site, node: NodeProcess) -> str:
    with site.client(node) as client:
        client.index(index="target-index", id="1", document={"of": node.folder.name}, refresh=True)
        made = client.perform_request(
            "POST",
            "/_security/cross_cluster/api_key",
            headers={"content-type": "application/json", "accept": "application/json"},
            body={"name": "near", "access": {"search": [{"names": ["target-index"]}]}},
        ).body
    note(made["encoded"])
    return str(made["encoded"])


@pytest.fixture
def near(clusters: Clusters) -> Iterator[Elasticsearch]:
    """The official client of the searching node, to which no cluster is known yet."""
    with clusters.site.client(clusters.near, PASSWORD) as client:
        client.cluster.put_settings(persistent={f"cluster.remote.{name}.*": None for name in FAR})
        yield client


def links(near: Elasticsearch) -> dict[str, Any]:
    told = dict(near.cluster.remote_info().body)
    for one in told.values():
        one.pop("isthmus")
    return told


@pytest.mark.parametrize("kind", RUN)
def test_the_pages_clusters_are_linked_and_searched_as_it_says(
    kind: str, clusters: Clusters, near: Elasticsearch
) -> None:
    def run(block: Block) -> Any:
        there = block._replace(text=clusters.with_ports(block.text))
        return RUN[kind](there, clusters.site, clusters.near)

    first, info, all_three, changed, removed = of_kind(kind)
    assert run(first)["acknowledged"] is True
    wait_for(lambda: links(near)["cluster_one"]["connected"], SOON, "the first link")
    told = {name: value for name, value in run(info)["cluster_one"].items() if name != "isthmus"}
    (answer,) = of_kind("json")
    assert told == json.loads(clusters.with_ports(answer.text) + "}")["cluster_one"]

    assert run(all_three)["acknowledged"] is True
    wait_for(lambda: all(one["connected"] for one in links(near).values()), SOON, "all links")
    assert links(near).keys() == set(FAR)
    found = near.search(index="*:target-index").body["hits"]["hits"]
    assert {hit["_index"] for hit in found} == {f"{name}:target-index" for name in FAR}

    assert run(changed)["acknowledged"] is True
    wait_for(lambda: all(one["connected"] for one in links(near).values()), SOON, "all links again")
    assert len(near.search(index="*:target-index").body["hits"]["hits"]) == len(FAR)

    assert run(removed)["acknowledged"] is True
    assert links(near).keys() == {"cluster_one", "cluster_three"}


def test_clusters_of_the_pages_file_are_known_to_that_node(clusters: Clusters) -> None:
    *_, asking, static = of_kind("yml")
    folder = clusters.site.folder("static", password=PASSWORD)
    append(asking.text, folder)
    append(clusters.with_ports(static.text), folder)
    shutil.copy(clusters.near.folder / "remote-cluster-ca.crt", folder)
    shutil.copy(clusters.near.folder / "isthmus.keystore", folder)
    node = clusters.site.node(folder)
    node.start()
    node.wait_until_bound()
    clusters.site.wait_for_members(node, "static")
    with clusters.site.client(node) as client:
        wait_for(lambda: all(one["connected"] for one in links(client).values()), SOON, "all links")
        assert links(client).keys() == set(FAR)
        assert len(client.search(index="*:target-index").body["hits"]["hits"]) == len(FAR)
