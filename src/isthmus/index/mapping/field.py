"""One field that can be searched: a leaf of the mapping, a multi-field, or a path below a flattened field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Column = Literal["keyword", "text", "long", "double"]
"""What holds a field's values in the projection. Dates are milliseconds in a long, booleans 0 and 1 in a long, ips 32
hexadecimal digits of their IPv6 form in a keyword: each sorts and compares as its type does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field. `path` is its full name, `type` Elasticsearch's name for its type, `column` where its values are.

    `indexed`: it may be searched. `doc_values`: it may be sorted by and aggregated. `analyzer` and `search_analyzer`
    are names (text only). `formats` are a date's; `scale` is scaled_float's; `value` is constant_keyword's;
    `depth_limit` is flattened's.
    """

    path: str
    type: str
    column: Column
    indexed: bool = True
    doc_values: bool = True
    analyzer: str = "standard"
    search_analyzer: str = "standard"
    norms: bool = True
    ignore_above: int | None = None
    null_value: str | int | float | bool | None = None
    formats: tuple[str, ...] = ()
    scale: float = 1.0
    value: str | None = None
    copy_to: tuple[str, ...] = ()
    ignore_malformed: bool = False
    depth_limit: int = 20
    coerce: bool = True
    meta: dict[str, str] = field(default_factory=dict)
