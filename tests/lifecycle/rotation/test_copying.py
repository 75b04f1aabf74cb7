"""Key and certificate reach a node together: Elasticsearch serves a pair that does not match if it looks in between.

Seen on a real Elasticsearch 8.19: with two copies 6 s apart, new connections failed with `bad signature` meanwhile.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.errors import ConfigError, PermissionDeniedError, StorageError, UnavailableError
from isthmus.files import write_beside
from isthmus.lifecycle.rotation import installing
from isthmus.lifecycle.rotation.copying import copy_elsewhere, must_be_copied
from isthmus.lifecycle.rotation.inventory import ClientEntry, NodeEntry, read_inventory
from isthmus.lifecycle.rotation.layout import NewFile

ARRIVE = 'cp -R "$0/." "$1/"; echo arrived >> "$1/count"'


def pair(folder: Path, content: bytes) -> list[NewFile]:
    certs = folder / "certs"
    return [NewFile(certs / "node.crt", content, secret=False), NewFile(certs / "node.key", content, secret=True)]


def node(tmp_path: Path, script: str = ARRIVE) -> NodeEntry:
    (tmp_path / "there").mkdir()
    return NodeEntry(str(tmp_path / "conf"), copy=("sh", "-c", script, "{source}", str(tmp_path / "there")))


async def test_all_files_of_a_step_reach_a_node_by_one_command_at_their_places_in_its_folder(tmp_path: Path) -> None:
    entry = node(tmp_path)
    await copy_elsewhere(entry, "node1", pair(tmp_path / "conf", b"new"), tmp_path)
    there = tmp_path / "there"
    assert (there / "count").read_text() == "arrived\n"
    assert [(there / "certs" / name).read_bytes() for name in ("node.crt", "node.key")] == [b"new", b"new"]


async def test_no_key_is_left_behind_whether_a_copy_succeeds_or_fails(tmp_path: Path) -> None:
    entry = node(tmp_path, "exit 3")
    with pytest.raises(UnavailableError, match="copying to \\[node1\\]"):
        await copy_elsewhere(entry, "node1", pair(tmp_path / "conf", b"secret"), tmp_path)
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


async def test_a_clients_file_is_copied_by_its_path(tmp_path: Path) -> None:
    entry = ClientEntry("kibana", str(tmp_path / "ca.crt"), copy=("cp", "{source}", "{target}.there"))
    await copy_elsewhere(entry, "kibana", [NewFile(tmp_path / "ca.crt", b"ca", secret=False)], tmp_path)
    assert (tmp_path / "ca.crt.there").read_bytes() == b"ca"


def test_a_file_outside_of_the_folder_that_is_copied_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="outside of the node's configuration folder"):
        must_be_copied(node(tmp_path), [Path("/etc/ssl/node.key")])
    must_be_copied(NodeEntry(str(tmp_path / "conf")), [Path("/etc/ssl/node.key")])


@pytest.mark.parametrize(
    ("copy", "wrong"),
    [('["scp", "es1:"]', r"lacks \{source\}"), ('["scp", "{source}", "es1:{target}"]', r"has a \{target\}")],
)
def test_a_copy_command_that_cannot_bring_a_pair_together_is_refused(tmp_path: Path, copy: str, wrong: str) -> None:
    (tmp_path / "inventory.yml").write_text(f"nodes:\n  - folder: conf\n    copy: {copy}\n")
    with pytest.raises(ConfigError, match=wrong):
        read_inventory(tmp_path / "inventory.yml")


def test_key_and_certificate_belong_together_whenever_the_disk_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in pair(tmp_path, b"old"):
        file.path.parent.mkdir(exist_ok=True)
        file.path.write_bytes(file.data)
    seen = []

    def sync(folder: Path) -> None:
        seen.append({one.read_bytes() for one in folder.iterdir()})

    monkeypatch.setattr(installing, "sync_folder", sync)
    installing.put_in_place(pair(tmp_path, b"new"))
    assert seen == [{b"new"}]


def test_a_link_that_somebody_puts_in_place_of_the_new_file_gives_nobody_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root replaces files in a folder of another user: what lies there can change at any moment."""
    victim = tmp_path / "shadow"
    victim.write_bytes(b"of root")
    victim.chmod(0o600)
    node_folder = tmp_path / "node"
    (node_folder / "certs").mkdir(parents=True)
    for file in pair(node_folder, b"old"):
        file.path.write_bytes(file.data)
        file.path.chmod(0o666)

    def swapped(path: Path, data: bytes) -> Path:
        temporary = write_beside(path, data)
        temporary.unlink()
        temporary.symlink_to(victim)
        return temporary

    monkeypatch.setattr(installing, "write_beside", swapped)
    with pytest.raises((StorageError, PermissionDeniedError)):
        installing.put_in_place(pair(node_folder, b"new"))
    assert victim.stat().st_mode & 0o777 == 0o600
    assert {one.read_bytes() for one in (node_folder / "certs").iterdir()} == {b"old"}
