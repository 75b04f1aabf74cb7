"""Entries of the cluster's state, decoded once and kept until they change."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from isthmus.security.kept import Formatted, Kept
from isthmus.state.replicated import ReplicatedMap

T = TypeVar("T", bound=Formatted)

MAX_KEPT = 10_000


class Watched(Generic[T]):
    """What is kept of one kind, by name; the least used makes room.

    That there is no entry is not kept: names that clients invent would fill the memory.
    """

    def __init__(self, state: ReplicatedMap, kind: Kept[T]) -> None:
        self._state = state
        self._prefix = kind.prefix
        self._decode = kind.decode
        self._kept: OrderedDict[str, T] = OrderedDict()
        state.watch(kind.prefix, self._changed)

    def get(self, name: str) -> T | None:
        """Return what stands under `name`, or None."""
        known = self._kept.get(name)
        if known is not None:
            self._kept.move_to_end(name)
            return known
        entry = self._state.get(self._prefix + name)
        if entry is None:
            return None
        value = self._kept[name] = self._decode(entry)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return value

    def all(self) -> dict[str, T]:
        """Return everything by name, in order; read anew."""
        return {entry.key.removeprefix(self._prefix): self._decode(entry) for entry in self._state.scan(self._prefix)}

    def _changed(self, key: str) -> None:
        name = key.removeprefix(self._prefix) if key else ""
        if name:
            self._kept.pop(name, None)
        else:
            self._kept.clear()
