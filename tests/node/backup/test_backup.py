"""A backup holds what the node holds, at one moment, and nothing of it is left where it could not be made."""

from __future__ import annotations

import hashlib
import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.errors import CannotCreateError, IsthmusError, StorageError, UsageError
from isthmus.index.ledger.copying import copy_ledger
from isthmus.index.ledger.errors import LedgerDamagedError
from isthmus.index.ledger.ledger import Ledger
from isthmus.keystore import FILE_NAME
from isthmus.node.backup import making
from isthmus.node.backup.making import make_backup
from isthmus.node.backup.manifest import FILE, STATE, ledger_path
from isthmus.node.backup.verifying import verified
from tests.node.backup.nodes import ANode, a_node, documents, uuid_of


@pytest.fixture
def node(tmp_path: Path) -> Iterator[ANode]:
    with a_node(tmp_path / "node") as node:
        yield node


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "today"


def test_the_manifest_names_every_file_with_its_digest_and_what_an_index_holds(node: ANode, target: Path) -> None:
    logs = node.make("logs")
    logs.apply(documents("1", "2", "3"))
    node.make("empty").close()
    make_backup(node.origin, target)
    told = json.loads((target / FILE).read_bytes())
    assert {(target / file["path"]) for file in told["files"]} == {
        path for path in target.rglob("*") if path.is_file() and path.name != FILE
    }
    for file in told["files"]:
        content = (target / file["path"]).read_bytes()
        assert (file["sha256"], file["bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert [file["index"] for file in told["files"] if "index" in file] == [
        {"name": "empty", "uuid": "empty-uuid", "seq_no": -1, "documents": 0},
        {"name": "logs", "uuid": "logs-uuid", "seq_no": 2, "documents": 3},
    ]
    assert (told["format"], told["node_id"], told["node_name"]) == (1, node.folder.node_id, "first")
    assert told["cluster_uuid"] == "cluster uuid"
    logs.close()


def test_only_its_owner_may_look_into_a_backup(node: ANode, target: Path) -> None:
    node.make("logs").close()
    make_backup(node.origin, target)
    for path in (target, *target.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_the_keystore_is_copied_as_it_is_and_one_that_is_not_there_is_not(node: ANode, target: Path) -> None:
    make_backup(node.origin, target)
    assert (target / FILE_NAME).read_bytes() == node.keystore.read_bytes()
    node.keystore.unlink()
    other = target.with_name("other")
    make_backup(node.origin, other)
    assert sorted(path.name for path in other.iterdir()) == ["indices", FILE, STATE]


def test_indices_that_other_nodes_hold_are_theirs_to_back_up(node: ANode, target: Path) -> None:
    node.name("elsewhere", node="another node")
    manifest = make_backup(node.origin, target)
    assert [file.index for file in manifest.files if file.index is not None] == []
    verified(target)


def test_writes_that_go_on_are_in_the_copy_whole_or_not_at_all(node: ANode, target: Path) -> None:
    ledger = node.make("logs")
    ended, begun = threading.Event(), threading.Event()

    def write() -> None:
        batch = 0
        while not ended.is_set():
            ledger.apply(documents(*(f"{batch}-{number}" for number in range(10))))
            batch += 1
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        begun.wait(20)
        manifest = make_backup(node.origin, target)
    finally:
        ended.set()
        writer.join()
        ledger.close()
    assert verified(target) == manifest
    [index] = [file.index for file in manifest.files if file.index is not None]
    assert index.documents > 0
    assert index.documents % 10 == 0
    assert index.seq_no == index.documents - 1


def test_an_index_that_is_made_meanwhile_comes_with_its_ledger(
    node: ANode, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.make("logs").close()

    def copying(source: Path, path: Path, uuid: str) -> object:
        if uuid == uuid_of("logs"):
            late = node.make("late")
            late.apply(documents("1"))
            late.close()
        return copy_ledger(source, path, uuid)

    monkeypatch.setattr(making, "copy_ledger", copying)
    manifest = make_backup(node.origin, target)
    assert {file.index.name for file in manifest.files if file.index is not None} == {"late", "logs"}
    verified(target)


def test_an_index_that_is_deleted_meanwhile_is_not_in_the_backup(
    node: ANode, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        node.make(name).close()
    left = ["first", "second"]

    def copying(source: Path, path: Path, uuid: str) -> object:
        """One goes before it is copied, one after."""
        copied = copy_ledger(source, path, uuid)
        while left:
            node.delete(left.pop())
        return copied

    monkeypatch.setattr(making, "copy_ledger", copying)
    manifest = make_backup(node.origin, target)
    assert [file.path for file in manifest.files] == [STATE, FILE_NAME]
    assert list((target / "indices").iterdir()) == []
    verified(target)


@pytest.mark.parametrize("made_before", [False, True])
def test_where_a_ledger_is_missing_or_damaged_no_backup_is_left(node: ANode, target: Path, made_before: bool) -> None:
    if made_before:
        target.mkdir(parents=True)
    node.make("logs").close()
    ledger = node.folder.path / ledger_path(uuid_of("logs"))
    content = ledger.read_bytes()
    for damaged in (None, content[:5000], b"no ledger at all", content[:4096] + b"\xff" * (len(content) - 4096)):
        ledger.unlink(missing_ok=True)
        if damaged is not None:
            ledger.write_bytes(damaged)
        with pytest.raises((LedgerDamagedError, StorageError), match="logs"):
            make_backup(node.origin, target)
        assert target.exists() == made_before
        assert not made_before or list(target.iterdir()) == []


def test_a_folder_that_is_not_empty_or_cannot_be_one_is_left_as_it_is(node: ANode, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").write_text("mine")
    with pytest.raises(CannotCreateError, match="the folder is not empty"):
        make_backup(node.origin, full)
    assert [path.name for path in full.iterdir()] == ["mine"]
    with pytest.raises(CannotCreateError, match="the folder cannot be used"):
        make_backup(node.origin, full / "mine")
    with pytest.raises(CannotCreateError, match="the folder cannot be used"):
        make_backup(node.origin, full / "mine" / "beneath")
    assert (full / "mine").read_text() == "mine"


def test_a_backup_inside_the_data_folder_is_refused(node: ANode, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(node.folder.path)
    for place in (node.folder.path, node.folder.path / "backup", tmp_path / "link" / "backup"):
        with pytest.raises(UsageError, match="inside the data folder"):
            make_backup(node.origin, place)


def test_a_second_backup_into_the_same_folder_is_refused_and_does_not_harm_the_first(node: ANode, target: Path) -> None:
    first = make_backup(node.origin, target)
    with pytest.raises(CannotCreateError):
        make_backup(node.origin, target)
    assert verified(target) == first


def test_a_ledger_that_is_open_goes_on_after_its_backup(node: ANode, target: Path) -> None:
    ledger = node.make("logs")
    ledger.apply(documents("1"))
    make_backup(node.origin, target)
    ledger.apply(documents("2"))
    ledger.close()
    folder = (node.folder.path / ledger_path(uuid_of("logs"))).parent
    again = Ledger(folder, uuid_of("logs"))
    assert [one is not None for one in again.get(["1", "2"])] == [True, True]
    again.close()


def test_an_error_of_a_backup_is_one_that_a_person_is_told(node: ANode, tmp_path: Path) -> None:
    node.keystore.write_bytes(b"no keystore")
    with pytest.raises(IsthmusError, match="keystore"):
        make_backup(node.origin, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
