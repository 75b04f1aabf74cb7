"""Copies of SQLite files that are in use, and the state in such a copy, read without changing a byte of it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from isthmus.errors import CannotCreateError, ConfigError, StorageError
from isthmus.files import sync_folder
from isthmus.state.history import Position, StoredEntry

FORMAT_VERSION = 1


def copy_database(source: sqlite3.Connection, target: Path, check: Callable[[sqlite3.Connection], None]) -> None:
    """Write one moment of `source` to `target`, one file, mode 0600, checked and on disk before this returns.

    Raises CannotCreateError if `target` exists, what `check(copy)` raises, sqlite3.Error, OSError; then nothing is
    left there.
    """
    try:
        target.touch(mode=0o600, exist_ok=False)
    except FileExistsError as cause:
        raise CannotCreateError("a file is there already", where=str(target)) from cause
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            source.backup(copy)  # in one step: a copy in several begins anew whenever somebody writes
            copy.execute("PRAGMA journal_mode=DELETE")
            check(copy)
        _sync(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def open_copy(path: Path) -> sqlite3.Connection:
    """Open a copy that nobody writes to, so that nothing of it changes. Raises sqlite3.Error."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def damage_of(connection: sqlite3.Connection) -> str | None:
    """Return what SQLite finds wrong with a file, None if it is whole. Raises sqlite3.Error."""
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return None if verdict == "ok" else str(verdict)


def check_format(version: int, path: Path) -> None:
    """Raise ConfigError if a state's format is newer than what this release reads."""
    if version > FORMAT_VERSION:
        raise ConfigError(
            f"the cluster state has format version {version}, this program reads up to {FORMAT_VERSION}",
            where=str(path),
            hint="start it with the newer program that wrote it",
        )


class StateCopy:
    """The state in a copy, read at once. Raises StorageError if it is none, ConfigError if its format is newer."""

    def __init__(self, path: Path) -> None:
        with _told(path), closing(open_copy(path)) as copy:
            self.meta: dict[str, str] = dict(copy.execute("SELECT name, value FROM meta"))
            check_format(int(self.meta["format_version"]), path)
            damage = damage_of(copy)
            if damage is not None:
                raise StorageError(f"the cluster state is damaged: {damage}", where=str(path))
            self.entries = [StoredEntry(*row) for row in copy.execute("SELECT key, value, revision FROM entry")]
            (term,) = copy.execute("SELECT coalesce(max(number), 0) FROM term").fetchone()
        self.position = Position(int(term), int(self.meta.get("revision", "0")))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, KeyError, ValueError) as cause:
        raise StorageError(f"the file is no cluster state: {cause}", where=str(path)) from cause


def _sync(target: Path) -> None:
    with target.open("rb") as stream:
        os.fsync(stream.fileno())
    sync_folder(target.parent)
