"""The map's face: writes go through the owner, reads stay here, watchers hear of what they watch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from isthmus.state.errors import CommitBoundsError, MasterNotDiscoveredError
from isthmus.state.history import Write
from isthmus.state.replicated import MAX_COMMIT_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES, ReplicatedMap
from isthmus.state.store import StateStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore(tmp_path / "state.sqlite")
    yield store
    store.close()


async def test_without_an_owner_writes_answer_503_and_reads_go_on(store: StateStore) -> None:
    store.commit([Write("a", b"1")])
    state = ReplicatedMap(store)
    with pytest.raises(MasterNotDiscoveredError) as caught:
        await state.put("a", b"2")
    assert caught.value.status == 503
    entry = state.get("a")
    assert entry is not None
    assert entry.value == b"1"


async def test_a_write_goes_through_the_owner_and_tells_its_revision(store: StateStore) -> None:
    async def submit(writes: Sequence[Write]) -> int:
        return store.commit(writes).revision

    state = ReplicatedMap(store)
    state.write_through(submit)
    assert await state.put("a", b"1", expected=0) == 1
    assert await state.delete("a", expected=1) == 2


@pytest.mark.parametrize(
    "writes",
    [
        [],
        [Write("a", b"1"), Write("a", b"2")],
        [Write("a", bytes(MAX_VALUE_BYTES + 1))],
        [Write("ü" * MAX_KEY_BYTES, b"")],
        [Write(str(number), bytes(MAX_VALUE_BYTES)) for number in range(MAX_COMMIT_BYTES // MAX_VALUE_BYTES)],
    ],
    ids=["empty", "one key twice", "a value too large", "a key too long", "too much in all"],
)
async def test_a_batch_out_of_bounds_is_refused_before_it_is_sent(store: StateStore, writes: list[Write]) -> None:
    state = ReplicatedMap(store)
    with pytest.raises(CommitBoundsError) as caught:
        await state.write(writes)
    assert caught.value.status == 400


def test_a_watcher_hears_of_its_prefix_only_and_of_a_whole_new_copy(store: StateStore) -> None:
    state = ReplicatedMap(store)
    heard: list[str] = []
    state.watch("user/", heard.append)
    state.changed(["role/x", "user/elastic"])
    state.replaced()
    assert heard == ["user/elastic", ""]
