"""The answer to another cluster's search. Pure."""

from __future__ import annotations

from typing import Any

from isthmus.query.dates import RequestDates
from isthmus.query.partial import Failure, PartialResult
from isthmus.query.search_request import SearchRequest
from isthmus.remote.incoming.hits import Origin, hits_of, shard_target
from isthmus.remote.incoming.results import Results
from isthmus.search.aggregations.limits import BucketCount
from isthmus.wire.exceptions import RemoteException
from isthmus.wire.statuses import status_name

Body = dict[str, Any]


def search_response(
    request: SearchRequest,
    result: PartialResult,
    origin: Origin,
    *,
    final: bool,
    took: int,
    dates: RequestDates,
    max_buckets: int,
) -> Body:
    """Return the result of a search as another cluster takes it; `took` is in milliseconds.

    A result that is not `final` is merged over there. Raises TooManyBucketsError, UnsupportedError.
    """
    shown = result.hits[request.from_ : request.from_ + request.size]
    results = Results(dates, BucketCount(max_buckets), final=final)
    aggregations = results.named(request.aggregations, result.aggregations) if request.aggregations else None
    return {
        "hits": hits_of(request, result, shown, origin),
        "aggregations": aggregations,
        "suggest": None,
        "timed_out": result.timed_out,
        "terminated_early": result.terminated_early if request.terminate_after else None,
        "profile": None,
        "reduce_phases": 1,
        "total_shards": result.shards,
        "successful_shards": result.shards - len(result.failures),
        "failures": [_failure(one, origin) for one in result.failures],
        "clusters": {"total": 0, "successful": 0, "skipped": 0, "clusters": []},
        "scroll_id": None,
        "took": took,
        "skipped_shards": result.skipped,
        "point_in_time": None,
    }


def _failure(failure: Failure, origin: Origin) -> Body:
    return {
        "target": shard_target(failure.index, origin),
        "reason": failure.reason,
        "status": status_name(failure.status),
        "cause": RemoteException(failure.type, failure.reason, failure.status),
    }
