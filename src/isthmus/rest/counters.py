"""What is counted while a node runs. One object, handed to the parts that count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from isthmus.rest.exposition import Family, Sample


@dataclass(frozen=True)
class Counted:
    """Something that is counted: its metric's name, its help, and its labels."""

    name: str
    help: str
    labels: tuple[str, ...]


HANDSHAKES: Final = Counted(
    "isthmus_tls_handshakes_total",
    "TLS handshakes that ended; denied: the chain was good, but the certificate is denied or revoked.",
    ("channel", "direction", "result"),
)
RELOADS: Final = Counted(
    "isthmus_tls_reloads_total", "Attempts to use changed files of key, certificate and trust.", ("channel", "result")
)
REFUSED: Final = Counted(
    "isthmus_connections_refused_total", "Inbound connections that were refused or ended.", ("channel", "reason")
)
ALL: Final = (HANDSHAKES, RELOADS, REFUSED)


class Counters:
    """Counts. Values of labels come from our own code only, so that their number is small."""

    def __init__(self) -> None:
        self._counts: dict[Counted, dict[tuple[str, ...], int]] = {one: {} for one in ALL}

    def count(self, what: Counted, *labels: str, by: int = 1) -> None:
        """Add `by` to `what` under these values of its labels, in their order."""
        if len(labels) != len(what.labels):
            raise ValueError(f"{what.name} has the labels {what.labels}")
        counts = self._counts[what]
        counts[labels] = counts.get(labels, 0) + by

    def families(self) -> list[Family]:
        """Return all counts as metrics."""
        return [
            Family(what.name, "counter", what.help, [_sample(what, *one) for one in sorted(counts.items())])
            for what, counts in self._counts.items()
        ]


def _sample(what: Counted, values: tuple[str, ...], count: int) -> Sample:
    return Sample(count, dict(zip(what.labels, values, strict=True)))
