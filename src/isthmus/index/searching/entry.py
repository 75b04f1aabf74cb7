"""A hit that is not fetched yet."""

from __future__ import annotations

from dataclasses import dataclass

import tantivy

from isthmus.query.partial import SortValue


@dataclass(frozen=True, slots=True)
class Entry:
    """The operation that made the document, where the searcher has it, its score, and its values of the keys."""

    seq_no: int
    address: tantivy.DocAddress
    score: float | None
    sort: tuple[SortValue, ...]
    collapse_key: SortValue = None
