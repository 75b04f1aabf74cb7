"""Which certificates end soon: judged at a moment that is handed in. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from isthmus.pki.explain import fingerprint
from isthmus.pki.names import distinguished_name_text

THRESHOLDS = (30, 14, 7, 1)
"""Days before the end at which a person is told."""

EXPIRED = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate that ends soon or has ended, and the file it stands in.

    `threshold` is the least of THRESHOLDS that it has passed, EXPIRED when it is over.
    """

    path: str
    certificate: x509.Certificate
    threshold: int
    moment: datetime

    @property
    def key(self) -> tuple[str, int]:
        """What is told once: this certificate at this threshold."""
        return fingerprint(self.certificate), self.threshold

    def __str__(self) -> str:
        name = distinguished_name_text(self.certificate.subject)
        end = self.certificate.not_valid_after_utc
        what = f"the certificate [{name}] of [{self.path}] (serial {self.certificate.serial_number:x})"
        if self.threshold == EXPIRED:
            return f"{what} expired on {end:%Y-%m-%d %H:%M} UTC; it is refused: renew it now"
        return f"{what} expires in {_left(end - self.moment)}, on {end:%Y-%m-%d %H:%M} UTC: renew it"


def endings(uses: Iterable[tuple[str, x509.Certificate]], moment: datetime) -> list[Ending]:
    """Return those of `uses` (file and certificate) that have passed a threshold, the first to end first."""
    found = [
        Ending(path, certificate, threshold, moment)
        for path, certificate in dict.fromkeys(uses)
        if (threshold := threshold_of(certificate.not_valid_after_utc, moment)) is not None
    ]
    return sorted(found, key=lambda one: one.certificate.not_valid_after_utc)


def threshold_of(end: datetime, moment: datetime) -> int | None:
    """Return the least of THRESHOLDS that `end` is not farther away than, EXPIRED if it is past, else None."""
    if end < moment:
        return EXPIRED
    return min((days for days in THRESHOLDS if end - moment <= timedelta(days=days)), default=None)


def _left(left: timedelta) -> str:
    if left.days >= 1:
        return f"{left.days} day{'s' if left.days > 1 else ''}"
    hours = left.seconds // 3600
    return f"{hours} hour{'s' if hours > 1 else ''}" if hours else "less than an hour"
