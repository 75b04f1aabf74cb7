"""The values of a document's fields: `fields` in the order of the source, `docvalue_fields` sorted.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-fields.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from isthmus.index.aggregating.refusals import text_without_values
from isthmus.index.fetching.view import FetchView
from isthmus.index.mapping.converting import check_format
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.parsed import Indexable, ParsedDocument
from isthmus.index.metadata.expressions import matches
from isthmus.query.source_filter import FieldAsked


def fields_of(
    view: FetchView, parsed: ParsedDocument, source: dict[str, Any], asked: Iterable[FieldAsked]
) -> dict[str, list[Any]]:
    """The values that `fields` shows, by name; fields without a value are left out."""
    found: dict[str, list[Any]] = {}
    for one in asked:
        for name, field in view.matching(one.pattern):
            check_shown(field, one)
            values = text_of(view, field, source) if field.column == "text" else columns_of(view, field, parsed, one)
            if values:
                found[name] = values
        if one.include_unmapped:
            found |= unmapped_of(view, source, one.pattern)
    return found


def unmapped_of(view: FetchView, source: dict[str, Any], pattern: str) -> dict[str, list[Any]]:
    """The values of a source that a pattern means and no field of the mapping holds, as they stand there."""
    found: dict[str, list[Any]] = {}
    for path, value in paths_of(source, ""):
        if matches(pattern, path) and not view.matching(path):
            found.setdefault(path, []).append(value)
    return found


def paths_of(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each value below `path` with its own path; those of an array share one."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from paths_of(below, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for below in value:
            yield from paths_of(below, path)
    elif value is not None:
        yield path, value


def docvalue_fields_of(view: FetchView, parsed: ParsedDocument, asked: Iterable[FieldAsked]) -> dict[str, list[Any]]:
    """The values that `docvalue_fields` shows, by name: sorted, those of keywords each once."""
    found: dict[str, list[Any]] = {}
    for one in asked:
        for name, field in view.matching(one.pattern):
            if field.column == "text" and "*" not in one.pattern:
                raise text_without_values(field.path, view.index)
            if not field.doc_values or field.column == "text":
                continue
            check_shown(field, one)
            values = sorted(column_values(parsed, field), key=comparable)
            distinct = dict.fromkeys(values) if field.column == "keyword" else values
            if distinct:
                found[name] = [view.shown(field, value, one.format) for value in distinct]
    return found


def check_shown(field: Field, asked: FieldAsked) -> None:
    """Raise UsageError for a format that a named field does not take; of a pattern it is meant for the dates."""
    if "*" not in asked.pattern:
        check_format(field, asked.format)


def comparable(value: Indexable) -> Any:
    return value


def columns_of(view: FetchView, field: Field, parsed: ParsedDocument, asked: FieldAsked) -> list[Any]:
    return [view.shown(field, value, asked.format) for value in column_values(parsed, field)]


def column_values(parsed: ParsedDocument, field: Field) -> list[Indexable]:
    if field.value is not None:
        return [field.value]
    values = parsed.values.get(field.path, [])
    return values if isinstance(values, list) else [values]


def text_of(view: FetchView, field: Field, source: dict[str, Any]) -> list[str]:
    """The texts that a field was made of: its own, its parent's if it is a multi-field, and those copied to it."""
    own = texts_at(source, field.path)
    parent, _, _ = field.path.rpartition(".")
    if not own and parent:
        own = texts_at(source, parent)
    copied = [other for _, other in view.matching("*") if field.path in other.copy_to]
    return own + [text for other in copied for text in texts_at(source, other.path)]


def texts_at(source: dict[str, Any], path: str) -> list[str]:
    return [written(value) for value in leaves(source, path) if value is not None and not isinstance(value, dict)]


def leaves(value: Any, path: str) -> list[Any]:
    """The values at a path, however its dots are spread over objects and names."""
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item, path)]
    if not path:
        return [value]
    if not isinstance(value, dict):
        return []
    found: list[Any] = []
    for name, below in value.items():
        if path == name or path.startswith(f"{name}."):
            found += leaves(below, path[len(name) + 1 :])
    return found


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
