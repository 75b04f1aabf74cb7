"""What was acknowledged is on disk: when the process is killed, and when the disk is full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from isthmus.errors import StorageError
from isthmus.state.history import Term, Write
from isthmus.state.store import StateStore

ROUNDS = 5
ACKNOWLEDGED_BEFORE_KILL = 30
WRITER = """
import sys
from pathlib import Path
from isthmus.state.history import Write
from isthmus.state.store import StateStore

store = StateStore(Path(sys.argv[1]))
while True:
    commit = store.commit([Write(f"k{n}", str(store.position().revision).encode()) for n in range(5)])
    print(commit.revision, flush=True)
"""


def test_no_acknowledged_commit_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    acknowledged = 0
    for _ in range(ROUNDS):
        acknowledged = _write_until_killed(path)
        store = StateStore(path)
        revision = store.position().revision
        assert acknowledged <= revision <= acknowledged + 1
        values = {entry.value for entry in store.scan("k")}
        assert values == {str(revision - 1).encode()}, "a commit is there whole or not at all"
        store.close()
    assert acknowledged >= ROUNDS * ACKNOWLEDGED_BEFORE_KILL


def test_a_full_disk_refuses_the_write_and_harms_nothing(tmp_path: Path) -> None:
    store = StateStore(tmp_path / "state.sqlite")
    store.found("uuid", Term(1, "a", "a", 0))
    store.commit([Write("a", b"before")])
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")  # SQLite then says that the disk is full
    with pytest.raises(StorageError, match="cannot be written") as caught:
        store.commit([Write("a", b"after"), Write("big", bytes(500_000))])
    assert caught.value.hint
    entry = store.get("a")
    assert entry is not None
    assert entry.value == b"before"
    store._writer.execute("PRAGMA max_page_count = 1000000")
    assert store.commit([Write("a", b"after")]).revision == 2
    store.close()


def _write_until_killed(path: Path) -> int:
    """Let a process commit, kill it in the middle of its work, and return the last revision that it told."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(ACKNOWLEDGED_BEFORE_KILL)]
        process.kill()
        told += process.stdout.readlines()
    return int([line for line in told if line.endswith("\n")][-1])
