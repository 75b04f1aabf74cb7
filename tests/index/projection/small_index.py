"""A small index on disk: a mapping, a projection of documents, and what translations of queries need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tantivy

from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.mapping import Mapping as IndexMapping
from isthmus.index.projection.projection import Projection, Reading, Row
from isthmus.index.projection.slots import pool_of
from isthmus.index.projection.translate.surroundings import Surroundings
from isthmus.index.projection.translate.translator import Translator
from isthmus.index.projection.writers import Writers
from isthmus.query.dates import RequestDates
from isthmus.query.tree import Query

NOW = 1_700_000_000_000
UUID = "uuid"


class SmallIndex:
    """`commits` tells after how many documents there is a commit, and with it a segment."""

    def __init__(self, folder: Path, properties: Mapping[str, Any], writers: Writers | None = None) -> None:
        self.folder = folder
        self.mapping = IndexMapping.of({"properties": dict(properties)}, Analyzers())
        self.writers = writers or Writers()
        self.projection = Projection.create(folder, UUID, self.fields(), self.analyzers(), self.writers)
        self._next = 0

    def fields(self) -> list[tuple[str, str]]:
        analyzers = self.mapping.analyzers
        return [
            (one.path, pool_of(one, analyzers.get(one.analyzer).name_in_tantivy if one.column == "text" else ""))
            for one in self.mapping.leaves()
            if one.type != "constant_keyword"
        ]

    def analyzers(self) -> dict[str, tantivy.TextAnalyzer]:
        names = {one.analyzer for one in self.mapping.leaves() if one.column == "text"}
        used = [self.mapping.analyzers.get(name) for name in names]
        return {one.name_in_tantivy: one.in_tantivy() for one in used}

    def add(self, documents: Sequence[Mapping[str, Any]], commits: int = 10_000) -> SmallIndex:
        """Add documents; their ids are their places."""
        for document in documents:
            self.write(str(self._next), document)
            if self._next % commits == 0:
                self.projection.commit()
        self.projection.commit()
        return self

    def write(self, id_: str, document: Mapping[str, Any] | None, *, replaces: bool = False) -> None:
        """Write one operation: a document, or None for a delete."""
        parsed = None if document is None else self.mapping.parse(dict(document))
        self.projection.feed([Row(self._next, id_, parsed, replaces)])
        self._next += 1

    def reading(self) -> Reading:
        return self.projection.reading()

    def surroundings(self, reading: Reading | None = None) -> Surroundings:
        return Surroundings.of("small", reading or self.reading(), self.mapping, RequestDates(NOW))

    def scores(self, query: Query) -> dict[str, float]:
        """Return the scores of what a query matches, by id."""
        reading = self.reading()
        translated = Translator(self.surroundings(reading)).query(query)
        hits = reading.searcher.search(translated, max(1, reading.searcher.num_docs)).hits
        places = reading.searcher.fast_field_values("_seq", [address for _, address in hits])
        return {str(place): score for place, (score, _) in zip(places, hits, strict=True)}

    def matches(self, query: Query) -> set[str]:
        """Return the ids of what a query matches, of documents that were never replaced."""
        return set(self.scores(query))


@contextmanager
def small_index(properties: Mapping[str, Any]) -> Iterator[SmallIndex]:
    with TemporaryDirectory() as folder:
        index = SmallIndex(Path(folder), properties)
        yield index
        index.projection.close()
