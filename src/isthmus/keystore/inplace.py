"""Rewriting a file in place, with a backup that is restored after a crash.

    <name>.backup:  the letters ISTHMUSB, SHA-256 of the new content, SHA-256 of the old content, the old content

Whoever next opens the file finds the backup of a write that a crash cut short. If the file holds the old or the new
content whole, the backup is dropped, otherwise the old content is restored from it.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

from isthmus.errors import IntegrityError
from isthmus.files import overwrite, sync_folder, write_beside

MAX_BYTES = 64 * 1024 * 1024
"""More than any backup has; what is longer is cut and so found to be damaged."""

_MAGIC = b"ISTHMUSB"
_DIGEST_BYTES = 32
_CHUNK_BYTES = 1024 * 1024

_log = logging.getLogger(__name__)


def backup_of(path: Path) -> Path:
    """Return where the backup of `path` lies while it is rewritten."""
    return path.with_name(f"{path.name}.backup")


def rewrite(path: Path, descriptor: int, data: bytes, old: bytes) -> None:
    """Put `data` in place of `old`, the content of the open and locked file at `path`; raises OSError."""
    temporary = write_beside(path, _MAGIC + _digest(data) + _digest(old) + old)
    temporary.replace(backup_of(path))
    sync_folder(path.parent)
    overwrite(descriptor, data)
    backup_of(path).unlink()


def finish(path: Path, descriptor: int) -> None:
    """Undo a rewriting of the open and locked file at `path` that was cut short, if one was.

    Raises IntegrityError if the backup is damaged, OSError.
    """
    backup = backup_of(path)
    try:
        with backup.open("rb") as stream:
            kept = stream.read(MAX_BYTES)
    except FileNotFoundError:
        return
    digest, old = _parse_backup(kept, backup)
    if _digest_of_file(descriptor) not in (digest, _digest(old)):
        overwrite(descriptor, old)
        _log.warning("%s: a write had been cut short; the content before it was restored", path)
    backup.unlink()
    sync_folder(path.parent)


def _parse_backup(kept: bytes, where: Path) -> tuple[bytes, bytes]:
    at = len(_MAGIC)
    new_digest, old_digest = kept[at : at + _DIGEST_BYTES], kept[at + _DIGEST_BYTES : at + 2 * _DIGEST_BYTES]
    old = kept[at + 2 * _DIGEST_BYTES :]
    if not kept.startswith(_MAGIC) or _digest(old) != old_digest:
        raise IntegrityError("this backup is damaged", hint="move it away to go on without it", where=str(where))
    return new_digest, old


def _digest_of_file(descriptor: int) -> bytes:
    digest, at = hashlib.sha256(), 0
    while part := os.pread(descriptor, _CHUNK_BYTES, at):
        digest.update(part)
        at += len(part)
    return digest.digest()


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
