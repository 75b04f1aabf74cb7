"""Searches over indices wherever they are: planned here, asked of their holders, reduced and answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from isthmus.index.metadata.blocks import check_blocks
from isthmus.index.metadata.expressions import Options, Resolved, names_others
from isthmus.query.dates import RequestDates
from isthmus.query.partial import PartialResult, opened
from isthmus.query.search_request import PointInTime, SearchRequest
from isthmus.search.asking import Targets, ask, ask_sealed, close_contexts, keep_contexts
from isthmus.search.call import SearchCall
from isthmus.search.counted import counted_parameters
from isthmus.search.failures import check_failures
from isthmus.search.parsing import parsed_search
from isthmus.search.part import SearchPart
from isthmus.search.planning import boosts_of, grouped, kept_parts
from isthmus.search.points import open_contexts
from isthmus.search.response import answer
from isthmus.search.rules import Rules
from isthmus.search.shown import ShownAnswers
from isthmus.search.tokens import PointInTimeToken, from_text, to_text
from isthmus.search.validation import check_point_in_time
from isthmus.security.acting import check_seen, doing
from isthmus.security.limited import check_profile

LOOKUP = "indices:data/read/get"
Resolve = Callable[[str, Options], Sequence[Resolved]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: `uuids` are those of the indices that were searched, by name; `now` is its moment (ms)."""

    request: SearchRequest
    result: PartialResult
    uuids: Mapping[str, str]
    now: int


class OtherClusters(Protocol):
    """Searches indices of this cluster and of others together."""

    async def search(self, service: SearchService, call: SearchCall) -> dict[str, Any]:
        """Return the answer. Raises as `SearchService.search`."""


class SearchService:
    """`resolve` is the catalogue's, `targets` gives the place of a node, `clock` the milliseconds since 1970."""

    def __init__(
        self,
        resolve: Resolve,
        targets: Targets,
        rules: Rules,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.resolve = resolve
        self.targets = targets
        self.rules = rules
        self.clock = clock
        self.others: OtherClusters | None = None
        self._shown = ShownAnswers()

    async def search(self, call: SearchCall) -> dict[str, Any]:
        """Return the answer of `_search`, also of indices of other clusters, where there are `others`.

        Raises IndexNotFoundError, UsageError for a request that is wrong, and SearchPhaseError where nothing could be
        searched, or not all and partial answers are not wanted.
        """
        if self.others is not None and names_others(call.indices):
            return await self.others.search(self, call)
        began = time.monotonic()
        request, parameters = self.parsed(call)
        now = self.clock()
        if request.point_in_time is not None:
            result, point = await self._in_point_in_time(call, request, request.point_in_time, parameters, now)
        else:
            resolved = self.readable(call.indices or "_all", call.options)
            result, point = await self._in_indices(call, request, resolved, parameters, now), {}
        if result.sealed is not None:
            return self._again(call, request, result, began, now)
        self.check(call, result)
        return point | self.answer(call, request, result, began, now)

    async def found(self, call: SearchCall, *, only: str | None = None) -> Found:
        """Return what a search found, before it is an answer; `only` in one index of those that it names.

        Raises as `search`.
        """
        request, parameters = self.parsed(call)
        now = self.clock()
        resolved = self.readable(call.indices or "_all", call.options)
        if only is not None:
            resolved = [one for one in resolved if one.index.name == only]
        result = opened(await self._in_indices(call, request, resolved, parameters, now))
        self.check(call, result)
        return Found(request, result, {one.index.name: one.index.uuid for one in resolved}, now)

    def _again(
        self, call: SearchCall, request: SearchRequest, result: PartialResult, began: float, now: int
    ) -> dict[str, Any]:
        """Return the answer to a result that was remembered: the one that was made of it before, if it is kept."""
        parameters = tuple(sorted(call.parameters.items()))
        key = (call.body, parameters, call.typed_keys, call.total_as_int, self.rules().max_buckets, result.sealed)
        known = self._shown.get(key, took=int((time.monotonic() - began) * 1000))
        if known is not None:
            return known
        answer = self.answer(call, request, opened(result), began, now)
        self._shown.keep(key, answer)
        return answer

    def readable(self, indices: str, options: Options) -> Sequence[Resolved]:
        """Return the indices to be searched. Raises as `resolve`, IndexBlockedError for one that may not be read."""
        found = self.resolve(indices, options)
        check_blocks((one.index for one in found), "read")
        return found

    def parsed(self, call: SearchCall) -> tuple[SearchRequest, Mapping[str, str]]:
        """Return the request of a call, and the parameters by which targets parse it too."""
        bounds = self.rules().bounds
        parameters = counted_parameters(call, bounds)
        parsed = parsed_search(call.body, parameters, bounds)
        with doing(LOOKUP):
            check_seen(lookup.index for lookup in parsed.lookups)
        return parsed.request, parameters

    def check_call(self, call: SearchCall) -> None:
        """Raise UsageError for a call that is wrong whatever there is to be searched."""
        request, _ = self.parsed(call)
        if request.point_in_time is not None:
            check_point_in_time(call)

    def check(self, call: SearchCall, result: PartialResult) -> None:
        """Raise SearchPhaseError if a result may not be answered."""
        allowed = self.rules().allow_partial_results if call.allow_partial is None else call.allow_partial
        check_failures(result, allow_partial=allowed)

    def answer(
        self, call: SearchCall, request: SearchRequest, result: PartialResult, began: float, now: int
    ) -> dict[str, Any]:
        """Return a result as the answer of a call that `began` then, its dates as of `now`."""
        return answer(
            request,
            result,
            took=int((time.monotonic() - began) * 1000),
            dates=RequestDates(now),
            max_buckets=self.rules().max_buckets,
            typed_keys=call.typed_keys,
            total_as_int=call.total_as_int,
        )

    def boosts(self, call: SearchCall, request: SearchRequest) -> dict[str, float]:
        """Return what `indices_boost` says of each index."""
        return boosts_of(request.indices_boost, lambda expression: self.resolve(expression, call.options))

    async def open_point_in_time(self, indices: str, options: Options, keep_alive: float) -> dict[str, Any]:
        """Return the answer of `POST /{index}/_pit`. Raises IndexNotFoundError, SearchPhaseError."""
        contexts = await open_contexts(self.targets, self.readable(indices, options), keep_alive)
        count = sum(len(one.indices) for one in contexts)
        shards = {"total": count, "successful": count, "skipped": 0, "failed": 0}
        return {"id": to_text(PointInTimeToken(contexts)), "_shards": shards}

    async def close_point_in_time(self, point_in_time: str) -> int:
        """Close a point in time and return of how many indices it was."""
        token = from_text(point_in_time, PointInTimeToken, "point in time id")
        return await close_contexts(self.targets, token.contexts)

    async def _in_indices(
        self,
        call: SearchCall,
        request: SearchRequest,
        resolved: Sequence[Resolved],
        parameters: Mapping[str, str],
        now: int,
    ) -> PartialResult:
        if request.profile and not call.validates:
            check_profile(one.names for one in resolved)
        groups = grouped(resolved, self.boosts(call, request))
        parts = {node: SearchPart(parts, call.body, now, dict(parameters)) for node, parts in groups.items()}
        return await ask_sealed(self.targets, request, parts)

    async def _in_point_in_time(
        self, call: SearchCall, request: SearchRequest, point: PointInTime, parameters: Mapping[str, str], now: int
    ) -> tuple[PartialResult, dict[str, Any]]:
        check_point_in_time(call)
        token = from_text(point.id, PointInTimeToken, "point in time id")
        names = [name for one in token.contexts for name, _ in one.indices]
        check_seen(names)
        if request.profile:
            check_profile((name,) for name in names)
        if point.keep_alive is not None:
            await keep_contexts(self.targets, token.contexts, point.keep_alive)
        boosts = self.boosts(call, request)
        parts = {
            one.node: SearchPart(kept_parts(one, boosts, by_name=True), call.body, now, dict(parameters), one.context)
            for one in token.contexts
        }
        return await ask(self.targets, request, parts), {"pit_id": point.id}
