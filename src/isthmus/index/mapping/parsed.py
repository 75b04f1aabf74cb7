"""What a document becomes before it is indexed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Indexable: TypeAlias = str | int | float
"""keyword: the text; text: its tokens joined by single spaces (`analysis` splits them again); long, double: a number"""


@dataclass(slots=True)
class ParsedDocument:
    """The values of a document by field path, ready for their columns, in the order they were given.

    `names` are the paths that have a value but no column to tell it (text, or without doc values), for `exists`.
    `ignored` are fields whose values were not indexed (`ignore_above`, `ignore_malformed`). `added` is what dynamic
    mapping makes of fields that are new, as a mapping to merge; None where nothing is new.
    """

    values: dict[str, Indexable | list[Indexable]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    added: dict[str, Any] | None = None
