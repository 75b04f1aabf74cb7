"""Tells of certificates that end soon while a node runs: the log hears it once a threshold, the health always."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from cryptography import x509

from isthmus.pki.expiry import EXPIRED, Ending, endings

log = logging.getLogger(__name__)

INTERVAL = 3600.0
MAX_TOLD = 20


class ExpiryWatch:
    """Looks at what `uses()` gives (file and certificate, also such that are trusted) by the clock `now()`."""

    def __init__(self, uses: Callable[[], Iterable[tuple[str, x509.Certificate]]], now: Callable[[], datetime]) -> None:
        self._uses = uses
        self._now = now
        self._told: set[tuple[str, int]] = set()

    async def run(self) -> None:
        """Look now and each hour, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(INTERVAL)

    def look(self) -> None:
        """Log what has passed a threshold since the last look; also to be called after a reload."""
        for ending in endings(self._uses(), self._now()):
            if ending.key not in self._told:
                self._told.add(ending.key)
                _log(ending)

    def warnings(self) -> list[str]:
        """Return a sentence for each certificate that ends soon, the most urgent first, at most MAX_TOLD."""
        found = endings(self._uses(), self._now())
        told = [str(ending) for ending in found[:MAX_TOLD]]
        return [*told, f"{len(found) - MAX_TOLD} more certificates end soon"] if len(found) > MAX_TOLD else told


def _log(ending: Ending) -> None:
    (log.error if ending.threshold == EXPIRED else log.warning)("%s", ending)
