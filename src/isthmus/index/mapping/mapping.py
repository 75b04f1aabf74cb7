"""The mapping of an index as a value: what its fields are, and what a document becomes under it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as JsonObject
from dataclasses import replace
from typing import Any

from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.converting import converter
from isthmus.index.mapping.definition import canonical, is_object, merged
from isthmus.index.mapping.dynamic import Detection
from isthmus.index.mapping.errors import MapperParsingError, MappingConflictError
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.field_types import ALIAS, flag, make_field
from isthmus.index.mapping.ignoring import may_ignore
from isthmus.index.mapping.nodes import AliasNode, LeafNode, ObjectNode
from isthmus.index.mapping.parsed import ParsedDocument
from isthmus.index.mapping.parsing import Parsing
from isthmus.index.mapping.rules import DEFAULTS, Rules
from isthmus.index.metadata.expressions import matches


class Mapping:
    """Made by `of`; never changed, `merge` gives another one."""

    def __init__(self, json: dict[str, Any], analyzers: Analyzers, rules: Rules) -> None:
        self._json = json
        self.analyzers = analyzers
        self._rules = rules
        self._fields: dict[str, Field] = {}
        self._aliases: dict[str, str] = {}
        self._objects: set[str] = set()
        self._flattened: list[str] = []
        self._root = self._object(json, "", 0)
        self._resolve_aliases()
        self._resolve_copies(self._root)
        self._check_total()
        self._parsing = Parsing(self._root, Detection.of(json))
        self.may_ignore = may_ignore(self.leaves())

    @classmethod
    def of(cls, given: object, analyzers: Analyzers, rules: Rules = DEFAULTS) -> Mapping:
        """Return the mapping of JSON under the index's rules. Raises MapperParsingError."""
        return cls(canonical(given), analyzers, rules)

    def as_json(self) -> dict[str, Any]:
        """Return the mapping as `GET _mapping` shows it; it may not be changed."""
        return self._json

    def merge(self, added: object) -> Mapping:
        """Return the mapping with fields added. Raises MapperParsingError, MappingConflictError."""
        json = merged(self._json, canonical(added))
        return self if json == self._json else Mapping(json, self.analyzers, self._rules)

    def parse(self, source: JsonObject[str, Any], id: str = "") -> ParsedDocument:  # noqa: A002 - the field's own name
        """Return the values of a document. Raises DocumentParsingError, StrictDynamicMappingError."""
        return self._parsing.parse(source, id)

    def field(self, path: str) -> Field | None:
        """Return a field by its name, an alias's too, or what is below a flattened one."""
        found = self._fields.get(self._aliases.get(path, path))
        if found is not None:
            return found
        for flattened in self._flattened:
            if path.startswith(f"{flattened}."):
                return replace(self._fields[flattened], path=path)
        return None

    def fields(self, pattern: str) -> list[Field]:
        """Return the fields that a name or a pattern with `*` means."""
        return [field for _, field in self.matching(pattern)]

    def matching(self, pattern: str) -> list[tuple[str, Field]]:
        """Return what a name or pattern means, with the names that are shown: of an alias, its own."""
        if "*" not in pattern:
            found = self.field(pattern)
            return [] if found is None else [(pattern, found)]
        names = [*self._fields, *self._aliases]
        return [(name, self._fields[self._aliases.get(name, name)]) for name in sorted(names) if matches(pattern, name)]

    def is_object(self, path: str) -> bool:
        """Tell whether a path is that of an object."""
        return path in self._objects

    def leaves(self) -> Iterator[Field]:
        """Yield every field, multi-fields too."""
        return iter(self._fields.values())

    @property
    def objects(self) -> Iterable[str]:
        """The paths of objects."""
        return self._objects

    @property
    def flattened(self) -> Sequence[str]:
        """The paths of flattened fields, below which any path is a field."""
        return self._flattened

    @property
    def aliases(self) -> JsonObject[str, str]:
        """The paths that alias fields stand for."""
        return self._aliases

    def _object(self, definition: JsonObject[str, Any], path: str, level: int) -> ObjectNode:
        if path and level >= self._rules.depth:
            raise MappingConflictError(
                f"Limit of mapping depth [{self._rules.depth}] has been exceeded due to object field [{path}]"
            )
        node = ObjectNode(
            path, definition.get("dynamic"), enabled=flag(path, definition, "enabled", default=True), children={}
        )
        if path:
            self._objects.add(path)
        for name, inner in definition.get("properties", {}).items():
            node.children[name] = self._node(inner, f"{path}.{name}" if path else name, level + 1)
        return node

    def _node(self, definition: JsonObject[str, Any], path: str, level: int) -> ObjectNode | LeafNode | AliasNode:
        if is_object(definition):
            return self._object(definition, path, level)
        if definition["type"] == ALIAS:
            self._aliases[path] = definition["path"]
            return AliasNode(path)
        field = self._add(path, definition)
        if field.type == "flattened":
            self._flattened.append(path)
        several = [self._add(f"{path}.{name}", one) for name, one in definition.get("fields", {}).items()]
        return LeafNode(
            field,
            converter(field, self.analyzers),
            self._gap(field),
            [LeafNode(one, converter(one, self.analyzers), self._gap(one), [], []) for one in several],
            [],
        )

    def _gap(self, field: Field) -> str | None:
        return self.analyzers.get(field.analyzer).gap if field.column == "text" else None

    def _add(self, path: str, definition: JsonObject[str, Any]) -> Field:
        field = make_field(path, definition, self.analyzers, self._rules)
        self._fields[path] = field
        return field

    def _resolve_aliases(self) -> None:
        for name, path in self._aliases.items():
            if path not in self._fields:
                raise MapperParsingError(
                    f"Invalid [path] value [{path}] for field alias [{name}]: an alias must refer to an existing field "
                    "in the mappings."
                )

    def _resolve_copies(self, node: ObjectNode) -> None:
        for child in node.children.values():
            if isinstance(child, ObjectNode):
                self._resolve_copies(child)
            elif isinstance(child, LeafNode):
                targets = {target: self._target(target) for target in child.field.copy_to}
                child.copies.extend(leaf for leaf in targets.values() if leaf is not None)
                child.unmapped = tuple(target for target, leaf in targets.items() if leaf is None)
                child.plain = _is_plain(child)

    def _target(self, path: str) -> LeafNode | None:
        """Return the field that values are copied to, None if it is not mapped yet. Raises MappingConflictError."""
        found = self._leaf(path)
        if path in self._objects:
            raise MappingConflictError(f"Cannot copy to field [{path}] since it is mapped as an object")
        if found is None and path in self._fields:
            raise MappingConflictError(f"[copy_to] may not be used to copy to a multi-field: [{path}]")
        return found

    def _leaf(self, path: str) -> LeafNode | None:
        node: object = self._root
        for name in path.split("."):
            node = node.children.get(name) if isinstance(node, ObjectNode) else None
        return node if isinstance(node, LeafNode) else None

    def _check_total(self) -> None:
        total = len(self._fields) + len(self._aliases) + len(self._objects)
        if total > self._rules.total:
            raise MappingConflictError(f"Limit of total fields [{self._rules.total}] has been exceeded")


def _is_plain(leaf: LeafNode) -> bool:
    field = leaf.field
    special = field.type in ("constant_keyword", "flattened") or field.ignore_above is not None
    shown = field.column == "text" or field.doc_values
    return not (leaf.copies or leaf.unmapped or special) and field.indexed and shown
