"""The documents that `terms` queries read their values from, and the queries with the values in their place. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl-terms-query.html#query-dsl-terms-lookup
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from isthmus.query.tree import Scalar, Terms, TermsLookup

Asked = TypeVar("Asked")


def lookups_of(asked: object) -> list[TermsLookup]:
    """Return the lookups anywhere in a request, a query or an aggregation, each once."""
    return list(dict.fromkeys(_found(asked)))


def with_values(asked: Asked, values: Mapping[TermsLookup, Sequence[Scalar]]) -> Asked:
    """Return what was asked, with `values` in the place of lookups."""
    return cast("Asked", _replaced(asked, values))


def values_at(source: object, path: str) -> list[Scalar]:
    """Return the values of a document at a path such as `user.ids`, through lists; [] if there are none."""
    found = [source]
    for name in path.split("."):
        found = [one[name] for one in _each(found) if isinstance(one, Mapping) and name in one]
    return [one for one in _each(found) if one is None or isinstance(one, str | int | float)]


def _each(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _each(value)
        else:
            yield value


def _found(asked: object) -> Iterator[TermsLookup]:
    if isinstance(asked, TermsLookup):
        yield asked
    elif isinstance(asked, tuple):
        for one in asked:
            yield from _found(one)
    elif dataclasses.is_dataclass(asked):
        for name in _fields(type(asked)):
            yield from _found(getattr(asked, name))


def _replaced(asked: Any, values: Mapping[TermsLookup, Sequence[Scalar]]) -> Any:
    if isinstance(asked, Terms) and asked.lookup is not None:
        return dataclasses.replace(asked, lookup=None, values=tuple(values[asked.lookup]))
    if isinstance(asked, tuple):
        parts = tuple(_replaced(one, values) for one in asked)
        return asked if all(one is other for one, other in zip(asked, parts, strict=True)) else parts
    if not dataclasses.is_dataclass(asked) or isinstance(asked, type):
        return asked
    given = {name: getattr(asked, name) for name in _fields(type(asked))}
    changed = {name: _replaced(value, values) for name, value in given.items()}
    if all(changed[name] is value for name, value in given.items()):
        return asked
    return dataclasses.replace(asked, **changed)


def _fields(kind: Any) -> list[str]:
    return [one.name for one in dataclasses.fields(kind)]
