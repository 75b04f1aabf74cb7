"""One hit, the first, for each value of a field.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/collapse-search-results.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from isthmus.errors import UsageError
from isthmus.index.searching.columns import values
from isthmus.index.searching.entry import Entry
from isthmus.index.searching.keys import INDEX, Key
from isthmus.index.searching.scopes import Scope


def check_collapsible(key: Key) -> None:
    """Raise UsageError if hits cannot be collapsed by a field."""
    if key.field is None and (key.is_place or key.is_score or key.name == INDEX):
        raise UsageError(f"no mapping found for `{key.name}` in order to collapse on")
    kind = None if key.field is None else key.field.type
    if key.column not in ("keyword", "long", "double") or kind in ("ip", "date", "boolean", "flattened"):
        raise UsageError(f"collapse is not supported for the field [{key.name}] of the type [{kind}]")
    if key.several:
        raise UsageError(f"failed to collapse: the field [{key.name}] has documents with several values")


def collapsed(scope: Scope, entries: Sequence[Entry], key: Key) -> list[Entry]:
    """Return the first entry of each value; those without a value are one group."""
    groups = values(scope.reading, replace(key, missing=None), [one.address for one in entries])
    best: dict[object, Entry] = {}
    for group, entry in zip(groups, entries, strict=True):
        if group not in best:
            best[group] = replace(entry, collapse_key=group)
    return list(best.values())
