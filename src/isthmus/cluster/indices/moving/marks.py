"""Files in a shard's folder that tell what it is: of an index that comes, or of one that goes or has gone.

A folder without a mark is an index's only data and is never removed but with the index.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from isthmus.files import sync_folder

ARRIVING: Final = "arriving"
LEAVING: Final = "leaving"


def mark(folder: Path, name: str) -> None:
    """Set a mark, on disk before this returns. Raises OSError."""
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(folder)


def unmark(folder: Path) -> None:
    """Remove every mark, on disk before this returns. Raises OSError."""
    for name in (ARRIVING, LEAVING):
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)


def is_marked(folder: Path) -> bool:
    """Tell whether a folder has a mark."""
    return any((folder / name).exists() for name in (ARRIVING, LEAVING))
