"""A node is backed up while documents are written, and comes back elsewhere as it was."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from isthmus.demo.nodes import NodeProcess
from tests.live.site import OWNER, PASSWORD, Site, isthmus

pytestmark = pytest.mark.live


def test_a_backup_under_writes_comes_back_with_every_document_acknowledged_before_it(
    site: Site, tmp_path: Path
) -> None:
    node = site.start(OWNER)
    site.wait_for_members(node, OWNER)
    with site.client(node) as client:
        client.indices.create(index="logs", mappings={"properties": {"n": {"type": "long"}}})
        client.indices.put_alias(index="logs", name="all")
        before = [write(client, n) for n in range(20)]
        ended = threading.Event()
        writer = threading.Thread(target=write_until, args=(site, node, ended))
        writer.start()
        try:
            made = isthmus(node.folder, "backup", str(tmp_path / "backup"))
        finally:
            ended.set()
            writer.join()
    assert made.returncode == 0, made.stderr
    assert "[first]: 1 indices" in made.stdout
    node.stop()

    again = site.folder("again", node_name=OWNER)
    restored = isthmus(again, "restore", str(tmp_path / "backup"))
    assert restored.returncode == 0, restored.stderr
    node = site.node(again)
    node.start()
    node.wait_until_bound()
    site.wait_for_members(node, OWNER)
    with site.client(node) as client:
        for n, acknowledged in enumerate(before):
            found: dict[str, Any] = dict(client.get(index="all", id=str(n)).body)
            assert (found["_source"], found["_seq_no"]) == ({"n": n, "text": f"line {n}"}, acknowledged)
        backed_up = documents_in(tmp_path / "backup")
        client.indices.refresh(index="logs")
        rows: Any = client.cat.indices(index="logs", format="json").body
        assert int(rows[0]["docs.count"]) == backed_up >= 20
        mapping: Any = client.indices.get_mapping(index="logs").body
        assert mapping["logs"]["mappings"]["properties"]["text"]["type"] == "text"
        assert client.index(index="all", id="later", document={"n": 1})["result"] == "created"


def write(client: Elasticsearch, n: int) -> int:
    seq_no: int = client.index(index="logs", id=str(n), document={"n": n, "text": f"line {n}"})["_seq_no"]
    return seq_no


def write_until(site: Site, node: NodeProcess, ended: threading.Event) -> None:
    n = 1000
    with site.client(node) as client:
        while not ended.is_set():
            write(client, n)
            n += 1


def documents_in(backup: Path) -> int:
    manifest = json.loads((backup / "manifest.json").read_bytes())
    return sum(file["index"]["documents"] for file in manifest["files"] if "index" in file)


def test_a_stopped_node_is_backed_up_too_and_bad_calls_are_told(site: Site, tmp_path: Path) -> None:
    node = site.start(OWNER)
    site.wait_for_members(node, OWNER)
    running = isthmus(node.folder, "restore", str(tmp_path / "none"))
    assert (running.returncode, "there is no backup" in running.stderr) == (66, True)
    first = isthmus(node.folder, "backup", str(tmp_path / "backup"))
    assert first.returncode == 0, first.stderr
    refused = isthmus(node.folder, "restore", str(tmp_path / "backup"))
    assert (refused.returncode, "another node runs on this data folder" in refused.stderr) == (78, True)
    taken = isthmus(node.folder, "backup", str(tmp_path / "backup"))
    assert "the folder is not empty" in taken.stderr
    node.stop()
    stopped = isthmus(node.folder, "backup", str(tmp_path / "other"))
    assert stopped.returncode == 0, stopped.stderr
    full = isthmus(node.folder, "restore", str(tmp_path / "other"))
    assert (full.returncode, "the data folder is not empty" in full.stderr) == (73, True)
    never = isthmus(site.folder("never"), "backup", str(tmp_path / "never-backup"))
    assert (never.returncode, "there is no data of a node" in never.stderr) == (66, True)
    assert not (tmp_path / "never-backup").exists()


def test_an_owner_that_was_restored_brings_its_members_back_to_its_state(site: Site, tmp_path: Path) -> None:
    owner = site.start(OWNER)
    site.wait_for_members(owner, OWNER)
    member = site.start("second", seeds=[owner])
    site.wait_for_members(member, OWNER, "second")
    made = isthmus(owner.folder, "backup", str(tmp_path / "backup"))
    assert made.returncode == 0, made.stderr
    with site.client(owner) as client:
        client.cluster.put_settings(persistent={"search.max_buckets": 77})
    address = owner.transport
    owner.kill()
    (owner.folder / "data").rename(tmp_path / "lost")
    restored = isthmus(owner.folder, "restore", str(tmp_path / "backup"))
    assert restored.returncode == 0, restored.stderr
    owner.start("-E", f"transport.port={address.rpartition(':')[2]}")
    owner.wait_until_bound()
    site.wait_for_members(owner, OWNER, "second", password=PASSWORD)
    site.wait_for_members(member, OWNER, "second", password=PASSWORD)
    with site.client(member) as client:
        assert client.cluster.get_settings(flat_settings=True)["persistent"] == {}
        client.cluster.put_settings(persistent={"search.max_buckets": 78})
    for node in (owner, member):
        with site.client(node) as client:
            assert client.cluster.get_settings(flat_settings=True)["persistent"] == {"search.max_buckets": "78"}
