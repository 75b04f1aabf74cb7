"""An advisory lock on an open file, waited for within bounds."""

from __future__ import annotations

import fcntl
import time

from isthmus.errors import UnavailableError

WAIT_SECONDS = 10.0

_PAUSE_SECONDS = 0.02


def lock(descriptor: int, *, exclusive: bool, where: str) -> None:
    """Lock the file until `descriptor` is closed; raises UnavailableError if another process holds it for long."""
    operation = (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, operation)
        except BlockingIOError as cause:
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"another process held the file for {WAIT_SECONDS:g} seconds",
                    hint="end that process, then call again",
                    where=where,
                ) from cause
            time.sleep(_PAUSE_SECONDS)
        else:
            return
