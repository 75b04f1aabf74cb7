"""What hits are sorted by, from JSON: a field, `{"field": "desc"}`, `{"field": {"order": …}}`, or a list of these.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/sort-search-results.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ParsingError, shown, token_of
from isthmus.query.sorts import SortKey, SortMode

DIRECTIONS: Final = {"asc": True, "desc": False}
MAX_KEYS: Final = 64
MODES: Final[tuple[SortMode, ...]] = ("min", "max", "sum", "avg", "median")
NUMERIC_TYPES: Final = ("long", "double", "date", "date_nanos")
SCORE: Final = "_score"
UNSUPPORTED: Final = ("_geo_distance", "_script")


def parse_sort(value: Any) -> tuple[SortKey, ...]:
    """Return the keys in their order. Raises a UsageError that names what is wrong."""
    values = value if isinstance(value, list) else [value]
    keys = tuple(key for one in values for key in _keys(one))
    if len(keys) > MAX_KEYS:
        raise UsageError(f"[sort] has more than {MAX_KEYS} keys")
    return keys


def sort_key(field: str) -> SortKey:
    """Return the key of a field that is named alone: scores descend, everything else ascends."""
    if field in UNSUPPORTED:
        raise UsageError(f"[sort] by [{field}] is not supported")
    return SortKey(field=field, ascending=field != SCORE)


def direction(value: Any) -> bool:
    """Return whether `asc` or `desc`, of any case, is ascending."""
    if not isinstance(value, str) or value.lower() not in DIRECTIONS:
        raise ParsingError(f"Unknown order direction [{shown(value)}]")
    return DIRECTIONS[value.lower()]


def _keys(value: Any) -> list[SortKey]:
    if isinstance(value, str):
        return [sort_key(value)]
    if not isinstance(value, Mapping):
        raise ParsingError(f"malformed sort format, within the sort array, a [{token_of(value)}] is not an object")
    return [_key(field, how) for field, how in value.items()]


def _key(field: str, how: Any) -> SortKey:
    named = sort_key(field)
    if isinstance(how, str):
        return SortKey(field=field, ascending=direction(how))
    json = JsonObject(how, "_score" if field == SCORE else "field_sort")
    ascending = direction(json.json("order")) if "order" in json else named.ascending
    if field == SCORE:
        json.end()
        return SortKey(field=field, ascending=ascending)
    return _field_key(field, ascending, json)


def _field_key(field: str, ascending: bool, json: JsonObject) -> SortKey:
    json.refuse("nested", "nested_path", "nested_filter")
    missing = json.scalar("missing")
    key = SortKey(
        field=field,
        ascending=ascending,
        missing="_last" if missing is None else missing,
        mode=json.choice("mode", MODES, MODES[0]) if "mode" in json else None,
        unmapped_type=json.text("unmapped_type"),
        format=json.text("format"),
        numeric_type=json.choice("numeric_type", NUMERIC_TYPES, "") or None,
    )
    json.end()
    return key
