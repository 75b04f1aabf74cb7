"""Whether the parts of a search request go together."""

from __future__ import annotations

from dataclasses import replace

from isthmus.errors import UsageError
from isthmus.query.mistakes import ValidationError
from isthmus.query.search_request import SearchRequest
from isthmus.query.sorts import SortKey

SCORE_ALONE = (SortKey(field="_score", ascending=False),)
TIE_BREAKER = SortKey(field="_shard_doc")


def check_combination(request: SearchRequest) -> SearchRequest:
    """Return the request as it is meant: sorted by score alone is unsorted, and ties in a point in time are broken.

    Raises ValidationError or UsageError for parts that contradict each other.
    """
    _check_stored_fields(request)
    sort = _sort_meant(request)
    meant = request if sort == request.sort else replace(request, sort=sort)
    _check_search_after(meant)
    return meant


def _sort_meant(request: SearchRequest) -> tuple[SortKey, ...]:
    given = [key.field for key in request.sort]
    if given and request.point_in_time is not None and TIE_BREAKER.field not in given:
        return (*request.sort, TIE_BREAKER)
    if request.sort == SCORE_ALONE:
        return ()
    if TIE_BREAKER.field in given and request.point_in_time is None:
        raise UsageError("[_shard_doc] sort field cannot be used without [point in time]")
    return request.sort


def _check_stored_fields(request: SearchRequest) -> None:
    if not request.stored_fields_none:
        return
    if request.source_given and request.source.enabled:
        raise _invalid("[stored_fields] cannot be disabled if [_source] is requested")
    if request.fields:
        raise _invalid("[stored_fields] cannot be disabled when using the [fields] option")


def _check_search_after(request: SearchRequest) -> None:
    after, sort = request.search_after, request.sort
    if after is None:
        return
    if request.from_:
        raise _invalid("[from] parameter must be set to 0 when [search_after] is used")
    if not sort:
        raise UsageError("Sort must contain at least one field.")
    # The tie-breaker of a point in time need not be given back.
    if len(after) != len(sort) and not (sort[-1] == TIE_BREAKER and len(after) == len(sort) - 1):
        raise UsageError(f"search_after has {len(after)} value(s) but sort has {len(sort)}.")
    if request.collapse and [key.field for key in sort] != [request.collapse.field]:
        raise UsageError(
            "Cannot use [collapse] in conjunction with [search_after] unless the search is sorted on the same field. "
            "Multiple sort fields are not allowed."
        )


def _invalid(reason: str) -> ValidationError:
    return ValidationError(f"Validation Failed: 1: {reason};")
