"""What an index's settings say of its mapping: `index.mapping.*`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/mapping-settings-limit.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`total` fields and `depth` levels at most; `ignore_malformed` and `coerce` of fields that do not say it."""

    total: int = 1_000
    depth: int = 20
    ignore_malformed: bool = False
    coerce: bool = True


DEFAULTS: Final = Rules()
