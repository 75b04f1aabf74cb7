"""Which indices a search is of, what each is asked, and which nodes hold them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from isthmus.index.metadata.expressions import Resolved
from isthmus.search.part import IndexPart
from isthmus.search.tokens import KeptIndices

Groups: TypeAlias = dict[str, tuple[IndexPart, ...]]
"""The parts of a search by the node that holds the indices, in the order of their names."""


def grouped(resolved: Iterable[Resolved], boosts: Mapping[str, float]) -> Groups:
    """Return what each holder is asked."""
    groups: dict[str, list[IndexPart]] = {}
    for place, one in enumerate(resolved):
        index = one.index
        part = IndexPart(
            name=index.name,
            uuid=index.uuid,
            filters=one.filters,
            boost=boosts.get(index.name, 1.0),
            place=place,
            names=one.names,
        )
        groups.setdefault(index.node, []).append(part)
    return {node: tuple(parts) for node, parts in groups.items()}


def kept_parts(kept: KeptIndices, boosts: Mapping[str, float], *, by_name: bool = False) -> tuple[IndexPart, ...]:
    """Return what a context is asked; what its indices are is known where it is kept.

    `by_name`: its indices are asked for by their own names, whoever opened it by which aliases.
    """
    return tuple(
        IndexPart(name=name, uuid="", boost=boosts.get(name, 1.0), place=place, names=(name,) if by_name else ())
        for name, place in kept.indices
    )


def boosts_of(asked: Sequence[tuple[str, float]], resolve: Callable[[str], Sequence[Resolved]]) -> dict[str, float]:
    """Return the boost of each index that `indices_boost` means: by its first entry. Raises as `resolve`."""
    boosts: dict[str, float] = {}
    for expression, boost in asked:
        for one in resolve(expression):
            boosts.setdefault(one.index.name, boost)
    return boosts
