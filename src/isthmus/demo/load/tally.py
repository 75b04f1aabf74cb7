"""What was counted of the workloads of one name. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

SHOWN_FAILURES = 5
MAX_REASON = 500


@dataclass(frozen=True)
class Failure:
    """A request that failed, `moment` seconds after the load began."""

    moment: float
    reason: str


@dataclass
class Tally:
    """`answered` and `failed` requests; `failures` are the first that failed."""

    answered: int = 0
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    _took: list[tuple[float, float]] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many ended, well or not."""
        return self.answered + self.failed

    def answer(self, moment: float, seconds: float) -> None:
        """Count a request that was answered rightly at `moment`, within `seconds`."""
        self.answered += 1
        self._took.append((moment, seconds))

    def failure(self, moment: float, reason: str) -> None:
        """Count one that failed."""
        self.failed += 1
        if len(self.failures) < SHOWN_FAILURES:
            self.failures.append(Failure(moment, reason[:MAX_REASON]))

    def quantile(self, share: float, since: float = 0.0, until: float = float("inf")) -> float | None:
        """Within how many seconds that share of the requests answered in [since, until) were; None if there is none."""
        took = sorted(seconds for moment, seconds in list(self._took) if since <= moment < until)
        return took[min(len(took) - 1, int(share * len(took)))] if took else None
