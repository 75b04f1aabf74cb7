"""What a node says of itself is what others see of it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import psutil
import pytest

from isthmus.rest.meter import WINDOW, Meter
from isthmus.rest.view import NodeReport


def test_a_report_agrees_with_psutil(tmp_path: Path) -> None:
    report = Meter(tmp_path).report()
    me, memory, disk = psutil.Process(), psutil.virtual_memory(), psutil.disk_usage(str(tmp_path))
    assert report.pid == os.getpid()
    assert report.rss == pytest.approx(me.memory_info().rss, rel=0.1)
    assert (report.ram_total, report.disk_total) == (memory.total, disk.total)
    assert report.ram_used == pytest.approx(memory.total - memory.available, rel=0.25)
    assert report.files_open == pytest.approx(me.num_fds(), abs=3)
    assert report.load == pytest.approx(psutil.getloadavg(), abs=1)
    assert report.uptime >= 0


def test_a_report_travels(tmp_path: Path) -> None:
    report = Meter(tmp_path).report()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(report), type=NodeReport) == report


def test_where_the_machine_does_not_tell_nothing_is_made_up(tmp_path: Path) -> None:
    report = Meter(tmp_path / "gone", proc=tmp_path).report()
    assert (report.rss, report.cpu_percent, report.ram_total, report.files_open, report.disk_total) == (None,) * 5


def test_processor_use_is_that_since_the_last_reading_and_readings_are_seldom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = tmp_path / "stat"
    now = 100.0
    monkeypatch.setattr("isthmus.rest.meter.time.monotonic", lambda: now)
    stat.write_text("cpu  100 0 0 900 0 0 0 0 0 0\ncpu0 …\n")
    measured = Meter(tmp_path, proc=tmp_path)
    stat.write_text("cpu  130 0 0 960 10 0 0 0 0 0\n")
    assert measured.report().cpu_percent == 30
    stat.write_text("cpu  230 0 0 960 10 0 0 0 0 0\n")
    assert measured.report().cpu_percent == 30
    now += WINDOW
    assert measured.report().cpu_percent == 100
