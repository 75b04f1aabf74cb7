"""The data folder: one process at a time, the node's id, and where everything in it lies."""

from __future__ import annotations

import base64
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from isthmus.errors import ConfigError, PermissionDeniedError
from isthmus.state.store import StateStore

STATE = "state.sqlite"
LOCK = "node.lock"
RESTORING = ".restoring"


class DataFolder:
    """`path.data` while this process holds it. Raises ConfigError if another process does.

    `state` is this node's copy of the cluster's metadata, `node_id` stays the same as long as the folder does.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with ExitStack() as letting_go_on_failure:
            letting_go_on_failure.enter_context(held(path))
            _check_whole(path)
            self.state = StateStore(path / STATE)
            letting_go_on_failure.callback(self.state.close)
            self.node_id = self._node_id()
            self._letting_go = letting_go_on_failure.pop_all()

    @property
    def admin_socket(self) -> Path:
        """Where the running node takes orders of its own machine's administrator."""
        return self.path / "admin.sock"

    def close(self) -> None:
        """Close the copy and let go of the folder."""
        self._letting_go.close()

    def _node_id(self) -> str:
        known = self.state.meta("node_id")
        if known is None:
            known = new_id()
            self.state.set_meta({"node_id": known})
        return known


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the data folder, made if it is not there, for this process alone.

    Raises ConfigError if another process holds it, PermissionDeniedError.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as cause:
        raise PermissionDeniedError(
            "the data folder cannot be written", where=str(path), hint="give it to the user that runs the node"
        ) from cause
    except OSError as cause:
        raise ConfigError(f"the data folder cannot be made: {cause.strerror}", where=f"path.data {path}") from cause
    try:
        _lock(lock, path)
        yield
    finally:
        os.close(lock)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as cause:
        raise ConfigError(
            "another node runs on this data folder",
            where=f"path.data {path}",
            hint="stop it first, or give this node a folder of its own",
        ) from cause


def _check_whole(path: Path) -> None:
    if (path / RESTORING).exists():
        raise ConfigError(
            "a restore into this data folder was cut short",
            where=f"path.data {path}",
            hint="call `isthmus restore` again; it begins anew",
        )


def new_id() -> str:
    """Return a random id in Elasticsearch's form: 22 characters of URL-safe base64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
