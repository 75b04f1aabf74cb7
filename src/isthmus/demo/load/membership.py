"""Which nodes there must be, and which there may be."""

from __future__ import annotations

from collections.abc import Iterable

from isthmus.demo.load.workload import WrongAnswerError


class Membership:
    """What every answer must say of the cluster's nodes. A node on its way in or out may be there, but need not."""

    def __init__(self, names: Iterable[str]) -> None:
        self._required = frozenset(names)
        self._allowed = self._required

    @property
    def names(self) -> list[str]:
        """Those that must be there."""
        return sorted(self._required)

    def comes_or_goes(self, name: str) -> None:
        """From now on `name` may be there."""
        self._allowed |= {name}
        self._required -= {name}

    def stays(self, name: str) -> None:
        """From now on `name` must be there."""
        self._allowed |= {name}
        self._required |= {name}

    def check_names(self, found: Iterable[str]) -> None:
        """Raise WrongAnswerError unless `found` are the nodes."""
        names = set(found)
        if not self._required <= names <= self._allowed:
            raise WrongAnswerError(f"the nodes are {sorted(names)} in place of {self.names}")

    def check_count(self, count: int) -> None:
        """Raise WrongAnswerError unless so many nodes may be there."""
        if not len(self._required) <= count <= len(self._allowed):
            raise WrongAnswerError(f"there are {count} nodes in place of {len(self._required)}")

    def check_silent(self, count: int) -> None:
        """Raise WrongAnswerError if so many nodes said nothing: only those on their way may."""
        if count > len(self._allowed - self._required):
            raise WrongAnswerError(f"{count} nodes did not report")
