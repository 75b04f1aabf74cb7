"""Puts files in place: on this machine all of them or none, elsewhere by the command that the inventory gives."""

from __future__ import annotations

import asyncio
import errno
import glob
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from isthmus.errors import IsthmusError, PermissionDeniedError, StorageError, UnavailableError
from isthmus.files import overwrite, sync_folder, write_beside
from isthmus.lifecycle.rotation.layout import NewFile

COMMAND_TIMEOUT = 300.0
SHOWN_OUTPUT = 500

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def put_in_place(files: Sequence[NewFile]) -> None:
    """Replace each file whole, keeping its mode and owner; a new one is for its owner alone.

    All are written beside their places first, so that a full disk changes nothing, and then renamed one right after
    the other: Elasticsearch serves a certificate with another one's key if it looks between the two. A path that is a
    link keeps being one. What a killed process left beside is removed. Raises PermissionDeniedError, StorageError.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        try:
            for file in files:
                place = Path(os.path.realpath(file.path))
                _remove_leftovers(place)
                staged.append((_beside(place, file), place))
            for temporary, place in staged:
                _replace(temporary, place)
            for folder in {place.parent for _, place in staged}:
                sync_folder(folder)
        finally:
            for temporary, _ in staged:
                temporary.unlink(missing_ok=True)
    except PermissionError as cause:
        raise PermissionDeniedError(
            "the node's files may not be replaced",
            where=str(cause.filename or files[0].path),
            hint="run this as the user that owns them, or as root",
        ) from cause
    except OSError as cause:
        raise StorageError(
            f"the node's files cannot be replaced: {cause.strerror}",
            where=str(cause.filename or files[0].path),
            hint="make room or put it right, and carry on with 'isthmus rotate resume'",
        ) from cause


async def run_command(command: Sequence[str], what: str, **values: str) -> None:
    """Run an argument list with its placeholders filled. Raises UnavailableError with the end of what it said."""
    words = [_filled(word, values) for word in command]
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as cause:
        raise UnavailableError(f"{what}: [{words[0]}] cannot be run: {cause.strerror}") from cause
    try:
        async with asyncio.timeout(COMMAND_TIMEOUT):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise _failed(what, words, f"it did not end within {COMMAND_TIMEOUT:g} s") from None
    if process.returncode:
        raise _failed(what, words, said.decode(errors="replace").strip()[-SHOWN_OUTPUT:] or "it said nothing")


def _failed(what: str, words: Sequence[str], why: str) -> IsthmusError:
    return UnavailableError(f"{what}: [{words[0]}] failed: {why}", hint="correct the command in the inventory")


def _filled(word: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), word)


def _remove_leftovers(place: Path) -> None:
    for old in place.parent.glob(f".{glob.escape(place.name[:100])}.*.tmp"):
        old.unlink(missing_ok=True)


def _beside(place: Path, file: NewFile) -> Path:
    temporary = write_beside(place, file.data)
    try:
        found = place.stat()
    except FileNotFoundError:
        return temporary
    try:
        _give(temporary, found)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _give(temporary: Path, like: os.stat_result) -> None:
    """Give the file mode and owner of another.

    Whoever owns the folder may have put a link to any file of this machine in its place: that is not followed.
    """
    descriptor = os.open(temporary, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "somebody else replaced the new file", str(temporary))
        if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, like.st_uid, like.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
    finally:
        os.close(descriptor)


def _replace(temporary: Path, place: Path) -> None:
    try:
        temporary.replace(place)
    except OSError as cause:
        if cause.errno not in (errno.EBUSY, errno.EXDEV):
            raise
        # The file itself is a mount point: only its content can be replaced.
        descriptor = os.open(place, os.O_RDWR | os.O_CLOEXEC)
        try:
            overwrite(descriptor, temporary.read_bytes())
        finally:
            os.close(descriptor)
