"""Searches across clusters: each is asked for its best hits and its parts of aggregations, and all of them are merged.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/modules-cross-cluster-search.html
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from isthmus.errors import IsthmusError, UsageError
from isthmus.query.partial import Failure, Hit, PartialResult
from isthmus.query.search_request import SearchRequest
from isthmus.remote.outgoing.asking import Asker, Asking
from isthmus.remote.outgoing.clusters import ClusterResult, clusters_json
from isthmus.remote.outgoing.expressions import Split
from isthmus.remote.outgoing.requests import search_request
from isthmus.remote.outgoing.responses import result_of
from isthmus.remote.outgoing.results import settled
from isthmus.remote.outgoing.sources import source_of
from isthmus.search.call import SearchCall
from isthmus.search.ordering import best_first
from isthmus.search.parsing import json_of, parsed_search
from isthmus.search.reduce import reduce
from isthmus.search.service import SearchService
from isthmus.wire.search.requests import SEARCH_REQUEST
from isthmus.wire.search.responses import SEARCH_RESPONSE

SEARCH: Final = "indices:data/read/search"
LONGEST: Final = 600.0
GRACE: Final = 2.0
"""So much longer than its own timeout a search may take over there, before it is given up here (seconds)."""


@dataclass(frozen=True)
class _Asked:
    """What one cluster is asked, and what asks it."""

    asker: Asker
    indices: str
    body: bytes

    @property
    def alias(self) -> str:
        return self.asker.alias


class CrossClusterSearches:
    """Searches other clusters by `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def search(self, service: SearchService, call: SearchCall) -> dict[str, Any]:
        """See `isthmus.search.service.OtherClusters`. Nothing is sent unless every cluster may be asked."""
        began = time.monotonic()
        meant = self._asking.split(call.indices or "")
        request, _ = service.parsed(call)
        _check_lookups(service, call)
        asked = self._asked(call, request, meant, service.clock())
        timeout = LONGEST if request.timeout is None else request.timeout + GRACE
        found = await _together(
            *([_locally(service, call, meant.local)] if meant.local is not None else []),
            *(_remotely(one, request, timeout) for one in asked),
        )
        result = _merged(request, [one.result for one in found])
        service.check(call, result)
        answer = service.answer(call, request, result, began, service.clock())
        return _with_clusters(answer, found) if asked else answer

    def _asked(self, call: SearchCall, request: SearchRequest, meant: Split, now: int) -> list[_Asked]:
        if not meant.remote:
            return []
        source = source_of(json_of(call.body) or {}, request, call.parameters)
        asked = []
        for alias, indices in meant.remote.items():
            message = search_request(alias, indices, call.options, source, allow_partial=call.allow_partial, now=now)
            asked.append(_Asked(self._asking.asker(alias, SEARCH), indices, SEARCH_REQUEST.encode(message)))
        return asked


async def _together(*searches: Coroutine[Any, Any, ClusterResult]) -> list[ClusterResult]:
    """The first that fails ends the others."""
    tasks = [asyncio.ensure_future(one) for one in searches]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


async def _locally(service: SearchService, call: SearchCall, indices: str) -> ClusterResult:
    began = time.monotonic()
    found = await service.found(replace(call, indices=indices))
    exact = {name: settled(part) for name, part in found.result.aggregations.items()}
    result = msgspec.structs.replace(found.result, aggregations=exact)
    return ClusterResult("", indices, result, took=int((time.monotonic() - began) * 1000))


async def _remotely(asked: _Asked, request: SearchRequest, timeout: float) -> ClusterResult:
    """A cluster that may be skipped is a failure of its own; any other that fails ends the search."""
    try:
        response = SEARCH_RESPONSE.decode(await asked.asker.ask(asked.body, timeout))
        result = result_of(asked.alias, request, response)
    except IsthmusError as error:
        if not asked.asker.may_be_skipped:
            raise
        return ClusterResult(asked.alias, asked.indices, failure=_failure(asked, error))
    return ClusterResult(asked.alias, asked.indices, result, took=response["took"])


def _failure(asked: _Asked, error: IsthmusError) -> Failure:
    return Failure(index=asked.alias, type=error.type, reason=error.reason, status=error.status)


def _merged(request: SearchRequest, results: Sequence[PartialResult]) -> PartialResult:
    merged = reduce(request, results)
    hits = sorted((hit for one in results for hit in one.hits), key=_place)
    ordered = best_first(hits, request.sort)
    if request.collapse is not None:
        return merged
    return msgspec.structs.replace(merged, hits=ordered[: request.from_ + request.size])


def _place(hit: Hit) -> tuple[str, bool, str]:
    """Hits that compare as equal come by their index, those of other clusters before our own."""
    alias, colon, index = hit.index.rpartition(":")
    return index, not colon, alias


def _with_clusters(answer: dict[str, Any], found: Sequence[ClusterResult]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in answer.items():
        told[name] = value
        if name == "_shards":
            told["_clusters"] = clusters_json(found)
    return told


def _check_lookups(service: SearchService, call: SearchCall) -> None:
    parsed = parsed_search(call.body, call.parameters, service.rules().bounds)
    if parsed.lookups:
        raise UsageError(
            "a [terms] lookup in a search across clusters is not supported", hint="give the terms themselves"
        )
