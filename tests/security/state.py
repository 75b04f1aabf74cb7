"""A replicated map whose owner is this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from isthmus.state.history import Term, Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore


@contextmanager
def own_state(folder: Path) -> Iterator[ReplicatedMap]:
    """Give a map in `folder` that can be written."""
    store = StateStore(folder / "state.sqlite")
    store.found("uuid", Term(1, "id-a", "node-a", 0))
    state = ReplicatedMap(store)

    async def submit(writes: Sequence[Write]) -> int:
        commit = store.commit(writes)
        state.changed(commit.changes)
        return commit.revision

    state.write_through(submit)
    yield state
    store.close()
