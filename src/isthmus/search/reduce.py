"""Merging what targets answered to a search. It is associative: targets may be merged in groups, in their order."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce as fold

from isthmus.query.partial import Hit, PartialResult
from isthmus.query.search_request import SearchRequest
from isthmus.search.aggregations.merging import merge_aggregations
from isthmus.search.ordering import best_first


def reduce(request: SearchRequest, results: Iterable[PartialResult]) -> PartialResult:
    """Return one result of all targets' results; an empty one of none.

    Raises TooManyBucketsError where the aggregations grow beyond all bounds, and a UsageError where two indices give a
    field's values types that cannot be merged.
    """
    given = list(results)
    if not given:
        return PartialResult()
    return fold(lambda left, right: merge(request, left, right), given)


def merge(request: SearchRequest, left: PartialResult, right: PartialResult) -> PartialResult:
    """Return one result of two, `left` being of the targets that come first."""
    total, exact = _total(request.track_total_hits, left, right)
    return PartialResult(
        hits=_hits(request, [*left.hits, *right.hits]),
        total=total,
        total_is_exact=exact,
        max_score=max((one.max_score for one in (left, right) if one.max_score is not None), default=None),
        aggregations=merge_aggregations(request.aggregations, left.aggregations, right.aggregations),
        shards=left.shards + right.shards,
        skipped=left.skipped + right.skipped,
        failures=[*left.failures, *right.failures],
        timed_out=left.timed_out or right.timed_out,
        terminated_early=left.terminated_early or right.terminated_early,
        profile=[*left.profile, *right.profile],
        collapsed=left.collapsed or right.collapsed,
    )


def _total(limit: int, left: PartialResult, right: PartialResult) -> tuple[int, bool]:
    total = left.total + right.total
    exact = left.total_is_exact and right.total_is_exact
    return (limit, False) if total > limit else (total, exact)


def _hits(request: SearchRequest, hits: list[Hit]) -> list[Hit]:
    ordered = best_first(hits, request.sort)
    if request.collapse is not None:
        ordered = _first_of_each_key(ordered)
    return ordered[: request.from_ + request.size]


def _first_of_each_key(hits: list[Hit]) -> list[Hit]:
    first: dict[object, Hit] = {}
    for hit in hits:
        first.setdefault(hit.collapse_key, hit)
    return list(first.values())
