"""The answer of another cluster to a search, as a result that is merged with our own. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from isthmus.query.partial import Failure, Hit, PartialResult, SortValue
from isthmus.query.search_request import SearchRequest
from isthmus.remote.outgoing.results import aggregations_of
from isthmus.remote.values import plain, shortest
from isthmus.wire.exceptions import RemoteException
from isthmus.wire.layouts import Named

Body = Mapping[str, Any]


def result_of(alias: str, request: SearchRequest, response: Body) -> PartialResult:
    """Return what the cluster `alias` answered to `request`. Raises UnexpectedAnswerError."""
    hits = response["hits"]
    total = hits["total"]
    aggregations = response["aggregations"]
    return PartialResult(
        hits=[_hit(alias, hits, place) for place in range(len(hits["hits"]))],
        total=0 if total is None else total["value"],
        total_is_exact=total is None or total["relation"] == "eq",
        max_score=_number(hits["max_score"]),
        aggregations=(
            {}
            if aggregations is None
            else aggregations_of(request.aggregations, aggregations, merged=response["total_shards"] > 1)
        ),
        shards=response["total_shards"],
        skipped=response["skipped_shards"],
        failures=[_failure(alias, one) for one in response["failures"]],
        timed_out=response["timed_out"],
        terminated_early=response["terminated_early"] is True,
        collapsed=hits["collapse_field"] is not None,
    )


def _hit(alias: str, hits: Body, place: int) -> Hit:
    found = hits["hits"][place]
    shown = tuple(plain_sort(one) for one in found["sort_shown"])
    values = tuple(plain_sort(one) for one in found["sort"])
    keys = hits["collapse_values"]
    return Hit(
        index=f"{alias}:{found['shard']['index']}" if found["shard"] is not None else alias,
        id=found["id"] or "",
        score=_number(found["score"]),
        sort=values,
        sort_shown=() if shown == values else shown,
        shard_doc=place,
        source=found["source"] or None,
        version=None if found["version"] < 0 else found["version"],
        seq_no=None if found["seq_no"] < 0 else found["seq_no"],
        primary_term=found["primary_term"] or None,
        routing=_metadata(found, "_routing"),
        fields={name: plain(field["values"]) for name, field in found["fields"].items()} or None,
        highlight={one["name"]: one["fragments"] or [] for one in found["highlight"]} or None,
        explanation=None if found["explanation"] is None else _explanation(found["explanation"]),
        ignored=tuple(plain(found["metadata"]["_ignored"]["values"])) if "_ignored" in found["metadata"] else (),
        matched_queries=tuple(found["matched_queries"]),
        collapse_key=None if keys is None else plain_sort(keys[place]),
    )


def plain_sort(value: Named) -> SortValue:
    """Return a value that hits are sorted by as our own are compared."""
    if isinstance(value.body, bytes):
        return value.body.decode("utf-8", "replace")
    if value.name == "f32":
        return shortest(value.body)
    found: SortValue = int(value.body) if value.name == "big_integer" else value.body
    return found


def _metadata(hit: Body, name: str) -> Any:
    return plain(hit["metadata"][name]["values"][0]) if name in hit["metadata"] else None


def _number(number: float) -> float | None:
    return None if math.isnan(number) else shortest(number)


def _explanation(told: Body) -> dict[str, Any]:
    value = 0.0 if told["value"] is None else told["value"].body
    return {
        "value": shortest(value) if isinstance(value, float) else value,
        "description": told["description"],
        "details": [_explanation(one) for one in told["details"]],
    }


def _failure(alias: str, failure: Body) -> Failure:
    target = failure["target"]
    cause = failure["cause"] or RemoteException("exception", failure["reason"], 500)
    true = cause.true_cause
    return Failure(
        index=f"{alias}:{target['index']}" if target is not None else f"{alias}:",
        type=true.type,
        reason=true.reason,
        status=true.status,
        node=target["node"] if target is not None else None,
    )
