"""What hits are sorted by.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/sort-search-results.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from isthmus.query.tree import Scalar

SortMode = Literal["min", "max", "sum", "avg", "median"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One key: a field, or `_score`, `_doc`, `_shard_doc`. `missing` is `_last`, `_first` or a value."""

    field: str
    ascending: bool = True
    missing: Scalar = "_last"
    mode: SortMode | None = None
    unmapped_type: str | None = None
    format: str | None = None
    numeric_type: str | None = None
