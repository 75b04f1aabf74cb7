"""Folders of indices that move: what is of no use is always known as such, and what is of use is never removed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isthmus.cluster.indices.moving import marks
from isthmus.errors import CannotCreateError


class KilledError(BaseException):
    """The process ends here."""


def left(folder: Path) -> Path:
    """What an index that went leaves behind."""
    (folder / "projection" / "1").mkdir(parents=True)
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "projection/current", "projection/1/meta.json"):
        (folder / name).write_text("data")
    marks.mark(folder, marks.LEAVING)
    return folder


def killed_at(call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is killed before it removes the file or folder of this number."""
    calls = 0

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def remove(*given: Any, **named: Any) -> None:
            nonlocal calls
            if calls >= call:
                raise KilledError
            calls += 1
            real(*given, **named)

        return remove

    monkeypatch.setattr(os, "unlink", counted(os.unlink))
    monkeypatch.setattr(os, "rmdir", counted(os.rmdir))


@pytest.mark.parametrize("call", range(8))
def test_a_folder_whose_removal_was_cut_off_hinders_no_later_move(
    tmp_path: Path, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = left(tmp_path / "uuid")
    with monkeypatch.context() as killing:
        killed_at(call, killing)
        with pytest.raises(KilledError):
            marks.remove(folder)
    marks.make_room(folder)
    assert [one.name for one in folder.iterdir()] == [marks.ARRIVING]


def test_a_folder_is_removed_in_eight_steps_and_then_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = left(tmp_path / "uuid")
    with monkeypatch.context() as killing:
        killed_at(8, killing)
        marks.remove(folder)
    assert not folder.exists()


def test_there_is_no_room_where_data_without_a_mark_is(tmp_path: Path) -> None:
    folder = left(tmp_path / "uuid")
    marks.unmark(folder)
    with pytest.raises(CannotCreateError, match="there is data of this index"):
        marks.make_room(folder)
    assert (folder / "ledger.sqlite").read_text() == "data"
