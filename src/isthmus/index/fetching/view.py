"""What fetching needs to know: the hits that were chosen, and the index as it was when they were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from isthmus.index.fetching.tokens import Analyse
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.parsed import Indexable, ParsedDocument
from isthmus.query.partial import SortValue
from isthmus.query.tree import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A hit before it is fetched; `address` is where the searcher has it."""

    seq_no: int
    address: tantivy.DocAddress
    score: float | None = None
    sort: tuple[SortValue, ...] = ()
    sort_shown: tuple[Any, ...] = ()
    shard_doc: int = 0
    collapse_key: SortValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchView:
    """`parse` makes of a source what was indexed, `matching` gives the fields of a pattern with the names they are
    shown by (aliases too), `shown` writes a column's value in a format (None: the field's own), `analyse` splits a
    field's text, `expanded` puts a tree in the place of a query that is text (`query_string`), `may_ignore` tells
    whether some value of a source may not have been indexed, `visible` leaves of a source what may be seen (None: all).
    """

    index: str
    searcher: tantivy.Searcher
    schema: tantivy.Schema
    parse: Callable[[bytes], ParsedDocument]
    matching: Callable[[str], Sequence[tuple[str, Field]]]
    shown: Callable[[Field, Indexable, str | None], Any]
    analyse: Analyse
    translate: Callable[[Query], tantivy.Query]
    expanded: Callable[[Query], Query]
    may_ignore: Callable[[bytes], bool]
    visible: Callable[[bytes], bytes] | None = None
