"""What the cluster knows of its indices, from this node's copy of the state; changed through the state's owner."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable, Mapping

import msgspec

from isthmus.errors import IsthmusError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.expressions import LENIENT, Options, Resolved, one_to_read, one_to_write, resolve
from isthmus.index.metadata.index_metadata import FORMAT, IndexMetadata
from isthmus.security.acting import acting
from isthmus.state.errors import VersionConflictError
from isthmus.state.history import StoredEntry, Write
from isthmus.state.replicated import ReplicatedMap

log = logging.getLogger(__name__)

PREFIX = "index/"
TOMBSTONE = "index_tombstone/"
NAMES = "index_names"
"""Written with every index or alias that gets a name: who gives one has seen all names that there are."""
MAX_TOMBSTONES = 500
TRIES = 20

Change = Callable[[IndexMetadata], IndexMetadata]


class Catalogue:
    """The indices by name. `on_change(listener)` is called after each change that this node has seen."""

    def __init__(self, state: ReplicatedMap) -> None:
        self._map = state
        self._indices: dict[str, IndexMetadata] = {}
        self._revisions: dict[str, int] = {}
        self._listeners: list[Callable[[], object]] = []
        self._read()
        state.watch(PREFIX, self._changed)

    @property
    def indices(self) -> Mapping[str, IndexMetadata]:
        """All indices by name."""
        return self._indices

    def get(self, name: str) -> IndexMetadata | None:
        """Return an index by its own name."""
        return self._indices.get(name)

    def of(self, name: str, uuid: str) -> IndexMetadata:
        """Return an index that is still the one of this uuid. Raises IndexNotFoundError."""
        index = self._indices.get(name)
        if index is None or index.uuid != uuid:
            raise IndexNotFoundError(name)
        return index

    def resolve(self, expression: str, options: Options = LENIENT) -> list[Resolved]:
        """Return the indices that an expression means to who acts; raises as `expressions.resolve`."""
        who = acting()
        found = resolve(expression, self._indices, options, who)
        if who.audit is not None:
            who.granted(name for one in found for name in ((one.index.name,) if one.itself else one.aliases))
        return found

    def one_to_read(self, name: str) -> IndexMetadata:
        """Return the one index that a name means to who acts; raises as `expressions.one_to_read`."""
        who = acting()
        found = one_to_read(name, self._indices, who)
        who.granted((name,))
        return found

    def one_to_write(self, name: str) -> IndexMetadata | None:
        """Return the index that a document of `name` goes to, if who acts may; see `expressions.one_to_write`."""
        who = acting()
        found = one_to_write(name, self._indices, who)
        who.granted((name,))
        return found

    def tombstones(self) -> set[str]:
        """Return the uuids of indices that were deleted not long ago."""
        return {entry.key.removeprefix(TOMBSTONE) for entry in self._map.scan(TOMBSTONE)}

    def on_change(self, listener: Callable[[], object]) -> None:
        """Call `listener()` after each change."""
        self._listeners.append(listener)

    @property
    def names_revision(self) -> int:
        """The revision at which an index or alias got its name last."""
        entry = self._map.get(NAMES)
        return 0 if entry is None else entry.revision

    async def change(self, name: str, change: Change) -> IndexMetadata:
        """Make `change(index)` of an index, tried again where another change came between; return what it is now.

        Raises IndexNotFoundError, what `change` raises, and MasterNotDiscoveredError.
        """
        for attempt in range(TRIES):
            index = self._indices.get(name)
            if index is None:
                raise IndexNotFoundError(name)
            changed = change(index)
            if changed == index:
                return index
            try:
                await self._map.put(_key(name), _encode(changed), expected=self._revisions[name])
            except VersionConflictError:
                if attempt == TRIES - 1:
                    raise
                continue
            return changed
        raise AssertionError("the last try returns or raises")

    def entry(self, name: str, uuid: str) -> tuple[IndexMetadata, int]:
        """Return an index that is still the one of this uuid, and the revision of its entry. Raises as `of`."""
        return self.of(name, uuid), self._revisions[name]

    async def replace(self, index: IndexMetadata, revision: int) -> None:
        """Set an index's entry if it stands at `revision`, once. Raises VersionConflictError, MasterNotDiscoveredError;
        after that, and after any other error, it is not known here whether it was set."""
        await self._map.put(_key(index.name), _encode(index), expected=revision)

    async def settle(self, name: str, uuid: str) -> IndexMetadata | None:
        """End a move of an index for good, whatever has come of it; return the index then, None if it was deleted.

        The entry is written anew, so a switch that is still on its way cannot be made after this, and what is returned
        is no old copy. Waits for as long as the state's owner is away.
        """
        for attempt in itertools.count():
            index = self._indices.get(name)
            if index is None or index.uuid != uuid:
                return None
            settled = msgspec.structs.replace(index, relocating=None)
            try:
                await self.replace(settled, self._revisions[name])
            except IsthmusError as error:
                # Somebody was first, or nobody could be asked: what this node knows of it will change.
                if attempt % 20 == 19:
                    log.warning("[%s] it cannot be settled yet who holds it: %s", name, error)
                await asyncio.sleep(min(1.0, 0.02 * (attempt + 1)))
            else:
                return settled
        raise AssertionError("counting has no end")

    async def write(
        self, changed: Mapping[str, IndexMetadata], removed: list[IndexMetadata], *, names: int | None = None
    ) -> None:
        """Make, change and remove indices in one commit.

        Raises VersionConflictError if one of them changed meanwhile, or a name was given since the revision `names`.
        """
        writes = [
            Write(_key(name), _encode(index), self._revisions.get(name, 0)) for name, index in sorted(changed.items())
        ]
        writes += [Write(_key(index.name), None, self._revisions.get(index.name)) for index in removed]
        writes += [Write(f"{TOMBSTONE}{index.uuid}", b"", None) for index in removed]
        writes += self._old_tombstones(len(removed))
        if writes:
            await self._map.write(writes if names is None else [*writes, Write(NAMES, b"", names)])

    def _old_tombstones(self, coming: int) -> list[Write]:
        entries = sorted(self._map.scan(TOMBSTONE), key=lambda entry: entry.revision)
        return [Write(entry.key, None, None) for entry in entries[: max(0, len(entries) + coming - MAX_TOMBSTONES)]]

    def _changed(self, key: str) -> None:
        if key:
            self._read_one(key)
        else:
            self._read()
        for listener in self._listeners:
            listener()

    def _read_one(self, key: str) -> None:
        name = key.removeprefix(PREFIX)
        entry = self._map.get(key)
        if entry is None:
            self._indices.pop(name, None)
            self._revisions.pop(name, None)
            return
        self._indices[name] = _decode(entry.value)
        self._revisions[name] = entry.revision

    def _read(self) -> None:
        entries = self._map.scan(PREFIX)
        self._indices = indices_in(entries)
        self._revisions = {entry.key.removeprefix(PREFIX): entry.revision for entry in entries}


def indices_in(entries: Iterable[StoredEntry]) -> dict[str, IndexMetadata]:
    """Return the indices, by name, that entries of the state describe; other entries are passed over."""
    return {entry.key.removeprefix(PREFIX): _decode(entry.value) for entry in entries if entry.key.startswith(PREFIX)}


def _key(name: str) -> str:
    return f"{PREFIX}{name}"


def _encode(index: IndexMetadata) -> bytes:
    return msgspec.json.encode(index)


def _decode(value: bytes) -> IndexMetadata:
    index = msgspec.json.decode(value, type=IndexMetadata)
    if index.format > FORMAT:
        raise ValueError(f"the index [{index.name}] is described in the newer format {index.format}")
    return index
