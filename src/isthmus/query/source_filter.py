"""Which parts of a document's source, and which of its fields, an answer shows.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-fields.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFilter:
    """`enabled` false shows none; patterns of `includes` (none: all) less those of `excludes`."""

    enabled: bool = True
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """A field or pattern of `fields` or `docvalue_fields`, how its values are written, and whether it means what is in
    the source and not in the mapping too."""

    pattern: str
    format: str | None = None
    include_unmapped: bool = False
