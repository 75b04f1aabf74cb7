"""A document walked along its mapping: values for columns, and what the mapping lacks.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/dynamic.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from isthmus.index.mapping.converting import NUMBERS
from isthmus.index.mapping.definition import merged, nested_under
from isthmus.index.mapping.dynamic import Detection
from isthmus.index.mapping.errors import DocumentParsingError, StrictDynamicMappingError
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.nodes import AliasNode, LeafNode, Node, ObjectNode
from isthmus.index.mapping.parsed import Indexable, ParsedDocument

MAX_DEPTH: Final = 100
METADATA: Final = frozenset(
    {"_field_names", "_id", "_ignored", "_index", "_routing", "_seq_no", "_source", "_tier", "_version"}
)
_PREVIEW: Final = 50


class Parsing:
    """Documents of one mapping; `root` and what is below it are not changed."""

    def __init__(self, root: ObjectNode, detection: Detection) -> None:
        self._root = root
        self._detection = detection

    def parse(self, source: Mapping[str, Any], id_: str) -> ParsedDocument:
        """Return the values of a document. Raises DocumentParsingError, StrictDynamicMappingError."""
        document = ParsedDocument()
        walk = _Walk(self._root, self._detection, document, id_)
        if not METADATA.isdisjoint(source):
            name = next(name for name in source if name in METADATA)
            raise walk.wrong(
                f"Field [{name}] is a metadata field and cannot be added inside a document. Use the index API "
                "request parameters."
            )
        if self._root.enabled:
            walk.object(self._root, source, self._root.dynamic or "true", 0)
        return document


class _Walk:
    __slots__ = ("_detection", "_document", "_id", "_root", "_values")

    def __init__(self, root: ObjectNode, detection: Detection, document: ParsedDocument, id_: str) -> None:
        self._root = root
        self._detection = detection
        self._document = document
        self._id = id_
        self._values = document.values

    def wrong(self, reason: str) -> DocumentParsingError:
        return DocumentParsingError(
            f"{reason} in document with id '{self._id[:100]}'" if "document" not in reason else reason
        )

    def object(self, node: ObjectNode, source: Mapping[str, Any], dynamic: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self.wrong(f"the document is nested deeper than {MAX_DEPTH} levels")
        children = node.children
        for name, value in source.items():
            child = children.get(name)
            if child is None:
                self._unknown(node, name, value, dynamic, depth)
                continue
            kind = type(value)
            if type(child) is LeafNode:
                if child.plain and value is not None and kind is not list and kind is not dict:
                    self._plain(child, value)
                else:
                    self._leaf(child, value)
            elif kind is dict and type(child) is ObjectNode and child.enabled:
                self.object(child, value, child.dynamic or dynamic, depth + 1)
            else:
                self._inner(child, value, dynamic, depth)

    def _inner(self, child: Node, value: Any, dynamic: str, depth: int) -> None:
        if isinstance(child, AliasNode):
            raise self.wrong(f"Cannot write to a field alias [{child.path}].")
        if isinstance(child, LeafNode):
            self._leaf(child, value)
            return
        if not child.enabled or value is None:
            return
        if isinstance(value, Mapping):
            self.object(child, value, child.dynamic or dynamic, depth + 1)
        elif isinstance(value, list):
            for one in value:
                self._inner(child, one, dynamic, depth + 1)
        else:
            name = child.path.rpartition(".")[2]
            raise self.wrong(
                f"object mapping for [{child.path}] tried to parse field [{name}] as object, but found a concrete value"
            )

    def _plain(self, leaf: LeafNode, value: Any) -> None:
        """What `_leaf` does, for most values of most fields, in a third of the time."""
        try:
            converted = leaf.convert(value)
        except ValueError:
            self._leaf(leaf, value)
            return
        path = leaf.field.path
        if path in self._values:
            self._add(leaf, converted)
        else:
            self._values[path] = converted
            if leaf.gap is not None:
                self._document.names.append(path)
        for one in leaf.several:
            self._store(one, value)

    def _leaf(self, leaf: LeafNode, value: Any) -> None:
        self._put(leaf, value)
        for copy in leaf.copies:
            self._put(copy, value)  # what is copied is not copied on
        if leaf.unmapped and (type(value) is not list or any(True for _ in _flat(value, self))):
            for target in leaf.unmapped:
                self._copy_to_unmapped(target, value)

    def _put(self, leaf: LeafNode, value: Any) -> None:
        field = leaf.field
        if field.type == "flattened":
            self._flattened(leaf, value)
        elif type(value) is not list and type(value) is not dict:
            self._store(leaf, value)
        elif type(value) is list:
            self._store_all(leaf, list(_flat(value, self)))
        else:
            self._store(leaf, value)

    def _copy_to_unmapped(self, target: str, value: Any) -> None:
        """A field that there is not yet is what a document that brought it would make of it, where it is."""
        node, rest = self._root, target
        dynamic = node.dynamic or "true"
        while "." in rest:
            name, _, below = rest.partition(".")
            child = node.children.get(name)
            if not isinstance(child, ObjectNode):
                break
            node, rest, dynamic = child, below, child.dynamic or dynamic
        if isinstance(node.children.get(rest), AliasNode):
            raise self.wrong(f"Cannot copy to a field alias [{target}].")
        self._unknown(node, rest, value, dynamic, 0)

    def _store(self, leaf: LeafNode, value: Any) -> None:
        converted = self._converted(leaf, value)
        if converted is not None:
            self._add(leaf, converted)
        for one in leaf.several:
            self._store(one, value)

    def _store_all(self, leaf: LeafNode, values: list[Any]) -> None:
        converted = [one for value in values if (one := self._converted(leaf, value)) is not None]
        for one in converted:
            self._add(leaf, one)
        for other in leaf.several:
            self._store_all(other, values)

    def _converted(self, leaf: LeafNode, value: Any) -> Indexable | None:
        field = leaf.field
        if value is None or (value == "" and field.coerce and field.type in NUMBERS):
            value = field.null_value
            if value is None:
                return None
        if field.ignore_above is not None and isinstance(value, str) and len(value) > field.ignore_above:
            self._ignore(field.path)
            return None
        try:
            if type(value) is dict:
                raise ValueError("it is an object")
            converted = leaf.convert(value)
        except ValueError as why:
            if field.ignore_malformed and type(value) is not dict:
                self._ignore(field.path)
                return None
            raise self._unfit(leaf, value) from why
        if field.type == "constant_keyword":
            self._constant(leaf, str(converted))
            return None
        return converted if field.indexed or field.doc_values else None

    def _add(self, leaf: LeafNode, value: Indexable) -> None:
        field = leaf.field
        present = self._values.get(field.path)
        if present is None:
            self._values[field.path] = value
            if field.column == "text" or not field.doc_values:
                self._document.names.append(field.path)
        elif leaf.gap is not None:
            self._values[field.path] = f"{present}{leaf.gap}{value}"
        elif isinstance(present, list):
            present.append(value)
        else:
            self._values[field.path] = [present, value]

    def _flattened(self, leaf: LeafNode, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, list):
            for one in _flat(value, self):
                self._flattened(leaf, one)
            return
        if not isinstance(value, dict):
            raise self._unfit(leaf, value)
        for path, one in _keyed(value, leaf.field.path, self, leaf.field):
            if one is None:
                continue
            text = str(one).lower() if isinstance(one, bool) else str(one)
            if leaf.field.ignore_above is not None and len(text) > leaf.field.ignore_above:
                continue
            for name in (leaf.field.path, path):
                present = self._values.get(name)
                listed = present if type(present) is list else [] if present is None else [present]
                if text not in listed:
                    self._values[name] = [*listed, text]

    def _constant(self, leaf: LeafNode, text: str) -> None:
        field = leaf.field
        if field.value is None:
            self._lacking(field.path, {"type": "constant_keyword", "value": text})
        elif field.value != text:
            raise self.wrong(
                f"[constant_keyword] field [{field.path}] only accepts values that are equal to the value defined in "
                f"the mappings [{field.value}], but got [{text[:_PREVIEW]}]"
            )

    def _ignore(self, path: str) -> None:
        if path not in self._document.ignored:
            self._document.ignored.append(path)

    def _unfit(self, leaf: LeafNode, value: Any) -> DocumentParsingError:
        preview = _previewed(value)[:_PREVIEW]
        return DocumentParsingError(
            f"failed to parse field [{leaf.field.path}] of type [{leaf.field.type}] in document with id "
            f"'{self._id[:100]}'. Preview of field's value: '{preview}'"
        )

    def _unknown(self, node: ObjectNode, name: str, value: Any, dynamic: str, depth: int) -> None:
        if not name.strip() or any(not part.strip() for part in name.split(".")):
            raise self.wrong(f"field name [{name[:100]}] cannot be empty, nor contain only whitespace")
        if "." in name:
            first, _, rest = name.partition(".")
            child = node.children.get(first)
            if isinstance(child, ObjectNode):
                self._inner(child, {rest: value}, dynamic, depth)
                return
            if isinstance(child, LeafNode) and child.field.type == "flattened":
                self._leaf(child, {rest: value})
                return
            if isinstance(child, LeafNode):
                raise self._unfit(child, {rest: value})
        path = f"{node.path}.{name}" if node.path else name
        if dynamic == "strict":
            raise StrictDynamicMappingError(
                f"mapping set to strict, dynamic introduction of [{name}] within [{node.path or '_doc'}] is not allowed"
            )
        if dynamic == "true":
            self._learn(path, value, depth)

    def _learn(self, path: str, value: Any, depth: int) -> None:
        """Find out what a new field is."""
        if depth > MAX_DEPTH:
            raise self.wrong(f"the document is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, list):
            self._learn_list(path, value, depth)
        elif isinstance(value, dict):
            if not value:
                self._lacking(path, {"type": "object"})
            for name, inner in value.items():
                if not name.strip():
                    raise self.wrong(f"field name [{path}.{name}] cannot be empty, nor contain only whitespace")
                self._learn(f"{path}.{name}", inner, depth + 1)
        else:
            definition = self._detection.field(value)
            if definition is not None:
                self._lacking(path, definition)

    def _learn_list(self, path: str, values: list[Any], depth: int) -> None:
        learnt: dict[str, Any] | None = None
        for one in values:
            if isinstance(one, dict | list):
                self._learn(path, one, depth + 1)
                continue
            definition = self._detection.field(one)
            if definition is not None and definition != learnt:
                self._lacking(path, definition)
                learnt = definition

    def _lacking(self, path: str, definition: dict[str, Any]) -> None:
        self._document.added = merged(self._document.added or {}, nested_under(path, definition))


def _previewed(value: Any) -> str:
    """A value as its document has it; texts without their quotes."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _flat(values: list[Any], walk: _Walk, depth: int = 0) -> Iterable[Any]:
    if depth > MAX_DEPTH:
        raise walk.wrong(f"a list is nested deeper than {MAX_DEPTH} levels")
    for one in values:
        if type(one) is list:
            yield from _flat(one, walk, depth + 1)
        else:
            yield one


def _keyed(value: Mapping[str, Any], path: str, walk: _Walk, field: Field, depth: int = 1) -> Iterable[tuple[str, Any]]:
    if depth > min(field.depth_limit, MAX_DEPTH):
        raise walk.wrong(
            f"The provided [flattened] field [{field.path}] exceeds the maximum depth limit of [{field.depth_limit}]."
        )
    for name, inner in value.items():
        below = f"{path}.{name}"
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                yield from _keyed(one, below, walk, field, depth + 1)
            else:
                yield below, one
