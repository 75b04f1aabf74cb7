"""When a search fails as a whole, and how that is told. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-replication.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from isthmus.errors import IsthmusError
from isthmus.query.partial import Failure, PartialResult

UNAVAILABLE: Final = 503
INTERNAL: Final = 500
BAD_REQUEST: Final = 400


class SearchPhaseError(IsthmusError):
    """A search that could not be made: of no index, or not of all where partial answers are not wanted."""

    type = "search_phase_execution_exception"

    def __init__(self, reason: str, failures: Sequence[Failure]) -> None:
        super().__init__(reason)
        self.failures = list(failures)
        self._status = status_of(failures)
        self.details = {"phase": "query", "grouped": True, "failed_shards": [failed_shard(one) for one in failures]}

    @property
    def status(self) -> int:  # type: ignore[override]  # that of what failed
        return self._status

    @property
    def root_causes(self) -> list[dict[str, Any]]:
        """The different causes."""
        causes = [cause(one) for one in self.failures]
        return [one for at, one in enumerate(causes) if one not in causes[:at]]


def check_failures(result: PartialResult, *, allow_partial: bool) -> None:
    """Raise SearchPhaseError if nothing was searched although there was something, or not everything that had to be."""
    if result.shards and len(result.failures) >= result.shards:
        raise SearchPhaseError("all shards failed", result.failures)
    if allow_partial:
        return
    if result.failures:
        raise SearchPhaseError("Partial shards failure", result.failures)
    if result.timed_out:
        raise SearchPhaseError("Time exceeded", [])


def failed(index: str, error: IsthmusError, node: str | None) -> Failure:
    """Return an error as the failure of an index."""
    return Failure(index=index, type=error.type, reason=error.reason, status=error.status, node=node)


def all_failed(indices: Iterable[str], error: IsthmusError, node: str | None) -> PartialResult:
    """Return the result of a target that could not be asked."""
    failures = [failed(one, error, node) for one in indices]
    return PartialResult(shards=len(failures), failures=failures)


def status_of(failures: Sequence[Failure]) -> int:
    """Return the HTTP status of failures: the first one's, or that of the last which is not the client's fault."""
    if not failures:
        return UNAVAILABLE
    return ([failures[0].status] + [one.status for one in failures[1:] if one.status >= INTERNAL])[-1]


def cause(failure: Failure) -> dict[str, Any]:
    """Return why an index failed."""
    return {"type": failure.type, "reason": failure.reason, "index": failure.index}


def failed_shard(failure: Failure) -> dict[str, Any]:
    """Return a failure with its place."""
    place = {"shard": 0, "index": failure.index}
    return place | ({"node": failure.node} if failure.node else {}) | {"reason": cause(failure)}
