"""Files in a shard's folder that tell what it is: of an index that comes, or of one that goes or has gone.

A folder without a mark is an index's only data and is never removed but with the index.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from typing import Final

from isthmus.errors import CannotCreateError
from isthmus.files import sync_folder

log = logging.getLogger(__name__)

ARRIVING: Final = "arriving"
LEAVING: Final = "leaving"
COPY: Final = "moving.sqlite"
"""The copy of the ledger that is being sent."""


def mark(folder: Path, name: str) -> None:
    """Set a mark, on disk before this returns. Raises OSError."""
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(folder)


def unmark(folder: Path) -> None:
    """Remove every mark and what was to be sent, on disk before this returns. Raises OSError."""
    for name in (ARRIVING, LEAVING, COPY):
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)


def is_marked(folder: Path) -> bool:
    """Tell whether a folder has a mark."""
    return any((folder / name).exists() for name in (ARRIVING, LEAVING))


def make_room(folder: Path) -> None:
    """Make a folder for an index that comes, with its mark on it.

    One that is empty or has the mark of an earlier move is of no use to anybody; any other is somebody's data, which
    raises CannotCreateError. Raises OSError.
    """
    if folder.exists():
        if any(folder.iterdir()) and not is_marked(folder):
            raise CannotCreateError(
                "there is data of this index on the node already",
                where=str(folder),
                hint="look whether it is needed, and put it elsewhere",
            )
        _remove(folder)
    folder.mkdir(mode=0o700, parents=True)
    mark(folder, ARRIVING)
    sync_folder(folder.parent)


def remove(folder: Path) -> None:
    """Remove a marked folder; what cannot be removed now keeps its mark, and is removed when the node joins again."""
    try:
        _remove(folder)
    except FileNotFoundError:
        pass  # it was deleted with its index
    except OSError as error:
        log.warning("what a move left in [%s] cannot be removed now, but when the node joins again: %s", folder, error)


def _remove(folder: Path) -> None:
    """Remove the marks last: cut off in the middle, the folder is still known to be of no use."""
    for one in folder.iterdir():
        if one.is_dir():
            shutil.rmtree(one)
        elif one.name not in (ARRIVING, LEAVING):
            one.unlink()
    sync_folder(folder)
    shutil.rmtree(folder)
