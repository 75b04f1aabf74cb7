"""Reading, writing and syncing in the order that outlasts a crash."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path


def content(descriptor: int, limit: int) -> bytes:
    """Read at most one byte more than `limit`, so that what is too large is seen to be so."""
    parts: list[bytes] = []
    at = 0
    while part := os.pread(descriptor, limit + 1 - at, at):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def read_regular(path: Path, limit: int) -> tuple[int, bytes]:
    """Read a file and give its permission bits too; at most one byte more than `limit`, as `content` does.

    Never waits: a pipe or a device in its place is EINVAL. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise OSError(errno.EISDIR, "it is a folder", str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        return stat.S_IMODE(mode), content(descriptor, limit)
    finally:
        os.close(descriptor)


def overwrite(descriptor: int, data: bytes) -> None:
    """Put `data` in place of the content of an open file, on disk before this returns."""
    at = 0
    while at < len(data):
        at += os.pwrite(descriptor, data[at:], at)
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def write_beside(path: Path, data: bytes) -> Path:
    """Write `data` to a new file, mode 0600, in the folder of `path`, on disk before this returns; give its path."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
