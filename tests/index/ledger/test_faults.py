"""What a ledger says and does when its disk or its files fail."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.errors import StorageError
from isthmus.index.ledger.errors import LedgerDamagedError
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation, Written
from isthmus.index.ledger.schema import wal_of

WRITER_WITH_LITTLE_ROOM = """
import resource, sys
from pathlib import Path
from isthmus.errors import IsthmusError
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation

ledger = Ledger(Path(sys.argv[1]), "uuid-1")
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
number = 0
for attempt in range(100):
    try:
        ledger.apply([Operation(kind="index", id=str(number), source=b"x" * 5000)])
        print("acknowledged", number, flush=True)
    except IsthmusError as error:
        print(type(error).__name__, error.reason, flush=True)
        if type(error).__name__ == "LedgerClosedError":
            break
    number += 1
print("readable", sum(one is not None for one in ledger.get([str(n) for n in range(100)])), flush=True)
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.create(tmp_path, "uuid-1")
    yield opened
    opened.close()


def index(id_: str, source: bytes = b"{}") -> Operation:
    return Operation(kind="index", id=id_, source=source)


def filled(ledger: Ledger) -> Path:
    ledger.apply([index(str(number), b"x" * 1000) for number in range(500)])
    ledger.close()
    return ledger.path


def test_a_full_disk_refuses_the_whole_batch_and_the_ledger_goes_on(ledger: Ledger) -> None:
    ledger.apply([index("a")])
    pages = ledger._opened_writer().execute("PRAGMA page_count").fetchone()[0]
    ledger._opened_writer().execute(f"PRAGMA max_page_count={pages}")  # SQLite then says that the disk is full
    with pytest.raises(StorageError, match="the disk is full"):
        ledger.apply([index(str(number), b"x" * 5000) for number in range(100)])
    assert (ledger.max_seq_no, ledger.count, ledger.get(["1"])) == (0, 1, [None])
    ledger._opened_writer().execute("PRAGMA max_page_count=100000")
    assert ledger.apply([index("b")]) == [Written(id="b", result="created", version=1, seq_no=1)]


def test_after_a_failed_write_nothing_is_acknowledged_until_the_ledger_is_opened_anew(tmp_path: Path) -> None:
    Ledger.create(tmp_path, "uuid-1").close()
    told = subprocess.run(
        [sys.executable, "-c", WRITER_WITH_LITTLE_ROOM, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    acknowledged = [line.split()[1] for line in told if line.startswith("acknowledged")]
    assert acknowledged
    assert told[len(acknowledged)].startswith("StorageError the ledger could not be used")
    assert told[len(acknowledged) + 1].startswith("LedgerClosedError nothing is written since an earlier failure")
    assert told[-1] == f"readable {len(acknowledged)}"
    again = Ledger(tmp_path, "uuid-1")
    assert None not in again.get(acknowledged)
    assert isinstance(again.apply([index("after")])[0], Written)
    again.close()


def test_a_ledger_that_is_locked_by_another_program_waits_no_longer_than_it_must(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger._opened_writer().execute("PRAGMA busy_timeout=1")
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        ledger.apply([index("a")])
    other.execute("ROLLBACK")
    other.close()
    assert isinstance(ledger.apply([index("a")])[0], Written)


def test_a_file_that_is_cut_short_is_damaged(ledger: Ledger, tmp_path: Path) -> None:
    path = filled(ledger)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(LedgerDamagedError, match="damaged"):
        Ledger(tmp_path, "uuid-1")


def test_a_file_of_other_bytes_is_damaged_and_an_empty_or_foreign_one_is_no_ledger(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = filled(ledger)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(LedgerDamagedError, match="damaged"):
        Ledger(tmp_path, "uuid-1")
    path.write_bytes(b"")
    with pytest.raises(LedgerDamagedError, match="no ledger"):
        Ledger(tmp_path, "uuid-1")
    path.unlink()
    with pytest.raises(LedgerDamagedError, match="missing"):
        Ledger(tmp_path, "uuid-1")


def test_pages_that_were_overwritten_are_told_when_they_are_read(ledger: Ledger, tmp_path: Path) -> None:
    path = filled(ledger)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(LedgerDamagedError, match="damaged"):
        Ledger(tmp_path, "uuid-1")


def test_a_damaged_ledger_is_not_copied(ledger: Ledger, tmp_path: Path) -> None:
    path = filled(ledger)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM operations WHERE seq_no = 7")
    connection.close()
    again = Ledger(tmp_path, "uuid-1")
    with pytest.raises(LedgerDamagedError, match="lacks 1 documents"):
        again.copy_to(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    again.close()


def test_a_newer_format_is_refused_by_name(ledger: Ledger, tmp_path: Path) -> None:
    path = filled(ledger)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(LedgerDamagedError, match="format 99, this release reads up to 1") as caught:
        Ledger(tmp_path, "uuid-1")
    assert caught.value.hint == "start a newer release on this data folder"


def test_the_ledger_of_another_index_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    filled(ledger)
    with pytest.raises(LedgerDamagedError, match=r"uuid \[uuid-1\], not \[uuid-2\]"):
        Ledger(tmp_path, "uuid-2")


def test_without_its_log_a_ledger_is_as_it_was_when_the_log_was_last_folded_in(ledger: Ledger, tmp_path: Path) -> None:
    ledger.apply([index("a")])
    ledger._opened_writer().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.apply([index("b")])
    folder = tmp_path / "alone"
    folder.mkdir()
    shutil.copy(ledger.path, folder)
    again = Ledger(folder, "uuid-1")
    assert [one.id for one in again.changes(-1, 9)] == ["a"]
    again.close()


def test_a_log_that_cannot_be_opened_is_told(ledger: Ledger, tmp_path: Path) -> None:
    path = filled(ledger)
    wal_of(path).mkdir()
    with pytest.raises(StorageError, match="could not be used"):
        Ledger(tmp_path, "uuid-1")
