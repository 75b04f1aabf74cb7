"""Which of two hits comes first, as Elasticsearch compares them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/sort-search-results.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import Any, Final

from isthmus.query.partial import Hit, SortValue
from isthmus.query.sorts import SortKey

SCORE: Final = "_score"
_LEAST_SCORE: Final = float("-inf")


def best_first(hits: Sequence[Hit], sort: tuple[SortKey, ...]) -> list[Hit]:
    """Return `hits` in the order of `sort`; without one by score, the highest first.

    Hits that compare as equal stay as they come: targets in their order, and each target's own by index and place.
    """
    if not sort:
        return sorted(hits, key=_by_score)
    return sorted(hits, key=cmp_to_key(_comparison(sort)))


def _by_score(hit: Hit) -> float:
    return -(_LEAST_SCORE if hit.score is None else hit.score)


def _comparison(sort: tuple[SortKey, ...]) -> Callable[[Hit, Hit], int]:
    def compare(left: Hit, right: Hit) -> int:
        for key, one, other in zip(sort, left.sort, right.sort, strict=True):
            if difference := _compare(key, one, other):
                return difference
        return 0

    return compare


def _compare(key: SortKey, one: SortValue, other: SortValue) -> int:
    if one is None or other is None:
        if one is other:
            return 0
        # Missing comes last or first, whatever the direction.
        return 1 if (one is None) == (key.missing != "_first") else -1
    difference = compare_values(one, other)
    return difference if key.ascending else -difference


def compare_values(one: Any, other: Any) -> int:
    """Return -1, 0 or 1. Values of different kinds, of indices that map a field differently: numbers before text."""
    if isinstance(one, str) != isinstance(other, str):
        return 1 if isinstance(one, str) else -1
    return int(one > other) - int(one < other)
