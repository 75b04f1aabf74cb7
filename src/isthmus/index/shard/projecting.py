"""Keeping the projection of an index with its ledger: fed by each commit, caught up, or built anew."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import tantivy

from isthmus.errors import IsthmusError
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation, Outcome, StoredDocument, Written
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.mapping.parsed import ParsedDocument
from isthmus.index.projection.projection import Projection, Reading, Row
from isthmus.index.projection.slots import pool_of
from isthmus.index.projection.storage import (
    ProjectionUnusableError,
    fresh_folder,
    latest_folder,
    remove_others,
    save_checkpoint,
)
from isthmus.index.projection.writers import Writers
from isthmus.index.writing.preparing import PreparedOperation

log = logging.getLogger(__name__)
SLICE = 2_000
_decode = msgspec.json.Decoder(dict[str, object])


@dataclass(slots=True)
class Recovery:
    """How far a projection that is built anew has come. `why` is what it is built for, times in seconds."""

    why: str
    total: int
    done: int = 0
    began: float = 0.0
    ended: float | None = None


class Projecting:
    """The projection of one index. Calls block, from any thread; `mapping()` is the mapping in force."""

    def __init__(
        self, name: str, folder: Path, uuid: str, ledger: Ledger, mapping: Callable[[], Mapping], writers: Writers
    ) -> None:
        self._name = name
        self._folder = folder
        self._uuid = uuid
        self._ledger = ledger
        self._mapping = mapping
        self._writers = writers
        self._feeding = threading.Lock()
        self._refreshing = threading.Lock()
        self._projection: Projection | None = None
        self._assigned: Mapping | None = None
        self.recovery: Recovery | None = None

    @property
    def behind(self) -> bool:
        """Whether something was written that no search sees yet."""
        projection = self._projection
        return projection is None or projection.checkpoint < self._ledger.max_seq_no or projection.out_of_slots

    def open(self) -> None:
        """Open the projection and bring it to where the ledger is; build it anew where it cannot be used."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        latest = latest_folder(self._folder)
        if latest is None:
            self._build("it was missing" if self._ledger.count else "the index is new")
            return
        try:
            projection = Projection.open(latest, self._uuid, self._analyzers(), self._writers)
        except ProjectionUnusableError as error:
            log.warning("[%s] the projection is built anew from the ledger: %s", self._name, error)
            self._build("it was damaged")
            return
        if projection.checkpoint > self._ledger.max_seq_no:
            log.error(
                "[%s] the ledger ends at operation %d, and %d were projected: what came after was acknowledged and is "
                "lost (a file of it was removed, or an old copy put in its place); restore a backup",
                self._name,
                self._ledger.max_seq_no,
                projection.checkpoint,
            )
            projection.close()
            self._build("it was ahead of its ledger")
            return
        with self._feeding, _failing(projection):
            self._projection = projection
            self._assign(projection)
            self._catch_up(projection)
        remove_others(self._folder, latest)

    def feed(self, operations: Sequence[Operation], outcomes: Sequence[Outcome]) -> None:
        """Take in what a commit made; called in the commit's thread."""
        with self._feeding:
            projection = self._projection
            if projection is None:
                return  # what is being built catches up with the ledger by itself
            with _failing(projection):
                self._assign(projection)
                projection.feed(
                    [
                        Row(outcome.seq_no, outcome.id, _document(operation), outcome.replaces)
                        for operation, outcome in zip(operations, outcomes, strict=True)
                        if isinstance(outcome, Written)
                    ]
                )

    def catch_up(self) -> None:
        """Take in what came into the ledger by another way than `feed`."""
        with self._feeding:
            projection = self._projection
            if projection is None or projection.failed:
                return  # what is being built, or fed again, catches up with the ledger by itself
            with _failing(projection):
                self._assign(projection)
                self._catch_up(projection)

    def refresh(self) -> Reading:
        """Make everything written so far visible and return the snapshot of it."""
        with self._refreshing:
            if self._projection is None:
                self.open()
            projection = self._whole()
            projection.commit()
            while projection.failed:  # a feed failed meanwhile, and took with it what was fed before
                projection = self._whole()
                projection.commit()
            return projection.reading()

    def rest(self) -> None:
        """Give back the memory of the writer."""
        projection = self._projection
        if projection is not None:
            projection.rest()

    def close(self) -> None:
        """Let go of the files."""
        with self._refreshing, self._feeding:
            projection, self._projection = self._projection, None
            if projection is not None:
                projection.close()

    def size(self) -> int:
        """Return the bytes on disk."""
        return sum(_size(Path(folder, name)) for folder, _, names in os.walk(self._folder) for name in names)

    def _whole(self) -> Projection:
        """Return the projection once nothing is missing in it."""
        if self._projection is not None and self._projection.failed:
            self._feed_again(self._projection)
        if self._projection is not None and self._projection.out_of_slots:
            self._build("it was out of slots")
        if self._projection is None:
            raise AssertionError("an opened index has a projection")
        return self._projection

    def _build(self, why: str) -> None:
        recovery = Recovery(why, self._ledger.count, began=time.monotonic())
        self.recovery = recovery
        if recovery.total:
            log.info("[%s] the projection is built anew, %s: %d documents", self._name, why, recovery.total)
        folder = fresh_folder(self._folder)
        try:
            before = self._build_in(folder, recovery)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)  # each attempt would take as much room again
            raise
        if before is not None:
            before.close()
        remove_others(self._folder, folder)
        recovery.ended = time.monotonic()
        if recovery.total:
            log.info("[%s] the projection is built: %.1f s", self._name, recovery.ended - recovery.began)

    def _build_in(self, folder: Path, recovery: Recovery) -> Projection | None:
        """Build a projection, put it in place, and return the one before."""
        found = [] if self._projection is None else self._projection.found_in_documents
        fields = [*self._fields(), *found]
        built = Projection.create(folder, self._uuid, fields, self._analyzers(), self._writers)
        with _failing(built):
            self._project_all(built, recovery)
            with self._feeding:
                self._catch_up(built)
                self._assigned = None
                self._assign(built)
                built.commit()
                save_checkpoint(folder, built.checkpoint)
                before, self._projection = self._projection, built
        return before

    def _feed_again(self, projection: Projection) -> None:
        """What could not be fed is in the ledger."""
        log.warning(
            "[%s] what could not be projected is projected again, from operation %d", self._name, projection.fed
        )
        with self._feeding, _failing(projection):
            projection.recover()
            self._catch_up(projection)

    def _project_all(self, projection: Projection, recovery: Recovery) -> None:
        after = -1
        told = time.monotonic()
        while documents := self._ledger.documents(after, SLICE):
            self._feed_parsed(projection, [self._row(one, replaces=False) for one in documents])
            after = documents[-1].seq_no
            recovery.done += len(documents)
            if time.monotonic() - told > 5:
                told = time.monotonic()
                log.info("[%s] %d of %d documents are projected", self._name, recovery.done, recovery.total)

    def _catch_up(self, projection: Projection) -> None:
        while operations := self._ledger.changes(projection.fed, SLICE):
            self._feed_parsed(projection, [self._row(one, replaces=True) for one in operations])

    def _feed_parsed(self, projection: Projection, rows: Sequence[Row]) -> None:
        """Feed documents that were parsed just now: the mapping may have grown since the projection was made."""
        projection.assign(self._fields())
        projection.feed(rows)

    def _row(self, stored: StoredDocument, *, replaces: bool) -> Row:
        if stored.deleted:
            return Row(stored.seq_no, stored.id, None, replaces=True)
        return Row(stored.seq_no, stored.id, self._parsed(stored), replaces)

    def _parsed(self, stored: StoredDocument) -> ParsedDocument:
        """A document that was accepted once is shown by its id at least, whatever the mapping says of it today."""
        try:
            return self._mapping().parse(_decode.decode(stored.source))
        except (IsthmusError, msgspec.MsgspecError, RecursionError) as error:
            log.warning("[%s] the document [%s] can no longer be parsed: %s", self._name, stored.id, error)
            return ParsedDocument()

    def _assign(self, projection: Projection) -> None:
        mapping = self._mapping()
        if mapping is not self._assigned:
            projection.assign(self._fields())
            self._assigned = mapping

    def _fields(self) -> Iterable[tuple[str, str]]:
        mapping = self._mapping()
        return [
            (
                one.path,
                pool_of(one, mapping.analyzers.get(one.analyzer).name_in_tantivy if one.column == "text" else ""),
            )
            for one in mapping.leaves()
            if one.type != "constant_keyword" and (one.indexed or one.doc_values)
        ]

    def _analyzers(self) -> dict[str, tantivy.TextAnalyzer]:
        mapping = self._mapping()
        names = {one.analyzer for one in mapping.leaves() if one.column == "text"} | {"standard"}
        used = [mapping.analyzers.get(name) for name in names]
        return {one.name_in_tantivy: one.in_tantivy() for one in used}


@contextmanager
def _failing(projection: Projection) -> Iterator[None]:
    """Whatever is raised while a projection is fed, it is fed again from its last commit: lest there be a hole."""
    try:
        yield
    except BaseException:  # the engine's panics are no Exceptions
        projection.fail()
        raise


def _document(operation: Operation) -> ParsedDocument | None:
    return operation.document if isinstance(operation, PreparedOperation) else None


def _size(file: Path) -> int:
    """The engine removes what it has merged, whoever looks at it."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
