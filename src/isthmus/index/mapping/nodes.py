"""The mapping as a tree that documents are walked along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from isthmus.index.mapping.converting import Convert
from isthmus.index.mapping.field import Field


@dataclass(slots=True)
class LeafNode:
    """A field: `convert` makes a value one of its column, `gap` stands between several texts. `several` are its
    multi-fields, `copies` the fields that its values are copied to, `unmapped` those of them that there are not yet.
    `plain`: a value is converted, for its multi-fields too, and nothing else."""

    field: Field
    convert: Convert
    gap: str | None
    several: list[LeafNode]
    copies: list[LeafNode]
    plain: bool = False
    unmapped: tuple[str, ...] = ()


@dataclass(slots=True)
class AliasNode:
    """Another name of a field; no document may write to it."""

    path: str


@dataclass(slots=True)
class ObjectNode:
    """An object. `dynamic` is None where the object above decides."""

    path: str
    dynamic: str | None
    enabled: bool
    children: dict[str, Node]


Node: TypeAlias = ObjectNode | LeafNode | AliasNode
