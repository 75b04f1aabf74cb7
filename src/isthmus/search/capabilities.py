"""What fields can do: searched, aggregated, of which type in which index. Pure but for who may see them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-field-caps.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isthmus.index.mapping.mapping import Mapping as IndexMapping
from isthmus.index.metadata.expressions import Resolved, matches
from isthmus.index.shard.shard import mapping_of
from isthmus.security.acting import acting


@dataclass(frozen=True, slots=True)
class Capability:
    """What a field of one index can do."""

    type: str
    searchable: bool
    aggregatable: bool
    metadata_field: bool = False


@dataclass(frozen=True, slots=True)
class IndexFields:
    """The fields of an index by name; an index of another cluster has its alias before its name."""

    index: str
    fields: Mapping[str, Capability]


def fields_of(resolved: Resolved, asked: Sequence[str]) -> IndexFields:
    """Return those fields of an index that are `asked` for (names, patterns) and seen, and the objects around them."""
    access = acting().access(*resolved.names)
    known = {name: one for name, one in _capabilities(mapping_of(resolved.index)).items() if access.sees(name)}
    meant = {name for name in known if any(matches(pattern, name) for pattern in asked)}
    meant |= {parent for name in meant for parent in _parents(name)}
    return IndexFields(resolved.index.name, {name: one for name, one in known.items() if name in meant})


def merged(indices: Sequence[IndexFields], *, include_unmapped: bool) -> dict[str, dict[str, dict[str, Any]]]:
    """Return by field and type what holds in all indices that have it so."""
    told: dict[str, dict[str, dict[str, Any]]] = {}
    holding: dict[tuple[str, str], list[str]] = {}
    for one in indices:
        for name, can in one.fields.items():
            entry = told.setdefault(name, {}).setdefault(can.type, _entry(can.type, metadata_field=can.metadata_field))
            entry["searchable"] &= can.searchable
            entry["aggregatable"] &= can.aggregatable
            holding.setdefault((name, can.type), []).append(one.index)
    if include_unmapped:
        _add_unmapped(told, holding, [one.index for one in indices])
    for name, types in told.items():
        if len(types) > 1:
            for type_, entry in types.items():
                entry["indices"] = holding[name, type_]
    return dict(sorted(told.items()))


def _entry(type_: str, *, metadata_field: bool) -> dict[str, Any]:
    return {"type": type_, "metadata_field": metadata_field, "searchable": True, "aggregatable": True}


def _capabilities(mapping: IndexMapping) -> dict[str, Capability]:
    found = {
        name: Capability(_family(field.type), field.indexed or field.doc_values, field.doc_values)
        for name, field in mapping.matching("*")
    }
    objects = {path: Capability("object", searchable=False, aggregatable=False) for path in sorted(mapping.objects)}
    return found | objects


def _parents(path: str) -> Collection[str]:
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _add_unmapped(
    told: dict[str, dict[str, dict[str, Any]]], holding: dict[tuple[str, str], list[str]], indices: Sequence[str]
) -> None:
    for name, types in told.items():
        mapped = {index for type_ in types for index in holding[name, type_]}
        without = [index for index in indices if index not in mapped]
        if without:
            types["unmapped"] = _entry("unmapped", metadata_field=False) | {"searchable": False, "aggregatable": False}
            holding[name, "unmapped"] = without


def _family(type_: str) -> str:
    return "keyword" if type_ == "constant_keyword" else type_
