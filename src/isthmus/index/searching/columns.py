"""Values of documents that were found, by their addresses in one reading."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

from isthmus.index.mapping.field import Column
from isthmus.index.projection.projection import Reading
from isthmus.index.projection.slots import SEQ
from isthmus.query.partial import SortValue

Query = tantivy.Query
Address = tuple[int, int]


def address(found: tantivy.DocAddress) -> Address:
    """Return an address as a value that can be compared."""
    return found.segment_ord, found.doc


def seq_nos(reading: Reading, addresses: Sequence[tantivy.DocAddress]) -> list[int]:
    """Return the sequence numbers of documents."""
    return [int(value or 0) for value in reading.searcher.fast_field_values(SEQ, list(addresses))]


def values(
    reading: Reading, slot: str, column: Column, addresses: Sequence[tantivy.DocAddress], *, greatest: bool = False
) -> list[SortValue]:
    """Return a value of each document, None where it has none; of several the least, or the `greatest`."""
    if not addresses:
        return []
    if column == "keyword":
        return _texts(reading, slot, addresses, greatest=greatest)
    found: list[SortValue] = list(reading.searcher.fast_field_values(slot, list(addresses)))
    return found


def _texts(reading: Reading, slot: str, addresses: Sequence[tantivy.DocAddress], *, greatest: bool) -> list[SortValue]:
    """Tantivy gives texts only to those who sort by them: so the documents are searched for, sorted."""
    wanted = Query.term_set_query(reading.schema, SEQ, seq_nos(reading, addresses))
    order = tantivy.Order.Desc if greatest else tantivy.Order.Asc
    hits = reading.searcher.search(wanted, len(addresses), count=False, order_by_field=slot, order=order).hits
    by_address = {address(found): value for value, found in hits}
    return [by_address.get(address(one)) for one in addresses]
