"""The copy of the map on this node's disk: one SQLite file (WAL, `synchronous=FULL`), format version 1.

A commit is on disk before `commit` or `apply` returns. Any thread may call: each connection is used under its lock, so
that none is closed beneath another thread's feet. Reads have a connection of their own and never wait for a write.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from isthmus.errors import StorageError
from isthmus.state.copying import FORMAT_VERSION, check_format, copy_database, damage_of
from isthmus.state.errors import VersionConflictError
from isthmus.state.history import Commit, Position, Snapshot, StoredEntry, Term, Write

KEPT_COMMITS = 10_000
_RESTORED = "restored"

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE log (revision INTEGER PRIMARY KEY, changes BLOB NOT NULL);
CREATE TABLE term (number INTEGER PRIMARY KEY, owner_id TEXT NOT NULL, owner_name TEXT NOT NULL,
                   first_revision INTEGER NOT NULL);
"""


class StateStore:
    """One node's copy. `path` is the SQLite file; it is made (mode 0600) if it is not there.

    Raises ConfigError if the file was written by a newer format, StorageError if it is not such a file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with ExitStack() as closing_on_failure:
            try:
                self._writer = _connect(path, closing_on_failure)
                self._reader = _connect(path, closing_on_failure)
            except sqlite3.DatabaseError as cause:
                raise StorageError(
                    "the cluster state cannot be opened",
                    where=str(path),
                    hint="restore it, or move the data folder away and let the node join again",
                ) from cause
            self._prepare()
            closing_on_failure.pop_all()

    # Who we are and where we stand

    def meta(self, name: str) -> str | None:
        """Return the value kept under `name` beside the map (not replicated), or None."""
        rows = self._read("SELECT value FROM meta WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, values: dict[str, str]) -> None:
        """Keep `values` beside the map (not replicated)."""
        with self._transaction() as writer:
            _put_meta(writer, values)

    def terms(self) -> list[Term]:
        """Return every term this copy knows, oldest first."""
        rows = self._read("SELECT number, owner_id, owner_name, first_revision FROM term ORDER BY number")
        return [Term(*row) for row in rows]

    def position(self) -> Position:
        """Return the term and revision of this copy; (0, 0) if it is blank."""
        rows = self._read(
            "SELECT (SELECT coalesce(max(number), 0) FROM term),"
            " coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'revision'), 0)"
        )
        return Position(*rows[0])

    # Reading

    def get(self, key: str) -> StoredEntry | None:
        """Return the entry of `key`, or None."""
        rows = self._read("SELECT key, value, revision FROM entry WHERE key = ?", (key,))
        return StoredEntry(*rows[0]) if rows else None

    def scan(self, prefix: str) -> list[StoredEntry]:
        """Return the entries whose keys begin with `prefix`, in order of their keys."""
        rows = self._read(
            "SELECT key, value, revision FROM entry WHERE key >= ? AND substr(key, 1, ?) = ? ORDER BY key",
            (prefix, len(prefix), prefix),
        )
        return [StoredEntry(*row) for row in rows]

    def snapshot(self) -> Snapshot:
        """Return the whole map at one revision."""
        with self._transaction() as writer:
            rows = writer.execute("SELECT key, value, revision FROM entry ORDER BY key")
            return Snapshot(_revision(writer), [StoredEntry(*row) for row in rows])

    def commits_since(self, revision: int) -> list[Commit] | None:
        """Return the commits after `revision`, or None if they are no longer all kept."""
        with self._transaction() as writer:
            now = _revision(writer)
            rows = writer.execute(
                "SELECT revision, changes FROM log WHERE revision > ? ORDER BY revision", (revision,)
            ).fetchall()
        if len(rows) != now - revision:
            return None
        return [Commit(number, msgspec.msgpack.decode(blob, type=dict[str, bytes | None])) for number, blob in rows]

    # Writing

    def found(self, cluster_uuid: str, term: Term) -> None:
        """Make a new cluster of which this node is the owner."""
        with self._transaction() as writer:
            _put_meta(writer, {"cluster_uuid": cluster_uuid})
            _insert_term(writer, term)

    def start_term(self, term: Term) -> None:
        """Begin a new term; its number must be greater than every one before."""
        with self._transaction() as writer:
            _insert_term(writer, term)
            writer.execute("DELETE FROM meta WHERE name = ?", (_RESTORED,))

    def mark_restored(self) -> None:
        """Keep in mind that this copy comes from a backup: other copies may have gone on in the same term."""
        self.set_meta({_RESTORED: "true"})

    @property
    def restored(self) -> bool:
        """Whether this copy comes from a backup and no new term has begun since."""
        return self.meta(_RESTORED) is not None

    def commit(self, writes: Sequence[Write]) -> Commit:
        """Apply `writes` together as the owner's next commit; all or none.

        Raises VersionConflictError if a key is not at the revision that its write expects.
        """
        with self._transaction() as writer:
            _check_expected(writer, writes)
            commit = Commit(_revision(writer) + 1, {write.key: write.value for write in writes})
            _apply(writer, commit)
            return commit

    def apply(self, commits: Iterable[Commit], terms: Sequence[Term]) -> None:
        """Apply the owner's commits, which must follow each other and this copy without a gap, and its terms.

        Raises StorageError on a gap; then nothing is applied.
        """
        with self._transaction() as writer:
            _put_terms(writer, terms)
            for commit in commits:
                if commit.revision != _revision(writer) + 1:
                    raise StorageError(f"commit {commit.revision} does not follow revision {_revision(writer)}")
                _apply(writer, commit)

    def replace(self, snapshot: Snapshot, terms: Sequence[Term]) -> None:
        """Replace the whole map by the owner's, and its terms; commits kept for others are forgotten."""
        with self._transaction() as writer:
            _put_terms(writer, terms)
            writer.execute("DELETE FROM entry")
            writer.execute("DELETE FROM log")
            writer.executemany(
                "INSERT INTO entry VALUES (?, ?, ?)", [(e.key, e.value, e.revision) for e in snapshot.entries]
            )
            _put_meta(writer, {"revision": str(snapshot.revision)})

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the state as it is now, checked and synced; reads and writes go on meanwhile.

        Raises CannotCreateError if `path` is there, StorageError.
        """
        try:
            with closing(sqlite3.connect(self.path, isolation_level=None)) as source:
                copy_database(source, path, lambda copy: _check_whole(copy, path))
        except (sqlite3.Error, OSError) as cause:
            raise StorageError(f"the cluster state cannot be copied: {cause}", where=str(path)) from cause

    def close(self) -> None:
        """Close both connections, once no other thread uses them."""
        with self._reading, self._writing:
            self._reader.close()
            self._writer.close()

    # Below: how

    def _read(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        with self._reading:
            try:
                return self._reader.execute(sql, parameters).fetchall()
            except sqlite3.Error as cause:
                raise StorageError(f"the cluster state cannot be read: {cause}", where=str(self.path)) from cause

    def _prepare(self) -> None:
        with self._transaction() as writer:
            if writer.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0] == 0:
                for statement in _SCHEMA.split(";"):
                    writer.execute(statement)
                _put_meta(writer, {"format_version": str(FORMAT_VERSION)})
            row = writer.execute("SELECT value FROM meta WHERE name = 'format_version'").fetchone()
        check_format(int(row[0]), self.path)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException:
                    self._roll_back()
                    raise
            except sqlite3.Error as cause:
                raise StorageError(
                    f"the cluster state cannot be written: {cause}", where=str(self.path), hint="is the disk full?"
                ) from cause

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")


def _connect(path: Path, closing_on_failure: ExitStack) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    closing_on_failure.callback(connection.close)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _check_whole(copy: sqlite3.Connection, path: Path) -> None:
    damage = damage_of(copy)
    if damage is not None:
        raise StorageError(f"the copy of the cluster state is damaged: {damage}", where=str(path))


def _revision(writer: sqlite3.Connection) -> int:
    row = writer.execute("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'revision'").fetchone()
    return 0 if row is None else int(row[0])


def _check_expected(writer: sqlite3.Connection, writes: Sequence[Write]) -> None:
    for write in writes:
        if write.expected is None:
            continue
        row = writer.execute("SELECT revision FROM entry WHERE key = ?", (write.key,)).fetchone()
        found = 0 if row is None else int(row[0])
        if found != write.expected:
            raise VersionConflictError(f"[{write.key}] is at revision {found}, not at {write.expected}")


def _apply(writer: sqlite3.Connection, commit: Commit) -> None:
    for key, value in commit.changes.items():
        if value is None:
            writer.execute("DELETE FROM entry WHERE key = ?", (key,))
        else:
            writer.execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", (key, value, commit.revision))
    writer.execute("INSERT INTO log VALUES (?, ?)", (commit.revision, msgspec.msgpack.encode(commit.changes)))
    writer.execute("DELETE FROM log WHERE revision <= ?", (commit.revision - KEPT_COMMITS,))
    _put_meta(writer, {"revision": str(commit.revision)})


def _put_terms(writer: sqlite3.Connection, terms: Sequence[Term]) -> None:
    writer.execute("DELETE FROM term")
    for term in terms:
        _insert_term(writer, term)


def _insert_term(writer: sqlite3.Connection, term: Term) -> None:
    writer.execute(
        "INSERT INTO term VALUES (?, ?, ?, ?)", (term.number, term.owner_id, term.owner_name, term.first_revision)
    )


def _put_meta(writer: sqlite3.Connection, values: dict[str, str]) -> None:
    writer.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))
