"""The indices that this node holds, searched in threads."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Hashable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, Final

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.documents import Documents
from isthmus.cluster.indices.messages import IndexName
from isthmus.errors import IsthmusError
from isthmus.index.metadata.index_settings import value_of
from isthmus.index.searching.search_view import Asked, ViewSearch
from isthmus.query.lookups import lookups_of, with_values
from isthmus.query.partial import PartialResult, opened
from isthmus.query.search_request import SearchRequest
from isthmus.query.tree import Query
from isthmus.search.contexts import Contexts, SearchContextMissingError
from isthmus.search.failures import all_failed
from isthmus.search.paging import page_of
from isthmus.search.parsing import Parsed, filter_of, parsed_search
from isthmus.search.part import IndexPart, OpenContext, SearchPart
from isthmus.search.places import with_index_place, within_index
from isthmus.search.reduce import reduce
from isthmus.search.rules import Rules
from isthmus.search.targets.looked_up import looked_up
from isthmus.search.targets.remembered import key_of, remember, remembered
from isthmus.search.targets.views import Kept, KeptViews, Shards
from isthmus.search.window import check_window
from isthmus.security.acting import Acting, acting
from isthmus.security.authorization.limits import Limits

log = logging.getLogger(__name__)

SEARCH_ACTION: Final = "indices:data/read/search"
"""However documents are searched, those are seen that one may search."""


class UnexpectedSearchError(IsthmusError):
    """A fault of this program, or of the engine beneath. What it is goes to the log only."""

    type = "search_exception"


@dataclass(frozen=True, slots=True)
class _Search:
    """What all indices of one search share."""

    node: str
    request: SearchRequest
    now: int
    deadline: float | None
    page: int | None
    who: Acting
    key: Hashable | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """An index to be searched: its view, what of it there is to search, and by what the answer is remembered."""

    kept: Kept
    filters: tuple[Query, ...]
    limits: Limits | None
    key: Hashable | None


class LocalTarget:
    """Searches the indices of node `node`, which `shards` opens; `threads` bounds how many at once."""

    def __init__(
        self, node: str, catalogue: Catalogue, shards: Shards, documents: Documents, rules: Rules, threads: Executor
    ) -> None:
        self._node = node
        self._catalogue = catalogue
        self._shards = shards
        self._documents = documents
        self._rules = rules
        self._threads = threads
        self.contexts: Contexts[KeptViews] = Contexts(KeptViews.close, lambda: rules().max_open_contexts)

    async def search(self, part: SearchPart) -> PartialResult:
        """Search; an index that cannot be searched is a failure in the answer.

        Raises UsageError for a request that is wrong, SearchContextMissingError.
        """
        kept = None if part.context is None else self.contexts.use(part.context)
        bounds = self._rules().bounds
        parsed = parsed_search(part.body, part.parameters, bounds)
        request = await self._complete(parsed)
        if part.page is not None:
            request = page_of(request, part.page, further=part.further)
        timeout = self._rules().timeout if request.timeout is None else request.timeout
        search = _Search(
            self._node,
            request,
            part.now,
            None if timeout is None else time.monotonic() + timeout,
            part.page,
            acting(),
            key_of(part, parsed, request),
        )
        results = await asyncio.gather(*(self._index(search, one, kept) for one in part.indices))
        return results[0] if len(results) == 1 else reduce(request, [opened(one) for one in results])

    async def open_context(self, context: OpenContext) -> str:
        """Keep indices as they are now. Raises TooManyContextsError, and why an index cannot be kept."""
        self.contexts.check_room()
        kept = KeptViews()
        try:
            for one in context.indices:
                shard = await self._shards.shard(IndexName(one.name, one.uuid))
                kept.keep(Kept(one, shard, await shard.view()))
            return self.contexts.keep(kept, context.keep_alive)
        except BaseException:
            kept.close()
            raise

    async def keep_context(self, context_id: str, keep_alive: float) -> bool:
        """Keep a context for so long from now; tell whether there was one."""
        try:
            self.contexts.use(context_id, keep_alive)
        except IsthmusError:
            return False
        return True

    async def close_context(self, context_id: str) -> bool:
        """Let go of a context; tell whether there was one."""
        return self.contexts.drop(context_id)

    async def _complete(self, parsed: Parsed) -> SearchRequest:
        if not parsed.lookups:
            return parsed.request
        return with_values(parsed.request, await looked_up(parsed.lookups, self._catalogue, self._documents))

    async def _index(self, search: _Search, part: IndexPart, context: KeptViews | None) -> PartialResult:
        try:
            kept = await self._kept(part, context)
        except IsthmusError as error:
            return all_failed([part.name], error, self._node)
        try:
            limits = search.who.limits(SEARCH_ACTION, part.names or kept.part.names or (part.name,))
            filters, lookups = await self._filters(kept.part)
        except BaseException as error:
            kept.shard.views.give_back(kept.view)
            if not isinstance(error, IsthmusError):
                raise
            return all_failed([part.name], error, self._node)
        key = None if lookups else _key(search, kept, limits)
        known = None if key is None else remembered(kept.view, key)
        if known is not None:
            kept.shard.views.give_back(kept.view)
            return known
        running = asyncio.get_running_loop().run_in_executor(
            self._threads, self._run, search, part, _Found(kept, filters, limits, key)
        )
        # What runs gives its view back itself, so it must run, whoever still waits for it.
        return await asyncio.shield(running)

    async def _kept(self, part: IndexPart, context: KeptViews | None) -> Kept:
        if context is not None:
            held = context.again(part.name)
            if held is None:
                raise SearchContextMissingError(f"No search context found for index [{part.name}]")
            return held
        name = IndexName(part.name, part.uuid)
        self._catalogue.of(name.name, name.uuid)
        shard = await self._shards.shard(name)
        return Kept(part, shard, await shard.view())

    async def _filters(self, part: IndexPart) -> tuple[tuple[Query, ...], bool]:
        """Return the filters of aliases, and whether other documents were read for them."""
        filters = tuple(filter_of(one, self._rules().bounds) for one in part.filters)
        lookups = lookups_of(filters) if filters else []
        if not lookups:
            return filters, False
        return with_values(filters, await looked_up(lookups, self._catalogue, self._documents)), True

    def _run(self, search: _Search, part: IndexPart, found: _Found) -> PartialResult:
        kept = found.kept
        try:
            result = _searched(search, part, found)
            if found.key is not None:
                remember(kept.view, found.key, result)
            return result
        except IsthmusError as error:
            return all_failed([part.name], error, self._node)
        except BaseException:  # the engine's panics are no Exceptions
            log.exception("[%s] a search failed unexpectedly", part.name)
            unexpected = UnexpectedSearchError("the search failed for an unexpected reason, see the node's log")
            return all_failed([part.name], unexpected, self._node)
        finally:
            kept.shard.views.give_back(kept.view)


def profile(node: str, index: str, query: Query, description: str, nanoseconds: int) -> dict[str, Any]:
    """Return what is told of the time that an index took: for the whole of it, as one part."""
    told = {"type": type(query).__name__, "description": description, "time_in_nanos": nanoseconds, "breakdown": {}}
    return {
        "id": f"[{node}][{index}][0]",
        "node_id": node,
        "index": index,
        "shard_id": 0,
        "searches": [{"query": [told], "rewrite_time": 0, "collector": []}],
        "aggregations": [],
    }


def _key(search: _Search, kept: Kept, limits: Limits | None) -> Hashable | None:
    """Who sees less than another is told another answer."""
    if search.key is None or (limits is not None and limits.key is None):
        return None
    return search.key, kept.key, None if limits is None else limits.key


def _searched(search: _Search, part: IndexPart, found: _Found) -> PartialResult:
    request, kept = search.request, found.kept
    check_window(request, search.page, value_of(kept.shard.index.settings, "index.max_result_window"))
    if part.after is not None:
        request = replace(request, search_after=part.after)
    elif search.page is None:
        request = within_index(request, part.place)
    asked = Asked(
        request=request,
        now=search.now,
        filters=found.filters,
        boost=part.boost,
        count=request.from_ + request.size,
        skip=part.skip,
        deadline=search.deadline,
    )
    began = time.monotonic_ns()
    searching = ViewSearch(kept.shard.index, kept.view, kept.shard.sources, search.now, found.limits)
    result = searching.search(asked)
    if request.profile:
        description = searching.explain_query(request.query)
        result.profile = [profile(search.node, part.name, request.query, description, time.monotonic_ns() - began)]
    if search.page is None:
        result.hits = with_index_place(result.hits, request.sort, part.place)
    return result
