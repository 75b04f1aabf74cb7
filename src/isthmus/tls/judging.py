"""Judging the peers of open connections anew: when trust has shrunk, or a certificate was put on a deny list."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity

Judge = Callable[["PeerIdentity"], str | None]
"""Says why the connection of this peer must end, or None if it may stay."""

GRACE_SECONDS = 30.0
"""How long requests in flight may go on, on a connection that must end."""


class Latecomers:
    """Judges of late, for those whose handshake was under way when the open connections were judged.

    `handshake_seconds` is how long a handshake can take.
    """

    def __init__(self, handshake_seconds: float) -> None:
        self._seconds = handshake_seconds
        self._judges: list[tuple[float, Judge]] = []

    def face(self, judge: Judge) -> None:
        """Have those who come while a handshake can take judged by `judge` too."""
        self._judges.append((time.monotonic() + self._seconds, judge))

    def judge(self, identity: PeerIdentity) -> str | None:
        """Say why a peer that just arrived must go, or None."""
        now = time.monotonic()
        self._judges = [one for one in self._judges if one[0] > now]
        return next((reason for _, judge in self._judges if (reason := judge(identity)) is not None), None)
