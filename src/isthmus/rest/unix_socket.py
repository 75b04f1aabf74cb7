"""Unix sockets at any path: the kernel takes 107 bytes, a data folder may lie deeper.

A path that is too long is reached through a descriptor of its folder (`/proc/self/fd/…`, Linux).
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

from isthmus.errors import ConfigError

MAX_PATH = 107
OWNER_ONLY = 0o177


def listen(path: Path) -> socket.socket:
    """Return a listening socket at `path`, mode 0600 from the start; a dead socket there is replaced."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ConfigError("a file is where the admin socket belongs", where=str(path), hint="move it away")
        path.unlink()
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(OWNER_ONLY)
    try:
        with _short(path) as name:
            one.bind(name)
    finally:
        os.umask(before)
    one.listen()
    one.settimeout(0)
    return one


def connect(path: Path, seconds: float) -> socket.socket:
    """Return a socket connected to `path`, whose operations time out after `seconds`; raises OSError."""
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.settimeout(seconds)
    try:
        with _short(path) as name:
            one.connect(name)
    except OSError:
        one.close()
        raise
    return one


def peer_uid(one: socket.socket) -> int:
    """Return the user id of the process on the other side (SO_PEERCRED, unix(7))."""
    _pid, uid, _gid = struct.unpack("3i", one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return int(uid)


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= MAX_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
