"""Digests of the files that a channel names: their contents decide, not their dates, inodes or folders."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from isthmus.lifecycle.reloading.reload import Digests
from isthmus.tls.config import ChannelConfig
from isthmus.tls.material import MAX_FILE_BYTES

_CHUNK = 1 << 20


def files_of(config: ChannelConfig) -> tuple[Path, ...]:
    """Return the files that the channel reads."""
    return (*config.files, *config.revocation_lists)


def digests(paths: Iterable[Path]) -> Digests:
    """Look at each file now, through symbolic links; what cannot be read has its reason in place of a digest."""
    return {str(path): _digest(path) for path in paths}


def _digest(path: Path) -> str:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a named pipe must not keep us waiting
    except OSError as error:
        return error.strerror or type(error).__name__
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return "this is no regular file"
        return _digest_of(file)
    except OSError as error:
        return error.strerror or type(error).__name__
    finally:
        os.close(file)


def _digest_of(file: int) -> str:
    found, left = hashlib.sha256(), MAX_FILE_BYTES + 1
    while left > 0 and (data := os.read(file, min(_CHUNK, left))):
        found.update(data)
        left -= len(data)
    return found.hexdigest()
