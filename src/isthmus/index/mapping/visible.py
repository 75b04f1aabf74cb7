"""The mapping for somebody who does not see all fields: those that he does not see stay mapped, and have no values.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/field-level-security.html
"""

from __future__ import annotations

from collections.abc import Mapping as JsonObject
from dataclasses import replace
from typing import Any, TypeAlias

from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.mapping import Mapping
from isthmus.index.mapping.parsed import ParsedDocument
from isthmus.security.authorization.access import IndexAccess


class VisibleMapping:
    """A mapping under an access."""

    def __init__(self, mapping: Mapping, access: IndexAccess) -> None:
        self._mapping = mapping
        self._access = access
        self.analyzers: Analyzers = mapping.analyzers
        self.may_ignore = mapping.may_ignore

    def shows(self, path: str) -> bool:
        """Tell whether the values of a field may be seen. A flattened field holds the values of all below it."""
        if not self._access.sees(path):
            return False
        return path not in self._mapping.flattened or self._access.sees_all_below(path)

    def field(self, path: str) -> Field | None:
        """Return a field as `Mapping.field` does, without a value of its own if it is not seen."""
        found = self._mapping.field(path)
        return None if found is None else self._seen(found)

    def fields(self, pattern: str) -> list[Field]:
        """Return the fields that a name or a pattern means."""
        return [self._seen(field) for field in self._mapping.fields(pattern)]

    def matching(self, pattern: str) -> list[tuple[str, Field]]:
        """Return what a name or pattern means, with the names that are shown."""
        return [(name, self._seen(field)) for name, field in self._mapping.matching(pattern)]

    def parse(self, source: JsonObject[str, Any]) -> ParsedDocument:
        """Return the values of a document that are seen."""
        parsed = self._mapping.parse(source)
        return ParsedDocument(
            values={path: value for path, value in parsed.values.items() if self.shows(path)},
            names=list(filter(self.shows, parsed.names)),
            ignored=list(filter(self.shows, parsed.ignored)),
        )

    def _seen(self, field: Field) -> Field:
        return field if field.value is None or self.shows(field.path) else replace(field, value=None)


AnyMapping: TypeAlias = Mapping | VisibleMapping


def visible_definition(definition: JsonObject[str, Any], access: IndexAccess, above: str = "") -> dict[str, Any]:
    """Return the JSON of a mapping, or of an object in it, without the fields that are not seen."""
    if not access.fields or "properties" not in definition:
        return dict(definition)
    properties = {
        name: shown
        for name, inner in definition["properties"].items()
        if (shown := _visible(inner, f"{above}{name}", access)) is not None
    }
    return {**definition, "properties": properties}


def _visible(definition: JsonObject[str, Any], path: str, access: IndexAccess) -> dict[str, Any] | None:
    """Return what is seen of a field and those below it; of one that is not seen only those, as of an object."""
    sees = access.sees(path)
    if "properties" in definition:
        shown = visible_definition(definition, access, f"{path}.")
        return shown if sees or shown["properties"] else None
    several = {name: one for name, one in definition.get("fields", {}).items() if access.sees(f"{path}.{name}")}
    if not sees:
        return {"properties": several} if several else None
    rest = {key: value for key, value in definition.items() if key != "fields"}
    return {**rest, "fields": several} if several else rest
