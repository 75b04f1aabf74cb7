"""Files of the configuration folder that are taken up again when they change."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.security.watched_files import WatchedFiles


class Taken:
    """What was taken of two files; a first text of `wrong` cannot be taken."""

    def __init__(self, folder: Path) -> None:
        self.all: list[tuple[str, str]] = []
        self.files = WatchedFiles((folder / "one", folder / "two"), "names", 10, self._take)

    def _take(self, one: str, two: str) -> None:
        if one == "wrong":
            raise ConfigError("that is wrong")
        self.all.append((one, two))


def test_files_are_taken_at_first_and_when_one_changes_and_else_not(tmp_path: Path) -> None:
    taken = Taken(tmp_path)
    taken.files.read()
    taken.files.read()
    assert taken.all == [("", "")]
    (tmp_path / "two").write_text("2")
    taken.files.read()
    taken.files.read()
    assert taken.all[1:] == [("", "2")]
    (tmp_path / "two").unlink()
    taken.files.read()
    assert taken.all[2:] == [("", "")]


@pytest.mark.parametrize("content", [b"wrong", b"\xff", b"x" * 11])
def test_what_cannot_be_taken_is_told_each_time_and_taken_when_it_can_be(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    taken = Taken(tmp_path)
    (tmp_path / "one").write_bytes(content)
    taken.files.read()
    taken.files.read()
    assert taken.all == []
    assert [one.getMessage().partition(":")[0] for one in caplog.records] == [
        f"[{tmp_path}/one, {tmp_path}/two] cannot be read, the names stay as they were"
    ] * 2
    (tmp_path / "one").write_text("1")
    taken.files.read()
    assert taken.all == [("1", "")]


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "one").mkdir()
    taken = Taken(tmp_path)
    taken.files.read()
    assert taken.all == []
    assert "it is a folder" in caplog.text
