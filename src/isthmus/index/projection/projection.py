"""One Tantivy index, fed from the ledger in the order of its operations, and read by snapshots."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import tantivy

from isthmus.index.mapping.parsed import Indexable, ParsedDocument
from isthmus.index.projection.panics import guarded
from isthmus.index.projection.slots import ID, NAMES, SEQ, SORTED_POOLS, Slots, field_of, greatest_of
from isthmus.index.projection.storage import (
    ProjectionUnusableError,
    check_files,
    load_checkpoint,
    load_slots,
    save_checkpoint,
    save_slots,
)
from isthmus.index.projection.writers import Writers

log = logging.getLogger(__name__)

MAX_NAME = 400
MAX_TOTALS = 1_000
MAX_ALIKE = 100

Hits = Sequence[tuple[float, tantivy.DocAddress]]

_encoder = msgspec.json.Encoder()


class Row(NamedTuple):
    """An operation of the ledger: `document` is None for a delete. `replaces`: a document of this id may be there."""

    seq_no: int
    id: str
    document: ParsedDocument | None
    replaces: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot: what was committed up to `checkpoint`. `slots` leads from paths to Tantivy's fields, `several` names
    those of which some document has more than one value. `counted`, `totals`, `alike` and `extremes` keep
    what was found once."""

    index: tantivy.Index
    searcher: tantivy.Searcher
    schema: tantivy.Schema
    slots: Mapping[str, str]
    several: frozenset[str]
    checkpoint: int
    counted: dict[str, int] = field(default_factory=dict, compare=False)
    alike: dict[tuple[str, int], Hits] = field(default_factory=dict, compare=False)
    totals: dict[str, int] = field(default_factory=dict, compare=False)
    extremes: dict[str, int | float | None] = field(default_factory=dict, compare=False)

    def showing(self, shows: Callable[[str], bool]) -> Reading:
        """Return the same as somebody reads it for whom only fields that `shows` allows have values.

        What he asks is remembered for nobody else.
        """
        return replace(
            self,
            slots={path: slot for path, slot in self.slots.items() if shows(field_of(path))},
            several=frozenset(filter(shows, self.several)),
            alike={},
            totals={},
        )

    def documents_with(self, slot: str) -> int:
        """Return how many documents have a value in a slot of values; counted once."""
        known = self.counted.get(slot)
        if known is None:
            found: int = self.searcher.search(tantivy.Query.exists_query(slot), 1).count  # type: ignore[attr-defined]
            known = self.counted[slot] = found
        return known

    def hits_of(self, query: tantivy.Query) -> int:
        """Return how many documents a query matches; of a short one counted once."""
        name = repr(query)
        if len(name) > MAX_NAME:
            return self._hits_of(query)
        known = self.totals.get(name)
        if known is None:
            if len(self.totals) >= MAX_TOTALS:
                self.totals.clear()
            known = self.totals[name] = self._hits_of(query)
        return known

    def first_alike(self, query: tantivy.Query, count: int) -> Hits | None:
        """Return the first `count` hits of a query whose hits all score alike, found once; None for any other query."""
        name = repr(query)
        if len(name) > MAX_NAME or count > MAX_ALIKE or not name.startswith("Query(Const("):
            return None
        key = (name, count)
        known = self.alike.get(key)
        if known is None:
            if len(self.alike) >= MAX_TOTALS:
                self.alike.clear()
            known = self.alike[key] = self.searcher.search(query, count, count=False).hits
        return known

    def known_hits_of(self, query: tantivy.Query) -> int | None:
        """Return the same if it was counted before, else None."""
        return self.totals.get(repr(query))

    def _hits_of(self, query: tantivy.Query) -> int:
        found: int = self.searcher.search(query, 1, count=True).count  # type: ignore[attr-defined]  # not in the stub
        return found

    def extreme(self, slot: str, *, ascending: bool, rank: int) -> int | float | None:
        """Return the value at `rank` of a slot of numbers in their order; found once. None if there are fewer."""
        name = f"{'least' if ascending else 'greatest'} {rank} of {slot}"
        if name not in self.extremes:
            order = tantivy.Order.Asc if ascending else tantivy.Order.Desc
            hits = self.searcher.search(
                tantivy.Query.exists_query(slot), rank, count=False, order_by_field=slot, order=order
            ).hits
            self.extremes[name] = hits[-1][0] if len(hits) == rank else None
        return self.extremes[name]

    def values_in(self, slot: str) -> int:
        """Return how many values the documents have in a slot of values; counted once."""
        name = f"values of {slot}"
        known = self.counted.get(name)
        if known is None:
            asked = {"values": {"value_count": {"field": slot}}}
            answer = self.searcher.aggregate(tantivy.Query.all_query(), asked)
            known = self.counted[name] = int(answer["values"]["value"])
        return known


class Projection:
    """The projection in `folder`. `analyzers` are by the names that the pools of text have.

    Every method may be called from any thread. Raises ProjectionUnusableError where it must be built anew.
    """

    def __init__(
        self, folder: Path, uuid: str, slots: Slots, analyzers: Mapping[str, tantivy.TextAnalyzer], writers: Writers
    ) -> None:
        self.folder = folder
        self._uuid = uuid
        self._slots = slots
        self._writers = writers
        self._lock = threading.RLock()
        try:
            self._index = tantivy.Index(_schema(slots), path=str(folder), reuse=True)
        except ValueError as cause:
            raise ProjectionUnusableError(f"it cannot be opened: {cause}", where=str(folder)) from cause
        self._index.config_reader("manual")
        for name, analyzer in analyzers.items():
            self._index.register_tokenizer(name, analyzer)
        self.checkpoint = load_checkpoint(folder)
        self._fed = self.checkpoint
        self._unsaved = False
        self.out_of_slots = False
        self._failed = False

    @classmethod
    def create(
        cls,
        folder: Path,
        uuid: str,
        fields: Iterable[tuple[str, str]],
        analyzers: Mapping[str, tantivy.TextAnalyzer],
        writers: Writers,
    ) -> Projection:
        """Make an empty projection for fields, given as (path, pool)."""
        slots = Slots.for_fields(fields, analyzers)
        save_slots(folder, uuid, slots)
        return cls(folder, uuid, slots, analyzers, writers)

    @classmethod
    def open(
        cls, folder: Path, uuid: str, analyzers: Mapping[str, tantivy.TextAnalyzer], writers: Writers
    ) -> Projection:
        """Open the projection that is in `folder`."""
        slots = load_slots(folder, uuid)
        check_files(folder)
        return cls(folder, uuid, slots, analyzers, writers)

    @property
    def fed(self) -> int:
        """The sequence number up to which operations were taken in."""
        return self._fed

    @property
    def found_in_documents(self) -> list[tuple[str, str]]:
        """What documents brought and no mapping names, as (path, pool): wanted again when this is built anew."""
        with self._lock:
            return self._slots.found_in_documents()

    @property
    def behind(self) -> bool:
        """Whether something was fed that no reading shows yet."""
        return self._fed > self.checkpoint

    def assign(self, fields: Iterable[tuple[str, str]]) -> None:
        """Give fields, as (path, pool), their slots; `out_of_slots` tells afterwards whether some found no room."""
        with self._lock:
            before = len(self._slots.assigned)
            self._slots.assign(fields)
            self.out_of_slots = self._slots.lacks_some or not self._slots.assign(fields)
            if len(self._slots.assigned) > before:
                self._unsaved = True
                self._save_slots()

    @property
    def failed(self) -> bool:
        """Whether something could not be fed: nothing is taken in until `recover`, lest there be a hole."""
        return self._failed

    def fail(self) -> None:
        """Forget what was fed since the last commit: not all of it is there."""
        with self._lock:
            self._failed = True
            self._fed = self.checkpoint
            self._writers.discard(self)

    def recover(self) -> None:
        """Take operations in again; those after `fed` must come first."""
        with self._lock:
            self._failed = False

    def feed(self, rows: Sequence[Row]) -> None:
        """Take operations in; they are seen after `commit`. What is raised leaves the projection `failed`."""
        with self._lock:
            if self._failed:
                return
            with self._failing():
                self._feed(rows)

    def commit(self, seq_no: int | None = None) -> None:
        """Bring what was fed to disk and into the readings to come; `seq_no` if more is known to be in it.

        What is raised leaves the projection `failed`.
        """
        with self._lock, self._failing():
            self._commit(self._fed if seq_no is None else seq_no)

    def reading(self) -> Reading:
        """Return what was committed last."""
        with self._lock:
            self._index.reload()
            return Reading(
                self._index,
                self._index.searcher(),
                self._index.schema,
                dict(self._slots.assigned),
                frozenset(self._slots.several),
                self.checkpoint,
            )

    def rest(self) -> None:
        """Let go of the writer's memory, committing what it holds."""
        with self._lock:
            if not self._writers.idle(self):
                with self._failing():
                    self._commit(self._fed)
                    self._writers.drop(self)

    def close(self) -> None:
        """Let go of the writer; what was not committed is fed again when the projection is opened."""
        with self._lock:
            self._writers.discard(self)

    def _release(self) -> bool:
        if not self._lock.acquire(blocking=False):
            return False
        try:
            with guarded(str(self.folder)):
                self.rest()
        except Exception:
            # The writer is closed all the same; who wants its place has nothing to do with what went wrong.
            log.exception("[%s] a projection could not be committed", self.folder)
        finally:
            self._lock.release()
        return True

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:  # the engine's panics are no Exceptions
            self.fail()
            raise

    def _feed(self, rows: Sequence[Row]) -> None:
        writer = self._writers.of(self, self._index, self._release)
        known = self._slots.extent
        try:
            for row in rows:
                if row.seq_no <= self._fed:
                    continue
                if row.replaces:
                    writer.delete_documents_by_term(ID, row.id)
                if row.document is not None:
                    writer.add_json(_encode(row, row.document, self._slots))
        finally:
            # What was found stays, also if the feed fails: it is not found again when the same is fed again.
            if self._slots.extent != known:
                self.out_of_slots |= self._slots.lacks_some
                self._unsaved = True
        if rows:
            self._fed = max(self._fed, rows[-1].seq_no)

    def _commit(self, seq_no: int) -> None:
        self._save_slots()  # before documents that use them are on disk
        if self.behind or not self._writers.idle(self):
            self._writers.of(self, self._index, self._release).commit()
        self._fed = max(self._fed, seq_no)
        if self._fed > self.checkpoint or seq_no >= self.checkpoint:
            save_checkpoint(self.folder, self._fed)
        self.checkpoint = self._fed

    def _save_slots(self) -> None:
        if self._unsaved:
            save_slots(self.folder, self._uuid, self._slots)
            self._unsaved = False


def _encode(row: Row, document: ParsedDocument, slots: Slots) -> str:
    assigned = slots.assigned
    flat: dict[str, object] = {ID: row.id, SEQ: row.seq_no}
    for path, value in document.values.items():
        slot = assigned.get(path)
        if slot is None:
            slot = _key_of_flattened(path, slots)
            if slot is None:
                continue
        if type(value) is list:
            _put_several(flat, path, slot, value, slots)
        else:
            flat[slot] = value
    if document.names:
        flat[NAMES] = document.names
    return _encoder.encode(flat).decode()


def _put_several(flat: dict[str, object], path: str, slot: str, values: list[Indexable], slots: Slots) -> None:
    pool = slot.rpartition("_")[0]
    if pool == "k":
        values = list(set(values))  # of keywords, the same one twice is one
    if len(values) > 1 and pool in SORTED_POOLS:
        values = sorted(values)  # the first is the least: Tantivy sorts by the first
        slots.several.add(path)
        greatest = slots.assigned.get(greatest_of(path)) or slots.discover(greatest_of(path), pool)
        if greatest is not None:
            flat[greatest] = values[-1]
    flat[slot] = values


def _key_of_flattened(path: str, slots: Slots) -> str | None:
    """What is below a flattened object is no field of the mapping: it gets its slot when a document brings it."""
    parent = path
    while "." in parent:
        parent = parent.rpartition(".")[0]
        if slots.assigned.get(parent, "").startswith("k_"):
            return slots.discover(path, "k")
    return None


def _schema(slots: Slots) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(ID, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field(SEQ, indexed=True, fast=True)
    builder.add_text_field(NAMES, tokenizer_name="raw", index_option="basic")
    for name, pool in slots.names():
        if pool == "k":
            builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        elif pool == "l":
            builder.add_integer_field(name, indexed=True, fast=True)
        elif pool == "d":
            builder.add_float_field(name, indexed=True, fast=True)
        else:
            builder.add_text_field(name, tokenizer_name=pool.removeprefix("t"), index_option="position")
    return builder.build()
