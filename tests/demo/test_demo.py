"""The demo tells the truth by its marks, its last line and its exit status."""

from __future__ import annotations

import io
import os
import re
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from isthmus.demo import rotation, script
from isthmus.demo.load.membership import Membership
from isthmus.demo.narrator import Narrator
from isthmus.demo.recording import Recording

ENDS_WITHIN = 60.0
live = pytest.mark.live


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `isthmus demo`; its own temporary folder is made in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "isthmus", "demo", *arguments],
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=4 * ENDS_WITHIN,
    )


@live
def test_the_demo_holds_counts_and_cleans_up(tmp_path: Path) -> None:
    begun = time.monotonic()
    done = run(tmp_path)
    assert time.monotonic() - begun < ENDS_WITHIN
    assert done.returncode == 0, done.stdout + done.stderr
    marks = re.findall(r"^  ([✓✗]) ", done.stdout, re.MULTILINE)
    assert set(marks) == {"✓"}
    assert re.search(r"✓ of [1-9]\d+ requests in the meantime 0 failed", done.stdout)
    assert re.fullmatch(rf"{len(marks)} checks in \d+\.\d s: all held", done.stdout.splitlines()[-1])
    assert list(tmp_path.iterdir()) == []
    assert _nodes_below(tmp_path) == []


@live
def test_the_demo_can_leave_its_cluster_running_and_says_how_to_reach_it(tmp_path: Path) -> None:
    done = run(tmp_path, "--keep")
    nodes = _nodes_below(tmp_path)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        [told] = re.findall(r"end it with: kill ([\d ]+)$", done.stdout, re.MULTILINE)
        assert sorted(map(int, told.split())) == sorted(node.pid for node in nodes)
        assert "node-0001" in _reach(done.stdout)
    finally:
        for node in nodes:
            node.terminate()
        _, left = psutil.wait_procs(nodes, ENDS_WITHIN)
    assert left == []


def _nodes_below(folder: Path) -> list[psutil.Process]:
    """The processes whose configuration lies below `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            conf = process.environ().get("ISTHMUS_PATH_CONF", "")
        except psutil.Error:
            continue
        if conf.startswith(f"{folder}/"):
            found.append(process)
    return found


def _reach(told: str) -> str:
    """Do what the demo's last words say: curl --cacert CA -u elastic:$(cat FILE) URL."""
    [(ca, secret, url)] = re.findall(
        r"curl --cacert (\S+) -u elastic:\$\(cat (\S+)\) (https://\S+)$", told, re.MULTILINE
    )
    manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    manager.add_password(None, url, "elastic", Path(secret).read_text())
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca)),
        urllib.request.HTTPBasicAuthHandler(manager),
    )
    with opener.open(url, timeout=ENDS_WITHIN) as answer:
        return str(answer.read().decode())


def test_a_step_that_cannot_be_done_is_a_check_that_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(script.ADDRESSES, "node-0001", "203.0.113.1")
    out = io.StringIO()
    assert script.Demo(tmp_path, out).run(keep=False) == 1
    failed = [line for line in out.getvalue().splitlines() if line.startswith("  ✗ ")]
    assert "node-0001 ended" in failed[0]
    assert "cannot listen on [203.0.113.1]" in out.getvalue()
    assert failed[1:] == ["  ✗ node-0001 ended cleanly (exit status 78)"]
    assert out.getvalue().splitlines()[-1].endswith("s: 2 did not hold")


@live
def test_a_wire_that_can_be_read_and_wrong_answers_fail_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_clear(_target: str, _client: Path, _name: str, marker: str) -> Recording:
        return Recording(bytearray(b"ES" + marker.encode()), bytearray(b"ES"))

    monkeypatch.setattr(script, "record_conversation", in_clear)
    monkeypatch.setattr(rotation, "Membership", lambda names: Membership([*names, "somebody who is not there"]))
    out = io.StringIO()
    assert script.Demo(tmp_path, out).run(keep=False) == 1
    failed = [line for line in out.getvalue().splitlines() if line.startswith("  ✗ ")]
    assert len(failed) == 3
    assert "every byte is inside a TLS record" in failed[0]
    assert "cannot be read" in failed[1]
    assert re.search(r"of \d+ requests in the meantime [1-9]\d* failed", failed[2])
    assert "WrongAnswerError" in out.getvalue()
    assert out.getvalue().splitlines()[-1].endswith("s: 3 did not hold")


def test_the_narrator_counts_what_holds_and_what_does_not() -> None:
    out = io.StringIO()
    say = Narrator(out)
    for holds in (True, False, True):
        say.check("it is so", holds=holds)
    say.summary(1.25)
    assert (say.passed, say.failed) == (2, 1)
    assert out.getvalue() == "  ✓ it is so\n  ✗ it is so\n  ✓ it is so\n\n3 checks in 1.2 s: 1 did not hold\n"


def test_the_narrator_says_how_much_it_left_out() -> None:
    out = io.StringIO()
    Narrator(out).saw("a\nb\nc\nd\n", limit=2)
    assert out.getvalue() == "    a\n    b\n    … 2 lines more\n"
