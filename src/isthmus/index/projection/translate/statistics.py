"""How rare terms are, as Lucene counts: among the documents that have the field. Tantivy counts all documents."""

from __future__ import annotations

import math
from collections.abc import Sequence

from isthmus.index.mapping.field import Field
from isthmus.index.projection.projection import Reading
from isthmus.index.projection.slots import NAMES

K1, B = 1.2, 0.75


class Statistics:
    """The numbers of one reading, each counted at most once."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def frequency(self, slot: str, term: str | int) -> int:
        """Return how many documents have a term."""
        return self._reading.searcher.doc_freq(slot, term)

    def documents(self, mapped: Field, slot: str) -> int:
        """Return how many documents have a value of a field."""
        if mapped.column == "text" or not mapped.doc_values:
            return self._reading.searcher.doc_freq(NAMES, mapped.path)
        return self._reading.documents_with(slot)

    def rarity(self, mapped: Field, slot: str, frequency: int) -> float:
        """Return the weight (idf) of a term that `frequency` documents have."""
        return idf(self.documents(mapped, slot), frequency)

    def rarity_as(self, mapped: Field, slot: str, frequency: int) -> float:
        """Return the weight of a term as if it were in so many documents, which may be more than have the field."""
        documents = self.documents(mapped, slot)
        return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))

    def keyword_score(self, mapped: Field, slot: str, frequency: int) -> float:
        """Return the score of a keyword: without norms and frequencies only how many values documents have counts."""
        mean = 1.0
        if mapped.path in self._reading.several:
            mean = max(1.0, self._reading.values_in(slot) / max(1, self.documents(mapped, slot)))
        return self.rarity(mapped, slot, frequency) * (1 + K1) / (1 + K1 * (1 - B + B / mean))

    def correction(self, mapped: Field, slot: str, terms: Sequence[str]) -> float:
        """Return by what Tantivy's score of terms together must be multiplied to have Lucene's weight."""
        present, total = self.documents(mapped, slot), self._reading.searcher.num_docs
        if present >= total:
            return 1.0
        frequencies = [self.frequency(slot, one) for one in terms]
        tantivys = sum(idf(total, one) for one in frequencies)
        return sum(idf(present, one) for one in frequencies) / tantivys


def idf(documents: int, frequency: int) -> float:
    """Return BM25's inverse document frequency; deleted documents may still count in a frequency."""
    documents = max(documents, frequency)
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))
