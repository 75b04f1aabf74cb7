"""A restore verifies everything first, and leaves all or nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.cluster.indices.catalogue import indices_in
from isthmus.errors import (
    CannotCreateError,
    ConfigError,
    DataError,
    IntegrityError,
    IsthmusError,
    NoInputError,
    StorageError,
)
from isthmus.index.ledger.ledger import Ledger
from isthmus.keystore import FILE_NAME
from isthmus.node.backup import restoring
from isthmus.node.backup.making import make_backup
from isthmus.node.backup.manifest import FILE, STATE, decode, ledger_path
from isthmus.node.backup.restoring import restore_backup
from isthmus.node.backup.verifying import verified
from isthmus.node.folder import RESTORING, DataFolder
from tests.node.backup.nodes import a_node, documents, uuid_of


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    with a_node(tmp_path / "node") as node:
        ledger = node.make("logs")
        ledger.apply(documents("1", "2"))
        node.make("empty").close()
        make_backup(node.origin, tmp_path / "backup")
        ledger.apply(documents("3"))
        ledger.close()
    return tmp_path / "backup"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "restored" / "data"


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


def test_the_node_comes_back_as_it_was_backed_up(backup: Path, data: Path, keystore: Path, tmp_path: Path) -> None:
    manifest = restore_backup(backup, data, keystore)
    folder = DataFolder(data)
    assert folder.node_id == manifest.node_id
    assert folder.state.meta("cluster_uuid") == "cluster uuid"
    assert set(indices_in(folder.state.scan(""))) == {"empty", "logs"}
    ledger = Ledger((data / ledger_path(uuid_of("logs"))).parent, uuid_of("logs"))
    assert [one and one.source for one in ledger.get(["1", "2", "3"])] == [b'{"id": "1"}', b'{"id": "2"}', None]
    assert ledger.max_seq_no == 1
    ledger.close()
    folder.close()
    assert keystore.read_bytes() == (tmp_path / "node" / FILE_NAME).read_bytes()


def test_only_its_owner_may_look_into_what_was_restored(backup: Path, data: Path, keystore: Path) -> None:
    restore_backup(backup, data, keystore)
    for path in (data, *data.rglob("*"), keystore):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert not (data / RESTORING).exists()


def test_a_backup_is_not_changed_by_its_restore_and_serves_again(backup: Path, data: Path, keystore: Path) -> None:
    before = content_of(backup)
    restore_backup(backup, data, keystore)
    assert content_of(backup) == before
    restore_backup(backup, data.with_name("again"), keystore)


def test_a_restored_copy_knows_that_others_may_have_gone_on(backup: Path, data: Path, keystore: Path) -> None:
    restore_backup(backup, data, keystore)
    folder = DataFolder(data)
    assert folder.state.restored
    folder.close()


def damaged_file(path: str) -> Callable[[Path], None]:
    def damage(backup: Path) -> None:
        content = bytearray((backup / path).read_bytes())
        content[len(content) // 2] ^= 1
        (backup / path).write_bytes(content)

    return damage


def missing_file(path: str) -> Callable[[Path], None]:
    return lambda backup: (backup / path).unlink()


def changed_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def rewrite(backup: Path) -> None:
        told = json.loads((backup / FILE).read_bytes())
        change(told)
        (backup / FILE).write_text(json.dumps(told))

    return rewrite


def changed_database(path: str, statement: str) -> Callable[[Path], None]:
    """A file that was changed together with its digest, as by a newer release."""

    def change(backup: Path) -> None:
        with closing(sqlite3.connect(backup / path, isolation_level=None)) as connection:
            connection.execute(statement)
        content = (backup / path).read_bytes()

        def redigest(told: dict[str, Any]) -> None:
            [file] = [file for file in told["files"] if file["path"] == path]
            file["sha256"], file["bytes"] = sha256(content).hexdigest(), len(content)

        changed_manifest(redigest)(backup)

    return change


LOGS = ledger_path(uuid_of("logs"))
NEWER_STATE = "UPDATE meta SET value = '2' WHERE name = 'format_version'"


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (damaged_file(STATE), IntegrityError, "SHA-256 differs"),
        (damaged_file(LOGS), IntegrityError, "SHA-256 differs"),
        (damaged_file(FILE_NAME), IntegrityError, "SHA-256 differs"),
        (missing_file(LOGS), NoInputError, "missing"),
        (missing_file(FILE_NAME), NoInputError, "missing"),
        (missing_file(FILE), NoInputError, "there is no backup"),
        (shutil.rmtree, NoInputError, "there is no backup"),
        (changed_manifest(lambda told: told.update(format=2)), ConfigError, "format 2, this release reads up to 1"),
        (changed_manifest(lambda told: told.pop("node_id")), DataError, "node_id"),
        (changed_manifest(lambda told: told.update(node_id="another")), DataError, "not that of the node"),
        (changed_manifest(lambda told: told["files"].pop()), DataError, "not exactly the ledgers"),
        (changed_manifest(lambda told: told["files"].pop(0)), DataError, "the state among them"),
        (changed_manifest(lambda told: told["files"].append(told["files"][-1])), DataError, "each file once"),
        (changed_manifest(lambda told: told["files"][0].update(path="../x")), DataError, "does not name|which no"),
        (changed_manifest(lambda told: told["files"][1].update(path="../x")), DataError, "which no backup holds"),
        (changed_manifest(lambda told: told["files"][2]["index"].update(documents=9)), DataError, "does not hold what"),
        (changed_database(STATE, NEWER_STATE), ConfigError, "format version 2"),
        (changed_database(LOGS, "PRAGMA user_version=2"), StorageError, "format 2"),
        (changed_database(LOGS, "UPDATE meta SET value = 'other' WHERE key = 'uuid'"), StorageError, "other"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_before_anything_is_written(
    backup: Path, data: Path, keystore: Path, spoil: Callable[[Path], None], error: type[IsthmusError], said: str
) -> None:
    spoil(backup)
    with pytest.raises(error, match=said):
        restore_backup(backup, data, keystore)
    assert not data.parent.exists()
    assert not keystore.exists()


def test_a_data_folder_that_holds_anything_is_left_as_it_is(backup: Path, data: Path, keystore: Path) -> None:
    DataFolder(data).close()
    before = content_of(data)
    with pytest.raises(CannotCreateError, match="the data folder is not empty"):
        restore_backup(backup, data, keystore)
    assert content_of(data) == before
    assert not keystore.exists()


def test_a_folder_that_a_node_runs_on_is_refused(backup: Path, data: Path, keystore: Path) -> None:
    folder = DataFolder(data)
    with pytest.raises(ConfigError, match="another node runs"):
        restore_backup(backup, data, keystore)
    folder.close()


def test_another_keystore_is_not_overwritten_and_may_be_kept(backup: Path, data: Path, keystore: Path) -> None:
    with a_node(keystore.parent / "other") as other:
        shutil.copy(other.keystore, keystore)
    mine = keystore.read_bytes()
    with pytest.raises(CannotCreateError, match="another keystore is there"):
        restore_backup(backup, data, keystore)
    assert not (data / STATE).exists()
    restore_backup(backup, data, None)
    assert keystore.read_bytes() == mine
    DataFolder(data).close()


@pytest.mark.parametrize("step", ["_copy", "write_sealed", "_move_out", "sync_folder"])
def test_a_restore_that_fails_leaves_nothing_and_succeeds_later(
    backup: Path, data: Path, keystore: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(restoring, step, full)
        with pytest.raises(StorageError, match="No space left"):
            restore_backup(backup, data, keystore)
    assert content_of(data) == {"node.lock": b""}
    restore_backup(backup, data, keystore)
    DataFolder(data).close()


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_no_node_starts_where_a_restore_was_cut_short_and_the_next_restore_begins_anew(
    backup: Path, data: Path, keystore: Path, moved: int
) -> None:
    restore_backup(backup, data, keystore)
    (data / RESTORING).mkdir()
    for name in ("indices", STATE)[moved:]:
        (data / name).rename(data / RESTORING / name)
    with pytest.raises(ConfigError, match="cut short"):
        DataFolder(data)
    restore_backup(backup, data, keystore)
    DataFolder(data).close()


def test_a_file_that_changes_between_its_check_and_its_copy_is_refused(
    backup: Path, data: Path, keystore: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = verified(backup)

    def verified_then_changed(_: Path) -> object:
        damaged_file(LOGS)(backup)
        return manifest

    monkeypatch.setattr(restoring, "verified", verified_then_changed)
    with pytest.raises(IntegrityError, match="has changed"):
        restore_backup(backup, data, keystore)
    assert content_of(data) == {"node.lock": b""}


@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.dictionaries(st.sampled_from(["format", "files", "path", "sha256", "index", "uuid", "made"]), inner)
            | st.lists(inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_what_is_no_manifest_is_refused_whatever_it_is(data: bytes) -> None:
    with pytest.raises((ConfigError, DataError)):
        decode(data, "manifest.json")


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
