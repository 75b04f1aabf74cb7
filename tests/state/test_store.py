"""The copy on disk: what is committed stays, what conflicts changes nothing, what is newer is refused."""

from __future__ import annotations

import itertools
import sqlite3
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from isthmus.errors import ConfigError, StorageError
from isthmus.state.errors import VersionConflictError
from isthmus.state.history import Position, Term, Write
from isthmus.state.store import StateStore

TERM = Term(1, "id-a", "node-a", 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[StateStore]:
    store = StateStore(path)
    yield store
    store.close()


def test_a_new_copy_is_blank_and_only_its_owner_may_read_the_file(store: StateStore, path: Path) -> None:
    assert store.position() == Position(0, 0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_committed_is_there_after_reopening(store: StateStore, path: Path) -> None:
    store.found("uuid", TERM)
    store.commit([Write("user/elastic", b"hash")])
    store.close()
    again = StateStore(path)
    entry = again.get("user/elastic")
    assert entry is not None
    assert (entry.value, entry.revision) == (b"hash", 1)
    assert again.position() == Position(1, 1)
    assert again.meta("cluster_uuid") == "uuid"
    again.close()


def test_a_write_that_expects_another_revision_changes_nothing_at_all(store: StateStore) -> None:
    store.found("uuid", TERM)
    store.commit([Write("a", b"1")])
    with pytest.raises(VersionConflictError) as caught:
        store.commit([Write("b", b"2"), Write("a", b"2", expected=0)])
    assert caught.value.status == 409
    assert store.get("b") is None
    assert store.position() == Position(1, 1)


def test_a_key_can_be_made_only_if_absent(store: StateStore) -> None:
    store.commit([Write("a", b"1", expected=0)])
    with pytest.raises(VersionConflictError):
        store.commit([Write("a", b"2", expected=0)])


def test_a_deleted_key_is_absent(store: StateStore) -> None:
    store.commit([Write("a", b"1")])
    store.commit([Write("a", None, expected=1)])
    assert store.get("a") is None


def test_scanning_a_prefix_gives_its_keys_in_order_and_no_others(store: StateStore) -> None:
    store.commit([Write(key, b"x") for key in ("user/b", "user/a", "role/a", "users", "user/%")])
    assert [entry.key for entry in store.scan("user/")] == ["user/%", "user/a", "user/b"]


def test_a_copy_that_applies_the_owners_commits_becomes_equal(store: StateStore, tmp_path: Path) -> None:
    store.found("uuid", TERM)
    store.commit([Write("a", b"1")])
    store.commit([Write("a", None), Write("b", b"2")])
    copy = StateStore(tmp_path / "copy.sqlite")
    copy.apply(store.commits_since(0) or [], store.terms())
    assert copy.snapshot() == store.snapshot()
    assert copy.position() == store.position()
    copy.close()


def test_a_commit_that_leaves_a_gap_is_refused_and_nothing_of_it_stays(store: StateStore, tmp_path: Path) -> None:
    store.found("uuid", TERM)
    for value in (b"1", b"2"):
        store.commit([Write("a", value)])
    copy = StateStore(tmp_path / "copy.sqlite")
    with pytest.raises(StorageError):
        copy.apply(store.commits_since(1) or [], store.terms())
    assert copy.position() == Position(0, 0)
    copy.close()


def test_a_snapshot_replaces_what_diverged(store: StateStore, tmp_path: Path) -> None:
    store.found("uuid", TERM)
    store.commit([Write("a", b"owner's")])
    copy = StateStore(tmp_path / "copy.sqlite")
    copy.commit([Write("a", b"diverged"), Write("z", b"diverged")])
    copy.replace(store.snapshot(), store.terms())
    assert copy.snapshot() == store.snapshot()
    assert copy.commits_since(0) is None
    copy.close()


def test_a_file_of_a_newer_format_is_refused_by_its_version(store: StateStore, path: Path) -> None:
    store.set_meta({"format_version": "99"})
    store.close()
    with pytest.raises(ConfigError, match="format version 99"):
        StateStore(path)


def test_a_file_that_is_no_state_is_refused_with_its_place_and_a_mend(path: Path) -> None:
    path.write_bytes(b"not a database, only some text that is long enough to be read as a header " * 9)
    with pytest.raises(StorageError) as caught:
        StateStore(path)
    assert str(path) in str(caught.value)
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)


def test_closing_waits_for_a_thread_that_still_reads_and_writes(path: Path) -> None:
    store, under_way = StateStore(path), threading.Event()
    store.found("uuid", TERM)

    def work() -> None:
        for number in itertools.count():
            store.commit([Write(f"k{number}", b"v")])
            store.position()
            under_way.set()

    with ThreadPoolExecutor() as threads:
        workers = [threads.submit(work) for _ in range(3)]
        assert under_way.wait(10)
        store.close()
    for worker in workers:
        with pytest.raises(StorageError, match="closed"):
            worker.result()
