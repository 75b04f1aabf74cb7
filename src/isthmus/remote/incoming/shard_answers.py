"""The answers to a search by shards: what was found, and later what was chosen of it. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from isthmus.query.partial import Hit
from isthmus.query.sorts import SortKey
from isthmus.remote.incoming.hits import Origin, compared, hit_alone, is_address, is_scored, sort_fields
from isthmus.remote.incoming.results import RAW, Results, date_format
from isthmus.search.service import Found
from isthmus.wire.errors import MalformedError
from isthmus.wire.layouts import Named

Body = dict[str, Any]

UNKNOWN: Final = -1
CONTEXT: Final = 1


def found_here(request: Mapping[str, Any], found: Found, results: Results, context: str) -> Body:
    """Return what an index has, to be merged: the places of its best hits among `found`, and its aggregations."""
    asked, result = found.request, found.result
    aggregations = results.named(asked.aggregations, result.aggregations) if asked.aggregations else None
    return {
        "is_null": False,
        "context": context_id(context),
        "from_": asked.from_,
        "size": asked.size,
        "sort_formats": _formats(asked.sort, result.hits) if asked.sort else None,
        "top_documents": _top_documents(found),
        "aggregations": aggregations,
        "suggest": None,
        "timed_out": result.timed_out,
        "terminated_early": result.terminated_early if asked.terminate_after else None,
        "profile": None,
        "service_time": UNKNOWN,
        "queue": UNKNOWN,
        "request": request,
        "rescored": {},
        "rank": None,
        "reduced": False,
    }


def fetched(found: Found, origin: Origin, places: Sequence[int], context: str) -> Body:
    """Return the hits at `places` of what was found. Raises MalformedError for places that there are not."""
    hits = found.result.hits
    if any(not 0 <= place < len(hits) for place in places):
        raise MalformedError("a hit is asked for that was not found")
    shown = {
        "total": None,
        "max_score": math.nan,
        "hits": [hit_alone(found.request, hits[place], origin) for place in places],
        "sort_fields": None,
        "collapse_field": None,
        "collapse_values": None,
    }
    return {"context": context_id(context), "hits": shown, "profile": None}


def context_id(context: str) -> Body:
    """Return by which id found hits are meant."""
    return {"id": CONTEXT, "session": context, "searcher": None}


def _top_documents(found: Found) -> Named:
    asked, result = found.request, found.result
    total = {"value": result.total, "relation": "eq" if result.total_is_exact and asked.track_total_hits else "gte"}
    best = math.nan if result.max_score is None or not is_scored(asked) else result.max_score
    if not asked.sort:
        documents = [{"document": place, "score": _score(hit)} for place, hit in enumerate(result.hits)]
        return Named("scores", {"total": total, "max_score": best, "documents": documents})
    fields = sort_fields(asked.sort, result.hits)
    sorted_documents = [
        {"sort": compared(asked.sort, hit), "document": place, "score": _score(hit) if is_scored(asked) else math.nan}
        for place, hit in enumerate(result.hits)
    ]
    return Named("fields", {"total": total, "max_score": best, "sort_fields": fields, "documents": sorted_documents})


def _score(hit: Hit) -> float:
    return math.nan if hit.score is None else hit.score


def _formats(sort: Sequence[SortKey], hits: Sequence[Hit]) -> list[Named]:
    """How the values are shown over there."""
    return [
        _format(key, [(hit.sort[at], (hit.sort_shown or hit.sort)[at]) for hit in hits]) for at, key in enumerate(sort)
    ]


def _format(key: SortKey, values: Sequence[tuple[Any, Any]]) -> Named:
    value, shown = next(((value, shown) for value, shown in values if value != shown), (None, None))
    if is_address(value, shown):
        return Named("ip", None)
    if isinstance(shown, str) and isinstance(value, int):
        return date_format(key.format, sort_values=True)
    return RAW
