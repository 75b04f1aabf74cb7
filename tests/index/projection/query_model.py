"""Which documents a query matches, worked out in the simplest way: document by document, value by value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import regex

from isthmus.query import tree

Document = Mapping[str, Sequence[Any]]
"""Values by field, as columns hold them."""


def matches(query: tree.Query, id_: str, document: Document) -> bool:
    """Tell whether a query matches a document."""
    match query:
        case tree.Bool():
            return _bool(query, id_, document)
        case tree.ConstantScore():
            return matches(query.filter, id_, document)
        case tree.DisMax():
            return any(matches(one, id_, document) for one in query.queries)
        case tree.Boosting():
            return matches(query.positive, id_, document)
    return _leaf(query, id_, document)


def _leaf(query: tree.Query, id_: str, document: Document) -> bool:
    match query:
        case tree.MatchAll():
            return True
        case tree.Ids():
            return id_ in query.values
        case tree.Exists():
            return bool(document.get(query.field))
        case tree.Term() | tree.Terms() | tree.Range() | tree.Prefix() | tree.Wildcard():
            return any(_value(query, one) for one in document.get(query.field, ()))
    return False


def _value(query: tree.Term | tree.Terms | tree.Range | tree.Prefix | tree.Wildcard, one: Any) -> bool:
    match query:
        case tree.Term():
            return _same(one, query.value, folded=query.case_insensitive)
        case tree.Terms():
            return any(_same(one, value) for value in query.values)
        case tree.Range():
            return _within(one, query)
        case tree.Prefix():
            return _cased(one, query).startswith(_cased(query.value, query))
    return _fits(_cased(query.value, query), _cased(one, query))


def _bool(query: tree.Bool, id_: str, document: Document) -> bool:
    if not all(matches(one, id_, document) for one in (*query.must, *query.filter)):
        return False
    if any(matches(one, id_, document) for one in query.must_not):
        return False
    if not query.should:
        return True
    least = 0 if query.must or query.filter else 1
    if query.minimum_should_match is not None:
        least = max(least, int(query.minimum_should_match))
    return sum(matches(one, id_, document) for one in query.should) >= least


def _same(one: Any, value: Any, *, folded: bool = False) -> bool:
    return bool(one.lower() == value.lower() if folded else _placed(one) == _placed(value))


def _within(one: Any, query: tree.Range) -> bool:
    place = _placed(one)
    return (
        (query.gt is None or place > _placed(query.gt))
        and (query.gte is None or place >= _placed(query.gte))
        and (query.lt is None or place < _placed(query.lt))
        and (query.lte is None or place <= _placed(query.lte))
    )


def _placed(one: Any) -> tuple[Any, float]:
    """A value as it is ordered: -0.0 is before 0.0."""
    return one, math.copysign(1, one) if isinstance(one, float) else 0


def _cased(text: str, query: tree.Prefix | tree.Wildcard) -> str:
    return text.lower() if query.case_insensitive else text


def _fits(pattern: str, text: str) -> bool:
    parts = regex.findall(r"\\.|.", pattern, regex.DOTALL)
    expression = "".join({"*": ".*", "?": "."}.get(part, regex.escape(part[-1])) for part in parts)
    return regex.fullmatch(expression, text, regex.DOTALL) is not None
