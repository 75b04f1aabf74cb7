"""How often nodes speak and how long they wait, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """`retries` missed checks of `check_interval` (each at most `check_timeout`) and a node counts as gone."""

    find_peers_interval: float = 1.0
    request_peers_timeout: float = 3.0
    connect_timeout: float = 30.0
    check_interval: float = 1.0
    check_timeout: float = 10.0
    retries: int = 3
    publish_timeout: float = 30.0
    probe_interval: float = 10.0
    rejoin_pause: float = 0.1

    @property
    def silence(self) -> float:
        """After how long without a sign of life a member counts as gone."""
        return self.check_interval * self.retries + self.check_timeout
