"""Queries that are text, for one index: what its patterns of fields mean, and how its fields write text."""

from __future__ import annotations

from collections.abc import Sequence

from isthmus.index.mapping.field import Field
from isthmus.index.mapping.visible import AnyMapping
from isthmus.query import tree
from isthmus.query.lucene import parse_lucene, parse_simple
from isthmus.query.lucene.fields import Kind

_OF_TEXT: tuple[Kind, ...] = ("prefix", "wildcard", "regexp", "fuzzy")


class KnownFields:
    """What the syntaxes ask of an index."""

    def __init__(self, mapping: AnyMapping) -> None:
        self._mapping = mapping

    def names(self, pattern: str, kind: Kind) -> Sequence[str]:
        """Return the fields that a pattern means and that can be asked such a query."""
        if pattern == "_index":
            return (pattern,)
        found = [field for field in self._mapping.fields(pattern) if field.indexed]
        if kind in _OF_TEXT:
            found = [field for field in found if _is_text(field)]
        return [field.path for field in found]

    def normalized(self, field: str, text: str) -> str:
        """Return text as a field's filters write it."""
        known = self._mapping.field(field)
        if known is None or known.column != "text":
            return text
        return self._mapping.analyzers.get(known.search_analyzer).normalized(text)


def expanded(query: tree.Query, mapping: AnyMapping, default_fields: tuple[str, ...]) -> tree.Query:
    """Return the tree that a query of text means; any other query is itself."""
    match query:
        case tree.QueryString():
            return parse_lucene(query, default_fields, KnownFields(mapping))
        case tree.SimpleQueryString():
            return parse_simple(query, default_fields, KnownFields(mapping))
    return query


def _is_text(field: Field) -> bool:
    return field.column == "text" or (field.column == "keyword" and field.type != "ip")
