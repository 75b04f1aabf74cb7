"""What a rotation did and saw: a file of one JSON object a line, the plan first; it survives a crash at any line.

A line is on disk before what it says is done to a node. A last line that a crash cut short is dropped.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from isthmus.errors import ConfigError, DataError, NoInputError, StorageError, UnavailableError
from isthmus.files import sync_folder
from isthmus.lifecycle.rotation.events import Event, EventKind
from isthmus.lifecycle.rotation.plan import FORMAT_VERSION, Plan

FILE_NAME = "rotation.jsonl"
MAX_BYTES = 256 * 1024 * 1024


class _Versioned(msgspec.Struct):
    format_version: int


class Blank:
    """A journal without a plan, held while one is made, so that nobody else makes one or overwrites another's papers.

    Raises ConfigError if a rotation is there, UnavailableError if another process holds it, StorageError.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._descriptor = _open(self._path, os.O_RDWR | os.O_CREAT)
        if b"\n" in _content(self._path):
            self.close()
            raise ConfigError(
                "this folder holds a rotation already",
                where=str(folder),
                hint="carry on with 'isthmus rotate resume', go back with 'isthmus rotate abort', or name a new folder",
            )

    def write(self, plan: Plan) -> tuple[Path, int]:
        """Write the plan down; give path and descriptor, which holds the lock. Raises StorageError."""
        os.ftruncate(self._descriptor, 0)
        _write(self._descriptor, msgspec.json.encode(plan) + b"\n", self._path)
        sync_folder(self._path.parent)
        return self._path, self._descriptor

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


class Journal:
    """The journal of one rotation, held by one process. `events` are all so far, `plan` what they belong to."""

    def __init__(self, path: Path, descriptor: int, plan: Plan, events: list[Event]) -> None:
        self.path = path
        self._descriptor = descriptor
        self.plan = plan
        self.events = events

    @classmethod
    def begin(cls, folder: Path, plan: Plan) -> Journal:
        """Begin a rotation in `folder`. Raises what `Blank` raises, and StorageError."""
        path, descriptor = Blank(folder).write(plan)
        return cls(path, descriptor, plan, [])

    @classmethod
    def resume(cls, folder: Path) -> Journal:
        """Take up the rotation in `folder`.

        Raises NoInputError, DataError, and UnavailableError if another process carries it out.
        """
        path = folder / FILE_NAME
        _must_be_there(path)
        descriptor = _open(path, os.O_RDWR)
        try:
            data = _content(path)
            whole = data[: data.rfind(b"\n") + 1]
            plan, events = _parsed(whole, path)
            if whole != data:
                os.ftruncate(descriptor, len(whole))
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor, plan, events)

    @classmethod
    def look(cls, folder: Path) -> tuple[Plan, list[Event]]:
        """Read the rotation in `folder`, also while another process carries it out."""
        path = folder / FILE_NAME
        _must_be_there(path)
        data = _content(path)
        return _parsed(data[: data.rfind(b"\n") + 1], path)

    def add(self, event: EventKind, **details: object) -> Event:
        """Write down what happens now. Raises StorageError; then it must not happen."""
        line = msgspec.convert({"at": _now(), "event": event, **details}, Event)
        _write(self._descriptor, msgspec.json.encode(line) + b"\n", self.path)
        self.events.append(line)
        return line

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


def _open(path: Path, flags: int) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_APPEND, 0o600)
    except OSError as cause:
        raise StorageError(f"the journal cannot be opened: {cause.strerror}", where=str(path)) from cause
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as cause:
        os.close(descriptor)
        raise UnavailableError(
            "this rotation is being carried out by another process", where=str(path), hint="wait until it has ended"
        ) from cause
    return descriptor


def _write(descriptor: int, data: bytes, path: Path) -> None:
    size = os.fstat(descriptor).st_size
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError(0, "the disk is full")
        os.fsync(descriptor)
    except OSError as cause:
        os.ftruncate(descriptor, size)
        raise StorageError(
            f"the journal cannot be written: {cause.strerror}", where=str(path), hint="make room on the disk"
        ) from cause


def _must_be_there(path: Path) -> None:
    if not path.exists():
        raise NoInputError("there is no rotation", where=str(path.parent), hint="make one with 'isthmus rotate plan'")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as cause:
        raise NoInputError(f"the journal cannot be read: {cause.strerror}", where=str(path)) from cause
    if len(data) > MAX_BYTES:
        raise DataError(f"the journal is larger than {MAX_BYTES} bytes", where=str(path))
    return data


def _parsed(data: bytes, path: Path) -> tuple[Plan, list[Event]]:
    lines = data.splitlines()
    if not lines:
        raise NoInputError(
            "the plan is not made yet",
            where=str(path.parent),
            hint="call 'isthmus rotate plan' again, with the same options if it waits for requests to be signed",
        )
    try:
        version = msgspec.json.decode(lines[0], type=_Versioned).format_version
        if version > FORMAT_VERSION:
            raise DataError(
                f"the journal has format version {version}, this program reads up to {FORMAT_VERSION}",
                where=str(path),
                hint="carry on with the newer program that wrote it",
            )
        return msgspec.json.decode(lines[0], type=Plan), list(_events(lines[1:]))
    except msgspec.MsgspecError as cause:
        raise DataError(f"the journal cannot be read: {cause}", where=str(path)) from cause


def _events(lines: list[bytes]) -> Iterator[Event]:
    for line in lines:
        yield msgspec.json.decode(line, type=Event)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
