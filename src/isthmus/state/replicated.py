"""The map as the rest of the node sees it: read here, written through the owner, watched for changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from isthmus.state.errors import CommitBoundsError, MasterNotDiscoveredError
from isthmus.state.history import StoredEntry, Write
from isthmus.state.store import StateStore

Submit = Callable[[Sequence[Write]], Awaitable[int]]
Watcher = Callable[[str], None]

MAX_WRITES = 10_000
MAX_KEY_BYTES = 1 << 10
MAX_VALUE_BYTES = 1 << 20
MAX_COMMIT_BYTES = 32 << 20  # with room to spare in one message of the transport, or no member could take it


@dataclass(frozen=True)
class _Watch:
    prefix: str
    notify: Watcher


class ReplicatedMap:
    """Reads never leave the node. A write returns once the owner has it on disk and this copy has seen it.

    `submit` carries writes to the owner and returns the revision that they made; the cluster sets it with
    `write_through`, until then writes answer 503.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._submit: Submit | None = None
        self._watches: list[_Watch] = []

    def get(self, key: str) -> StoredEntry | None:
        """Return the entry of `key` (its value and revision), or None."""
        return self._store.get(key)

    def scan(self, prefix: str) -> list[StoredEntry]:
        """Return all entries under `prefix`, in order."""
        return self._store.scan(prefix)

    async def put(self, key: str, value: bytes, *, expected: int | None = None) -> int:
        """Set `key`, if it stands at revision `expected` (0: must be absent; None: any); return the new revision.

        Raises VersionConflictError, CommitBoundsError, and MasterNotDiscoveredError while the owner is out of reach.
        """
        return await self.write([Write(key, value, expected)])

    async def delete(self, key: str, *, expected: int | None = None) -> int:
        """Delete `key`; raises as `put`."""
        return await self.write([Write(key, None, expected)])

    async def write(self, writes: Sequence[Write]) -> int:
        """Make all `writes` in one commit, or none; raises as `put`."""
        check_bounds(writes)
        if self._submit is None:
            raise MasterNotDiscoveredError("this node has not joined a cluster yet", hint="see its log for the reason")
        return await self._submit(writes)

    def watch(self, prefix: str, notify: Watcher) -> None:
        """Call `notify(key)` after each change of a key under `prefix` has reached this copy ('' after a whole one)."""
        self._watches.append(_Watch(prefix, notify))

    def write_through(self, submit: Submit | None) -> None:
        """Set the way by which writes reach the owner; None when there is none."""
        self._submit = submit

    def changed(self, keys: Iterable[str]) -> None:
        """Tell the watchers that `keys` changed in the copy."""
        for key in keys:
            for watch in self._watches:
                if key.startswith(watch.prefix):
                    watch.notify(key)

    def replaced(self) -> None:
        """Tell all watchers that the whole copy was replaced."""
        for watch in self._watches:
            watch.notify("")


def in_commits(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """Split writes of different keys, each within the bounds of one, into as few commits as their bounds allow."""
    commit: list[Write] = []
    size = 0
    for write in writes:
        added = _size(write)
        if commit and (len(commit) == MAX_WRITES or size + added > MAX_COMMIT_BYTES):
            yield commit
            commit, size = [], 0
        commit.append(write)
        size += added
    if commit:
        yield commit


def check_bounds(writes: Sequence[Write]) -> None:
    """Raise CommitBoundsError if a batch is empty or over its bounds; the owner checks what members send it by this."""
    if not 0 < len(writes) <= MAX_WRITES:
        raise CommitBoundsError(f"a commit has 1 to {MAX_WRITES} writes, not {len(writes)}")
    if len({write.key for write in writes}) != len(writes):
        raise CommitBoundsError("a commit writes each key once")
    total = 0
    for write in writes:
        key, value = len(write.key.encode()), len(write.value or b"")
        if key > MAX_KEY_BYTES:
            raise CommitBoundsError(f"the key [{write.key[:50]}…] has more than {MAX_KEY_BYTES} bytes")
        if value > MAX_VALUE_BYTES:
            raise CommitBoundsError(f"the value of [{write.key}] has more than {MAX_VALUE_BYTES} bytes")
        total += _size(write)
    if total > MAX_COMMIT_BYTES:
        raise CommitBoundsError(f"the writes of a commit have more than {MAX_COMMIT_BYTES} bytes together")


def _size(write: Write) -> int:
    return len(write.key.encode()) + len(write.value or b"")
