"""Values of documents that were found, by their addresses in one reading."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

from isthmus.index.mapping.field import Column
from isthmus.index.projection.projection import Reading
from isthmus.index.projection.slots import SEQ
from isthmus.index.searching.keys import Key
from isthmus.query.partial import SortValue

Query = tantivy.Query
Address = tuple[int, int]


def address(found: tantivy.DocAddress) -> Address:
    """Return an address as a value that can be compared."""
    return found.segment_ord, found.doc


def seq_nos(reading: Reading, addresses: Sequence[tantivy.DocAddress]) -> list[int]:
    """Return the sequence numbers of documents."""
    return [int(value or 0) for value in reading.searcher.fast_field_values(SEQ, list(addresses))]


def values(reading: Reading, key: Key, addresses: Sequence[tantivy.DocAddress]) -> list[SortValue]:
    """Return the value of each document that counts for a key, `missing` where it has none."""
    if not addresses or key.slot is None or key.column is None:
        return [key.missing] * len(addresses)
    found = _first_values(reading, key.slot, key.column, addresses)
    if key.by_greatest and key.greatest is not None:
        greatest = _first_values(reading, key.greatest, key.column, addresses)
        found = [one if most is None else most for one, most in zip(found, greatest, strict=True)]
    return [key.missing if value is None else value for value in found]


def _first_values(
    reading: Reading, slot: str, column: Column, addresses: Sequence[tantivy.DocAddress]
) -> list[SortValue]:
    if column == "keyword":
        return _texts(reading, slot, addresses)
    found: list[SortValue] = list(reading.searcher.fast_field_values(slot, list(addresses)))
    return found


def _texts(reading: Reading, slot: str, addresses: Sequence[tantivy.DocAddress]) -> list[SortValue]:
    """Tantivy gives texts only to those who sort by them: so the documents are searched for, sorted."""
    wanted = Query.term_set_query(reading.schema, SEQ, seq_nos(reading, addresses))
    hits = reading.searcher.search(wanted, len(addresses), count=False, order_by_field=slot).hits
    by_address = {address(found): value for value, found in hits}
    return [by_address.get(address(one)) for one in addresses]
