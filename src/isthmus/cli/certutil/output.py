"""Files that appear whole or not at all: written beside the target, read back and checked, then moved into place.

Every file is 0600 from its first moment, since most hold private keys. Nothing is overwritten unless asked for.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from isthmus.errors import CannotCreateError, IsthmusError, PermissionDeniedError, StorageError
from isthmus.files import sync_folder, write_beside

Check = Callable[[bytes], None]

_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def check_target(path: Path, *, force: bool) -> None:
    """Raise at once what `write_file` would raise at the end, so that no work is done in vain.

    CannotCreateError: the file exists (and not `force`), is a folder, or its folder is missing.
    PermissionDeniedError: its folder may not be written.
    """
    try:
        if path.is_dir():
            raise CannotCreateError("is a folder", hint="name a file with --out", where=str(path))
        if os.path.lexists(path) and not force:
            raise _exists(path)
        if not path.parent.is_dir():
            raise CannotCreateError("its folder does not exist", hint="make the folder first", where=str(path))
        # The kernel knows best: a trial file also meets read-only file systems and access lists.
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as cause:
        raise _refused(path, cause) from cause


def write_file(path: Path, data: bytes, check: Check, *, force: bool) -> None:
    """Write `data` to `path` with mode 0600; `check` gets what was read back from the disk and raises if it is bad.

    Raises CannotCreateError, PermissionDeniedError or StorageError, and whatever `check` raises; then `path` is as
    it was before.
    """
    check_target(path, force=force)
    temporary: Path | None = None
    try:
        temporary = write_beside(path, data)
        check(temporary.read_bytes())
        _move_into_place(temporary, path, force=force)
        sync_folder(path.parent)
    except OSError as cause:
        raise _refused(path, cause) from cause
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _move_into_place(temporary: Path, path: Path, *, force: bool) -> None:
    if force:
        temporary.replace(path)
        return
    try:
        # A hard link fails if the name is taken, so a file made meanwhile is not overwritten either.
        path.hardlink_to(temporary)
    except FileExistsError as cause:
        raise _exists(path) from cause
    except OSError as cause:
        if cause.errno not in _NO_HARD_LINKS:
            raise
        if os.path.lexists(path):
            raise _exists(path) from cause
        temporary.replace(path)


def _exists(path: Path) -> CannotCreateError:
    return CannotCreateError(
        "exists already", hint="choose another --out, or overwrite it with --force", where=str(path)
    )


def _refused(path: Path, cause: OSError) -> IsthmusError:
    if isinstance(cause, PermissionError):
        return PermissionDeniedError("may not be written", hint="check who owns the folder", where=str(path))
    if cause.errno in (errno.EROFS, errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR, errno.ENOENT):
        return CannotCreateError(f"cannot be created: {cause.strerror}", hint="choose another --out", where=str(path))
    return StorageError(f"cannot be written: {cause.strerror}", hint="check the disk", where=str(path))
