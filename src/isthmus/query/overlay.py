"""The URL's parameters of a search, laid over its body: what both say, the URL says.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-search.html#search-search-api-query-params
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.counting import seconds, tracked
from isthmus.query.json_object import INT_MAX
from isthmus.query.mistakes import shown
from isthmus.query.search_request import SearchRequest
from isthmus.query.shown_parsing import MAX_FIELDS, NO_FIELDS, source_beside
from isthmus.query.sort_parsing import DIRECTIONS, MAX_KEYS, sort_key
from isthmus.query.sorts import SortKey
from isthmus.query.source_filter import FieldAsked, SourceFilter
from isthmus.query.tree import QueryString

WITH_Q: Final = ("analyze_wildcard", "analyzer", "default_operator", "df", "lenient")
SOURCE: Final = ("_source", "_source_excludes", "_source_includes")
MAX_TEXT: Final = 65_536


def overlay(request: SearchRequest, parameters: Mapping[str, str]) -> SearchRequest:
    """Return `request` with what `parameters` say in its place; those that are not in `PARAMETERS` are left alone.

    Raises UsageError that names the parameter that is wrong.
    """
    if not parameters:
        return request
    for name, value in parameters.items():
        if len(value) > MAX_TEXT:
            raise UsageError(f"[{shown(name)}] is longer than {MAX_TEXT} characters")
    changes: dict[str, Any] = {}
    for name, (key, reader) in _READERS.items():
        if name in parameters:
            changes[key] = reader(name, parameters[name])
    changes |= _stored_fields(request, parameters) | _source(parameters) | _query(parameters)
    return replace(request, **changes)


def _integer(name: str, value: str) -> int:
    try:
        number = int(value[:20])
    except ValueError as cause:
        raise UsageError(f"Failed to parse int parameter [{name}] with value [{shown(value)}]") from cause
    if number < 0:
        raise UsageError(f"[{name}] parameter cannot be negative, found [{number}]")
    if number > INT_MAX:
        raise UsageError(f"[{name}] parameter must be at most {INT_MAX}, found [{number}]")
    return number


def _boolean(name: str, value: str) -> bool:
    if value not in ("", "true", "false"):
        raise UsageError(f"Failed to parse value [{shown(value)}] of [{name}] as only [true] or [false] are allowed.")
    return value != "false"


def _sort(name: str, value: str) -> tuple[SortKey, ...]:
    keys = tuple(_sort_key(part) for part in _parts(value))
    if len(keys) > MAX_KEYS:
        raise UsageError(f"[{name}] has more than {MAX_KEYS} keys")
    return keys


def _sort_key(part: str) -> SortKey:
    field, colon, direction = part.rpartition(":")
    if not colon:
        return sort_key(part)
    if direction not in DIRECTIONS:
        raise UsageError(f"Unknown order direction [{shown(direction)}] of [sort]")
    return replace(sort_key(field), ascending=DIRECTIONS[direction])


def _docvalue_fields(name: str, value: str) -> tuple[FieldAsked, ...]:
    return tuple(FieldAsked(part) for part in _few(name, _parts(value)))


_Reader = Callable[[str, str], Any]
_READERS: Final[Mapping[str, tuple[str, _Reader]]] = {
    "from": ("from_", _integer),
    "size": ("size", _integer),
    "sort": ("sort", _sort),
    "docvalue_fields": ("docvalue_fields", _docvalue_fields),
    "track_total_hits": ("track_total_hits", lambda _, value: tracked(value)),
    "timeout": ("timeout", lambda name, value: seconds(value, name)),
    "terminate_after": ("terminate_after", _integer),
    **{name: (name, _boolean) for name in ("explain", "seq_no_primary_term", "track_scores", "version")},
}
PARAMETERS: Final = (*_READERS, *SOURCE, "stored_fields", "q", *WITH_Q)
"""The parameters that are read here."""


def _source(parameters: Mapping[str, str]) -> dict[str, Any]:
    if not any(name in parameters for name in SOURCE):
        return {}
    source = SourceFilter()
    if (given := parameters.get("_source")) in ("true", "false"):
        source = replace(source, enabled=given == "true")
    elif given is not None:
        source = replace(source, includes=_few("_source", _parts(given)))
    if (includes := parameters.get("_source_includes")) is not None:
        source = replace(source, includes=_few("_source_includes", _parts(includes)))
    if (excludes := parameters.get("_source_excludes")) is not None:
        source = replace(source, excludes=_few("_source_excludes", _parts(excludes)))
    return {"source": source, "source_given": True}


def _stored_fields(request: SearchRequest, parameters: Mapping[str, str]) -> dict[str, Any]:
    if "stored_fields" not in parameters:
        return {}
    names = _few("stored_fields", _parts(parameters["stored_fields"]))
    source = request.source if request.source_given else source_beside(names)
    return {"stored_fields_none": NO_FIELDS in names, "source": source}


def _query(parameters: Mapping[str, str]) -> dict[str, Any]:
    if "q" not in parameters:
        if alone := [name for name in WITH_Q if name in parameters]:
            given = ", ".join(alone)
            raise UsageError(f"request contains parameters [{given}] but missing query string parameter 'q'.")
        return {}
    operator = parameters.get("default_operator", "or").lower()
    if operator not in ("or", "and"):
        raise UsageError(f"[default_operator] can only be [or] or [and], not [{shown(operator)}]")
    field = parameters.get("df")
    return {
        "query": QueryString(
            query=parameters["q"],
            fields=((field, 1.0),) if field else (),
            default_operator="and" if operator == "and" else "or",
            analyzer=parameters.get("analyzer"),
            lenient=_boolean("lenient", parameters["lenient"]) if "lenient" in parameters else None,
            analyze_wildcard=_boolean("analyze_wildcard", parameters.get("analyze_wildcard", "false")),
        )
    }


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _few(name: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    if len(parts) > MAX_FIELDS:
        raise UsageError(f"[{name}] has more than {MAX_FIELDS} parts")
    return parts
