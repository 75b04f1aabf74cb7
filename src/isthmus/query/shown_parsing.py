"""What hits show, from JSON: the forms of `_source`, `fields` and `docvalue_fields`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-fields.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ParsingError, XContentParseError, token_of
from isthmus.query.source_filter import FieldAsked, SourceFilter

MAX_FIELDS: Final = 1024
NO_FIELDS: Final = "_none_"


def parse_source(value: Any) -> SourceFilter:
    """Return the filter that `_source` says: true or false, one pattern, a list, or includes and excludes."""
    match value:
        case bool():
            return SourceFilter(enabled=value)
        case str():
            return SourceFilter(includes=(value,))
        case list():
            return SourceFilter(includes=_patterns(value))
        case Mapping():
            return _filter_of(JsonObject(value, "_source"))
        case _:
            raise ParsingError(
                "Expected one of [VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT] in [_source] "
                f"but found [{token_of(value)}]"
            )


def source_beside(stored: tuple[str, ...]) -> SourceFilter:
    """Return what is shown of the source to those who ask for `stored` fields and say nothing of the source.

    No field is stored apart from the source, so that the names show nothing else. Without stored fields at all it is
    hidden anyway. Raises UsageError.
    """
    if NO_FIELDS in stored and len(stored) > 1:
        raise UsageError(f"cannot combine {NO_FIELDS} with other fields")
    return SourceFilter(enabled=NO_FIELDS in stored or "_source" in stored)


def _filter_of(json: JsonObject) -> SourceFilter:
    includes = json.texts("includes") + json.texts("include")
    excludes = json.texts("excludes") + json.texts("exclude")
    json.end()
    return SourceFilter(includes=_patterns(list(includes)), excludes=_patterns(list(excludes)))


def _patterns(values: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(one, str) for one in values):
        raise ParsingError("Unknown key in [_source]: patterns are strings")
    if len(values) > MAX_FIELDS:
        raise UsageError(f"[_source] has more than {MAX_FIELDS} patterns")
    return tuple(values)


def parse_fields(value: Any, where: str) -> tuple[FieldAsked, ...]:
    """Return the fields that a list says, each a pattern or an object with `field` and `format`."""
    if not isinstance(value, list):
        raise ParsingError(f"Unknown key for a {token_of(value)} in [{where}].")
    if len(value) > MAX_FIELDS:
        raise UsageError(f"[{where}] has more than {MAX_FIELDS} fields")
    return tuple(_field(one, where) for one in value)


def _field(value: Any, where: str) -> FieldAsked:
    if isinstance(value, str):
        return FieldAsked(value)
    if not isinstance(value, Mapping):
        raise XContentParseError(f"[{where}] doesn't support values of type: {token_of(value)}")
    json = JsonObject(value, "fetch_field_and_format")
    if where != "fields":
        json.refuse("include_unmapped")
    asked = FieldAsked(
        json.required_text("field"), json.text("format"), json.boolean("include_unmapped", default=False)
    )
    json.end()
    return asked
