"""One file that is written whole or not at all, by one process at a time, and only over the content that was read.

The new content is written beside the file and renamed over it. A file that is itself a mount point (a bind mount of
Docker, a `subPath` of Kubernetes) cannot be renamed over: the kernel answers EBUSY or EXDEV. Then `inplace` rewrites
it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isthmus.errors import (
    CannotCreateError,
    DataError,
    IsthmusError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
)
from isthmus.files import content, sync_folder, write_beside
from isthmus.keystore.inplace import backup_of, finish, rewrite
from isthmus.keystore.lock import lock

_CANNOT_RENAME = {errno.EBUSY, errno.EXDEV}
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def read(path: Path, *, limit: int) -> bytes | None:
    """Return the content of `path`, at most `limit` bytes, None if it is not there; finishes a write cut short.

    Raises DataError (too large, no file), IntegrityError (damaged backup), PermissionDeniedError, StorageError,
    UnavailableError (another process holds it for long).
    """
    path = _real(path)
    try:
        with _opened(path, exclusive=False) as descriptor:
            if not backup_of(path).exists():
                return _bounded(content(descriptor, limit), limit, path)
        with _opened(path, exclusive=True) as descriptor:
            finish(path, descriptor)
            return _bounded(content(descriptor, limit), limit, path)
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise _refused(path, cause) from cause


def write(path: Path, data: bytes, *, expected: bytes | None) -> None:
    """Write `data` if the file's content is still `expected` (None: there is no file yet), mode 0600.

    Raises CannotCreateError (a file is there already), UnavailableError (it changed meanwhile, or is held for long),
    PermissionDeniedError, StorageError.
    """
    path = _real(path)
    try:
        if expected is None:
            _create(path, data)
        else:
            _exchange(path, data, expected)
    except OSError as cause:
        raise _refused(path, cause) from cause


def _create(path: Path, data: bytes) -> None:
    for taken in (path, backup_of(path)):
        if os.path.lexists(taken):
            raise _exists(taken)
    temporary = write_beside(path, data)
    try:
        # A hard link fails if the name is taken, so a file made meanwhile is not overwritten either.
        path.hardlink_to(temporary)
    except FileExistsError as cause:
        raise _exists(path) from cause
    except OSError as cause:
        if cause.errno not in _NO_HARD_LINKS:
            raise
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _exchange(path: Path, data: bytes, expected: bytes) -> None:
    try:
        with _opened(path, exclusive=True) as descriptor:
            finish(path, descriptor)
            if content(descriptor, len(expected)) != expected:
                raise _changed(path)
            _replace(path, descriptor, data, expected)
    except FileNotFoundError as cause:
        raise _changed(path) from cause


def _replace(path: Path, descriptor: int, data: bytes, old: bytes) -> None:
    temporary = write_beside(path, data)
    try:
        _keep_owner(temporary, descriptor)
        temporary.replace(path)
    except OSError as cause:
        if cause.errno not in _CANNOT_RENAME:
            raise
        rewrite(path, descriptor, data, old)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextmanager
def _opened(path: Path, *, exclusive: bool) -> Iterator[int]:
    while True:
        descriptor = os.open(path, (os.O_RDWR if exclusive else os.O_RDONLY) | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DataError("this is no file", where=str(path))
            lock(descriptor, exclusive=exclusive, where=str(path))
            # While we waited, another process may have put a new file under the name.
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _bounded(data: bytes, limit: int, path: Path) -> bytes:
    if len(data) > limit:
        raise DataError(f"is larger than {limit} bytes", where=str(path))
    return data


def _keep_owner(temporary: Path, descriptor: int) -> None:
    # Run by root, the command must not take the file away from the user that runs the node.
    owner = os.fstat(descriptor)
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(temporary, owner.st_uid, owner.st_gid)


def _real(path: Path) -> Path:
    # Where the name is a symbolic link, the file behind it is what is to be replaced.
    return Path(os.path.realpath(path))


def _exists(path: Path) -> CannotCreateError:
    return CannotCreateError("exists already", hint="move it away first", where=str(path))


def _changed(path: Path) -> UnavailableError:
    return UnavailableError("was changed by another process meanwhile", hint="call the command again", where=str(path))


def _refused(path: Path, cause: OSError) -> IsthmusError:
    if isinstance(cause, PermissionError) or cause.errno == errno.EROFS:
        hint = "run this as the user that runs the node; file and folder must be writable to change it"
        return PermissionDeniedError(f"access was refused: {cause.strerror}", hint=hint, where=str(path))
    if isinstance(cause, (FileNotFoundError, NotADirectoryError)):
        return CannotCreateError("its folder does not exist", hint="make the folder first", where=str(path))
    return StorageError(f"cannot be read or written: {cause.strerror}", hint="check the disk", where=str(path))
