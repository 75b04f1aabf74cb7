"""The data folder: one process at a time, the node's id, and where everything in it lies."""

from __future__ import annotations

import base64
import fcntl
import os
import uuid
from pathlib import Path

from isthmus.errors import ConfigError, PermissionDeniedError
from isthmus.state.store import StateStore


class DataFolder:
    """`path.data` while this process holds it. Raises ConfigError if another process does.

    `state` is this node's copy of the cluster's metadata, `node_id` stays the same as long as the folder does.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / "node.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as cause:
            raise PermissionDeniedError(
                "the data folder cannot be written", where=str(path), hint="give it to the user that runs the node"
            ) from cause
        except OSError as cause:
            raise ConfigError(f"the data folder cannot be made: {cause.strerror}", where=f"path.data {path}") from cause
        self._hold()
        self.state = StateStore(path / "state.sqlite")
        self.node_id = self._node_id()

    @property
    def admin_socket(self) -> Path:
        """Where the running node takes orders of its own machine's administrator."""
        return self.path / "admin.sock"

    def close(self) -> None:
        """Close the copy and let go of the folder."""
        self.state.close()
        os.close(self._lock)

    def _hold(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as cause:
            os.close(self._lock)
            raise ConfigError(
                "another node runs on this data folder",
                where=f"path.data {self.path}",
                hint="stop it first, or give this node a folder of its own",
            ) from cause

    def _node_id(self) -> str:
        known = self.state.meta("node_id")
        if known is None:
            known = new_id()
            self.state.set_meta({"node_id": known})
        return known


def new_id() -> str:
    """Return a random id in Elasticsearch's form: 22 characters of URL-safe base64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
