"""The answer of `_search`: one merged result in Elasticsearch's JSON. Sources stay the bytes that they are.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-search.html#search-search-api-response-body
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import TopHits
from isthmus.query.partial import Failure, Hit, PartialResult
from isthmus.query.search_request import MAX_TRACKED, SearchRequest
from isthmus.search.aggregations.dates import Dates
from isthmus.search.aggregations.finishing import finish
from isthmus.search.aggregations.limits import MAX_BUCKETS
from isthmus.search.aggregations.rendering import Rendering

SCORE: Final = "_score"


def answer(
    request: SearchRequest,
    result: PartialResult,
    *,
    took: int,
    dates: Dates,
    max_buckets: int = MAX_BUCKETS,
    typed_keys: bool = False,
    total_as_int: bool = False,
) -> dict[str, Any]:
    """Return the object of the answer; `took` is in milliseconds, `total_as_int` is `rest_total_hits_as_int`.

    Raises TooManyBucketsError for too many buckets, UsageError for a format that means nothing.
    """
    found: dict[str, Any] = {"took": took, "timed_out": result.timed_out}
    if request.terminate_after:
        found["terminated_early"] = result.terminated_early
    found["_shards"] = _shards(result)
    found["hits"] = _hits(request, result, total_as_int=total_as_int)
    if request.aggregations:
        rendering = Rendering(dates, top_hits, typed_keys=typed_keys)
        finished = finish(request.aggregations, result.aggregations, dates, max_buckets)
        found["aggregations"] = rendering.named(finished)
    if request.profile:
        found["profile"] = {"shards": result.profile}
    return found


def check_total_as_int(request: SearchRequest, *, given: bool) -> int:
    """Return how far hits are counted under `rest_total_hits_as_int`: all of them, unless the request says less.

    `given` is whether it says anything. Raises UsageError where it asks for a number that is not exact.
    """
    if not given:
        return MAX_TRACKED
    if request.track_total_hits not in (0, MAX_TRACKED):
        raise UsageError(
            "[rest_total_hits_as_int] cannot be used if the tracking of total hits is not accurate, got "
            f"{request.track_total_hits}"
        )
    return request.track_total_hits


def _shards(result: PartialResult) -> dict[str, Any]:
    shards: dict[str, Any] = {
        "total": result.shards,
        "successful": result.shards - len(result.failures),
        "skipped": result.skipped,
        "failed": len(result.failures),
    }
    if result.failures:
        shards["failures"] = [_failure(one) for one in result.failures]
    return shards


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "shard": 0,
        "index": failure.index,
        "node": failure.node,
        "reason": {"type": failure.type, "reason": failure.reason},
    }


def _hits(request: SearchRequest, result: PartialResult, *, total_as_int: bool) -> dict[str, Any]:
    hits: dict[str, Any] = {}
    if request.track_total_hits:
        relation = "eq" if result.total_is_exact else "gte"
        hits["total"] = result.total if total_as_int else {"value": result.total, "relation": relation}
    elif total_as_int:
        hits["total"] = -1
    shown = result.hits[request.from_ : request.from_ + request.size]
    hits["max_score"] = result.max_score if _scored(request) and request.size else None
    hits["hits"] = [_hit(request, hit) for hit in shown]
    return hits


def _scored(request: SearchRequest) -> bool:
    """Without a sort hits have scores; with one only if they are asked for."""
    return not request.sort or request.track_scores


def _hit(request: SearchRequest, hit: Hit) -> dict[str, Any]:
    shown: dict[str, Any] = {"_index": hit.index}
    if not request.stored_fields_none:
        shown["_id"] = hit.id
    if request.version:
        shown["_version"] = hit.version
    if request.seq_no_primary_term:
        shown |= {"_seq_no": hit.seq_no, "_primary_term": hit.primary_term}
    has_score = _scored(request) or any(key.field == SCORE for key in request.sort)
    shown["_score"] = hit.score if has_score else None
    return shown | _common(hit, sorted_=bool(request.sort))


def top_hits(hits: list[Hit], asked: TopHits) -> list[dict[str, Any]]:
    """Return the hits of a bucket as an answer shows them."""
    return [_top_hit(hit, asked) for hit in hits]


def _top_hit(hit: Hit, asked: TopHits) -> dict[str, Any]:
    shown: dict[str, Any] = {"_index": hit.index, "_id": hit.id}
    if asked.version:
        shown["_version"] = hit.version
    if asked.seq_no_primary_term:
        shown |= {"_seq_no": hit.seq_no, "_primary_term": hit.primary_term}
    has_score = not asked.sort or any(key.field == SCORE for key in asked.sort)
    shown["_score"] = hit.score if has_score else None
    return shown | _common(hit, sorted_=bool(asked.sort))


def _common(hit: Hit, *, sorted_: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if hit.routing is not None:
        shown["_routing"] = hit.routing
    if hit.ignored:
        shown["_ignored"] = list(hit.ignored)
    if hit.source is not None:
        shown["_source"] = msgspec.Raw(hit.source)
    for name, value in (("fields", hit.fields), ("highlight", hit.highlight), ("_explanation", hit.explanation)):
        if value:
            shown[name] = value
    if sorted_:
        shown["sort"] = list(hit.sort_shown or hit.sort)
    if hit.matched_queries:
        shown["matched_queries"] = list(hit.matched_queries)
    return shown
