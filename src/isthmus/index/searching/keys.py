"""What documents of one index are sorted by: keys of the request, resolved against its mapping and a reading. Pure but
for the mapping's lookups.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/sort-search-results.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from isthmus.errors import UsageError
from isthmus.index.mapping.converting import check_format
from isthmus.index.mapping.field import Column, Field
from isthmus.index.mapping.field_types import TYPES
from isthmus.index.mapping.parsed import Indexable
from isthmus.index.projection.projection import Reading
from isthmus.index.projection.slots import ID, SEQ, greatest_of
from isthmus.query.partial import SortValue
from isthmus.query.sorts import SortKey
from isthmus.query.tree import Scalar

LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
PLACES = ("_doc", "_shard_doc", "_seq_no")
INDEX = "_index"


class NoMappingFoundError(UsageError):
    """A field that is sorted by is not mapped, or has no values to sort by."""

    type = "query_shard_exception"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `slot` is None where no document has a value, or for `_score`. `missing` is the value that documents
    without one count with, as it is compared and shown: None for texts, which `missing_first` places.

    `several`: some documents have more than one value; then the least counts, or the greatest if `by_greatest`, which
    documents with several have in the slot `greatest`."""

    name: str
    ascending: bool
    slot: str | None
    column: Column | None
    missing: SortValue
    missing_first: bool = False
    field: Field | None = None
    format: str | None = None
    several: bool = False
    by_greatest: bool = False
    greatest: str | None = None

    @property
    def is_score(self) -> bool:
        return self.name == "_score"

    @property
    def is_place(self) -> bool:
        return self.name in PLACES

    @property
    def is_lacking_between(self) -> bool:
        """Whether documents without a value count with one that others may have too."""
        extremes = (None, LOWEST, HIGHEST, float("-inf"), float("inf"))
        return self.slot is not None and not self.is_place and self.missing not in extremes


def resolve(
    keys: Sequence[SortKey],
    field: Callable[[str], Field | None],
    reading: Reading,
    value: Callable[[Field, Scalar], Indexable | None],
    index: str = "",
) -> list[Key]:
    """Return the keys of a request for the index of a name. Raises NoMappingFoundError, UsageError."""
    return [_index(key, index) if key.field == INDEX else _resolve(key, field, reading, value) for key in keys]


def place() -> Key:
    """Return the key that breaks ties: the order in which documents were written."""
    return Key("_shard_doc", ascending=True, slot=SEQ, column="long", missing=HIGHEST)


def score() -> Key:
    """Return the key of the best score."""
    return Key("_score", ascending=False, slot=None, column=None, missing=None)


def check_sortable(mapped: Field) -> None:
    """Raise UsageError if a field has no values that could be sorted by."""
    if mapped.column == "text":
        raise UsageError(
            f"Text fields are not optimised for operations that require per-document field data like aggregations and "
            f"sorting: [{mapped.path}] is one",
            hint=f"use a keyword field instead, such as [{mapped.path}.keyword] if it is mapped",
        )
    if not mapped.doc_values:
        raise UsageError(
            f"Can't load fielddata on [{mapped.path}] because fielddata is unsupported on fields of type "
            f"[{mapped.type}]. Use doc values instead."
        )


def _index(key: SortKey, name: str) -> Key:
    """What all documents share is what they count with, as if they had no value of their own."""
    return Key(INDEX, key.ascending, slot=None, column="keyword", missing=name)


def _resolve(
    key: SortKey,
    field: Callable[[str], Field | None],
    reading: Reading,
    value: Callable[[Field, Scalar], Indexable | None],
) -> Key:
    if key.field == "_score":
        return Key("_score", key.ascending, None, None, None)
    if key.field in PLACES:
        return Key(key.field, key.ascending, SEQ, "long", HIGHEST if key.ascending else LOWEST)
    if key.field == ID:
        raise UsageError(
            f"Fielddata access on the [{ID}] field is disallowed", hint="sort by a keyword field that holds the id too"
        )
    if key.numeric_type is not None:
        raise UsageError(f"[numeric_type] of the sort by [{key.field}] is not supported")
    mapped = field(key.field)
    if mapped is None:
        return _unmapped(key)
    check_sortable(mapped)
    check_format(mapped, key.format)
    several = mapped.path in reading.several
    if several and key.mode in ("sum", "avg", "median"):
        raise UsageError(f"the sort mode [{key.mode}] is not supported: [{mapped.path}] has several values")
    if mapped.column == "keyword" and key.mode not in (None, "min", "max"):
        raise UsageError(f"we only support min and max sorting modes: [{mapped.path}] is of type [{mapped.type}]")
    return Key(
        key.field,
        key.ascending,
        reading.slots.get(mapped.path),
        mapped.column,
        _missing(key, mapped.column, mapped, value),
        key.missing == "_first",
        mapped,
        key.format,
        several=several,
        by_greatest=several and key.mode != "min" and (key.mode == "max" or not key.ascending),
        greatest=reading.slots.get(greatest_of(mapped.path)),
    )


def _unmapped(key: SortKey) -> Key:
    if key.unmapped_type is None:
        raise NoMappingFoundError(
            f"No mapping found for [{key.field}] in order to sort on", hint="or give the sort an [unmapped_type]"
        )
    if key.unmapped_type not in TYPES:
        raise UsageError(f"No mapper found for type [{key.unmapped_type[:100]}]", hint=f"for [{key.field[:100]}]")
    column = _column_of(key.unmapped_type)
    return Key(key.field, key.ascending, None, column, _missing(key, column, None, None), key.missing == "_first")


def _missing(
    key: SortKey, column: Column, mapped: Field | None, value: Callable[[Field, Scalar], Indexable | None] | None
) -> SortValue:
    if key.missing in ("_last", "_first", None):
        greatest = (key.missing != "_first") == key.ascending
        if column == "long":
            return HIGHEST if greatest else LOWEST
        if column == "double":
            return float("inf") if greatest else float("-inf")
        return None
    return key.missing if mapped is None or value is None else value(mapped, key.missing)


def _column_of(type_name: str) -> Column:
    if type_name in ("keyword", "ip", "constant_keyword"):
        return "keyword"
    if type_name in ("double", "float", "half_float", "scaled_float"):
        return "double"
    return "long"
