"""What was acknowledged is there after the process was killed in the middle of its work, and nothing by half.

`LEDGER_KILL_ROUNDS` asks for more rounds than the few of an ordinary run.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from isthmus.index.ledger.ledger import Ledger

ROUNDS = int(os.environ.get("LEDGER_KILL_ROUNDS", "5"))
BULK = 20
WRITER = f"""
import sys
from pathlib import Path
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation

ledger = Ledger(Path(sys.argv[1]), "uuid")
bulk = ledger.max_seq_no
while True:
    bulk += 1
    source = str(bulk).encode() * 100
    operations = [Operation(kind="index", id=f"{{bulk}}-{{n}}", source=source) for n in range({BULK} - 3)]
    operations += [Operation(kind="index", id="same", source=source)] * 2
    operations.append(Operation(kind="delete", id=f"{{bulk}}-0"))
    outcomes = ledger.apply(operations)
    print(bulk, outcomes[-1].seq_no, flush=True)
    if bulk % 7 == 0:
        ledger.prune(ledger.max_seq_no - 50)
        ledger.prune_tombstones(2**62, ledger.max_seq_no - 50)
"""


def test_no_acknowledged_write_is_lost_and_none_is_there_by_half(tmp_path: Path) -> None:
    Ledger.create(tmp_path, "uuid").close()
    moments = random.Random(7)
    acknowledged: dict[int, int] = {}
    for _ in range(ROUNDS):
        acknowledged |= _write_until_killed(tmp_path, moments.uniform(0, 0.15))
        _check(tmp_path, acknowledged)
    assert len(acknowledged) >= ROUNDS


def _write_until_killed(folder: Path, seconds: float) -> dict[int, int]:
    """Let a process write, kill it `seconds` after its first answer; return its bulks, each with its last seq_no."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline()]
        time.sleep(seconds)  # the moment of the kill, not a wait for something
        process.kill()
        told += process.stdout.readlines()
    lines = [line.split() for line in told if line.endswith("\n")]
    return {int(bulk): int(seq_no) for bulk, seq_no in lines}


def _check(folder: Path, acknowledged: dict[int, int]) -> None:
    ledger = Ledger(folder, "uuid")
    newest = max(acknowledged)
    assert ledger.max_seq_no - acknowledged[newest] in (0, BULK), "a bulk is there whole or not at all"
    live = {one.id: one.source for one in ledger.documents(-1, 10**9)}
    for bulk in acknowledged:
        assert all(live[f"{bulk}-{n}"] == str(bulk).encode() * 100 for n in range(1, BULK - 3))
        assert f"{bulk}-0" not in live
    assert len(live) == ledger.count == (ledger.max_seq_no + 1) // BULK * (BULK - 4) + 1
    ledger.close()
    with sqlite3.connect(ledger.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
