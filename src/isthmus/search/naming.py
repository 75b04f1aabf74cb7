"""What the names of an expression mean: indices, aliases and data streams. Pure but for who may see them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-resolve-index-api.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isthmus.index.metadata.expressions import Resolved, matches
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.index_settings import value_of
from isthmus.security.acting import acting


@dataclass(frozen=True, slots=True)
class NamedIndex:
    """An index with its aliases; an index of another cluster has its alias before its name."""

    name: str
    aliases: Sequence[str]
    attributes: Sequence[str]


@dataclass(frozen=True, slots=True)
class NamedAlias:
    """An alias and the indices that it is of."""

    name: str
    indices: Sequence[str]


@dataclass(frozen=True, slots=True)
class Named:
    """What names mean."""

    indices: Sequence[NamedIndex]
    aliases: Sequence[NamedAlias]


def named(expression: str, found: Sequence[Resolved], all_indices: Mapping[str, IndexMetadata]) -> Named:
    """Return what `expression` names, of which `found` are the indices, among all that there are."""
    patterns = [one for one in expression.split(",") if one]
    indices = sorted((one.index for one in found if one.itself), key=lambda index: index.name)
    aliases: dict[str, list[str]] = {}
    for index in all_indices.values():
        for alias in filter(acting().sees, index.aliases):
            if any(matches(pattern, alias) for pattern in patterns):
                aliases.setdefault(alias, []).append(index.name)
    return Named(
        [NamedIndex(index.name, sorted(index.aliases), _attributes(index)) for index in indices],
        [NamedAlias(name, sorted(names)) for name, names in sorted(aliases.items())],
    )


def _attributes(index: IndexMetadata) -> Sequence[str]:
    return [*(["hidden"] if value_of(index.settings, "index.hidden") else []), "open"]
