"""The contents of the named files are looked at, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from isthmus.lifecycle.reloading.digests import digests


def test_only_content_counts(tmp_path: Path) -> None:
    path = tmp_path / "node.crt"
    path.write_text("one")
    before = digests([path])
    path.unlink()
    path.write_text("one")
    (tmp_path / "neighbour").write_text("another file of the folder")
    os.utime(path, (0, 0))
    assert digests([path]) == before
    path.write_text("two")
    assert digests([path]) != before


def test_a_link_that_is_turned_is_another_content(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "node.crt").write_text(name)
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "node.crt").symlink_to("..data/node.crt")
    before = digests([tmp_path / "node.crt"])
    (tmp_path / "..data").unlink()
    (tmp_path / "..data").symlink_to("two")
    assert digests([tmp_path / "node.crt"]) != before


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    found = digests([tmp_path / name for name in ("gone", "pipe", "loop")] + [tmp_path])
    assert list(found.values()) == [
        "No such file or directory",
        "this is no regular file",
        "Too many levels of symbolic links",
        "this is no regular file",
    ]
