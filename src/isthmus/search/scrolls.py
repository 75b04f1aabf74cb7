"""Scrolls: all hits of a search page by page, over indices as they were at first.

The node that was asked first keeps a scroll: what was asked, the contexts of the nodes that hold the indices, and how
far each index was shown. Any node passes a client on to it.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/scroll-api.html
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from isthmus.cluster.indices.holder import Holders
from isthmus.query.partial import PartialResult
from isthmus.query.search_request import SearchRequest
from isthmus.search.asking import ask, close_contexts, keep_contexts
from isthmus.search.call import SearchCall
from isthmus.search.contexts import Contexts, SearchContextMissingError
from isthmus.search.counted import NAME, says_how_far
from isthmus.search.messages import CLEAR_SCROLLS, NEXT_PAGE, Cleared, ClearScrolls, NextPage, Rendered
from isthmus.search.paging import Positions, gone_on, page_of, placed, without_tie_breaker
from isthmus.search.part import SearchPart
from isthmus.search.planning import kept_parts
from isthmus.search.points import open_contexts
from isthmus.search.service import SearchService
from isthmus.search.tokens import Kept, KeptIndices, ScrollToken, from_text, to_text
from isthmus.search.validation import check_scroll
from isthmus.security.acting import acting
from isthmus.security.forwarding.system import as_system
from isthmus.security.limited import check_profile
from isthmus.security.subject import Authentication, is_same

NAME_OF_ID = "scroll id"


@dataclass(slots=True)
class _Scroll:
    owner: Authentication
    call: SearchCall
    request: SearchRequest
    parameters: Mapping[str, str]
    now: int
    boosts: Mapping[str, float]
    contexts: tuple[KeptIndices, ...]
    first: PartialResult | None = None
    positions: Positions = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Scrolls:
    """The scrolls that this node, of id `me`, keeps, and the way to those that others keep; `members` are all ids."""

    def __init__(self, me: str, service: SearchService, holders: Holders, members: Callable[[], Iterable[str]]) -> None:
        self._me = me
        self._service = service
        self._holders = holders
        self._members = members
        self._kept: Contexts[_Scroll] = Contexts(self._let_go, lambda: service.rules().max_open_contexts)
        self._closing: set[asyncio.Task[Any]] = set()
        holders.serve(NEXT_PAGE, self._next)
        holders.serve(CLEAR_SCROLLS, self._clear)

    async def open(self, call: SearchCall, keep_alive: float) -> dict[str, Any]:
        """Return the first page, with the id of the scroll. Raises as `SearchService.search`, TooManyContextsError."""
        parameters = call.parameters if says_how_far(call) else {**call.parameters, NAME: "true"}
        call = replace(call, parameters=parameters)
        request, parameters = self._service.parsed(call)
        check_scroll(request)
        self._kept.check_room()
        resolved = self._service.readable(call.indices or "_all", call.options)
        if request.profile:
            check_profile(one.names for one in resolved)
        boosts = self._service.boosts(call, request)
        contexts = await open_contexts(self._service.targets, resolved, keep_alive)
        scroll = _Scroll(acting().authentication, call, request, parameters, self._service.clock(), boosts, contexts)
        try:
            page = await self._page(scroll)
            kept = self._kept.keep(scroll, keep_alive)
        except BaseException:
            self._let_go(scroll)
            raise
        return {"_scroll_id": to_text(ScrollToken(Kept(self._me, kept))), **page}

    async def next(self, scroll_id: str, keep_alive: float | None, *, total_as_int: bool) -> msgspec.Raw:
        """Return the next page, from whichever node keeps the scroll. Raises SearchContextMissingError."""
        kept = from_text(scroll_id, ScrollToken, NAME_OF_ID).kept
        asked = NextPage(kept.context, keep_alive, total_as_int)
        found = await self._holders.ask_node(kept.node, "the scroll cannot go on", NEXT_PAGE, asked, timeout=3600.0)
        return msgspec.Raw(found.body)

    async def clear(self, scroll_ids: Sequence[str]) -> int:
        """Let go of scrolls and return of how many there were."""
        by_node: dict[str, list[str]] = {}
        for one in scroll_ids:
            kept = from_text(one, ScrollToken, NAME_OF_ID).kept
            by_node.setdefault(kept.node, []).append(kept.context)
        return await self._ask_to_clear({node: ClearScrolls(tuple(ids)) for node, ids in by_node.items()})

    async def clear_all(self) -> int:
        """Let go of every scroll of the cluster and return how many there were."""
        return await self._ask_to_clear({node: ClearScrolls() for node in self._members()})

    async def close(self) -> None:
        """Let go of all that this node keeps."""
        self._kept.clear()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _ask_to_clear(self, asked: Mapping[str, ClearScrolls]) -> int:
        answers = await asyncio.gather(
            *(
                self._holders.ask_node(node, "scrolls cannot be closed", CLEAR_SCROLLS, request)
                for node, request in asked.items()
            ),
            return_exceptions=True,
        )
        # A node that is away keeps none any more.
        return sum(one.count for one in answers if isinstance(one, Cleared))

    async def _next(self, asked: NextPage) -> Rendered:
        scroll = self._kept.use(asked.scroll)
        if not is_same(scroll.owner, acting().authentication):
            raise SearchContextMissingError(f"No search context found for id [{asked.scroll[:50]}]")
        self._kept.use(asked.scroll, asked.keep_alive)
        if asked.keep_alive is not None:
            await keep_contexts(self._service.targets, scroll.contexts, asked.keep_alive)
        scroll_id = to_text(ScrollToken(Kept(self._me, asked.scroll)))
        async with scroll.turn:
            scroll.call = replace(scroll.call, total_as_int=asked.total_as_int)
            page = await self._page(scroll)
        return Rendered(msgspec.json.encode({"_scroll_id": scroll_id, **page}))

    async def _clear(self, asked: ClearScrolls) -> Cleared:
        if asked.scrolls is None:
            return Cleared(self._kept.clear())
        return Cleared(sum(self._kept.drop(one) for one in asked.scrolls))

    async def _page(self, scroll: _Scroll) -> dict[str, Any]:
        began = time.monotonic()
        further = scroll.first is not None
        request = page_of(scroll.request, scroll.request.size, further=further)
        result = await ask(
            self._service.targets, request, {one.node: self._part(scroll, one) for one in scroll.contexts}
        )
        self._service.check(scroll.call, result)
        scroll.positions = gone_on(scroll.positions, result.hits, by_values=bool(request.sort))
        if scroll.first is None:
            scroll.first = PartialResult(
                total=result.total, total_is_exact=result.total_is_exact, max_score=result.max_score
            )
        result.hits = without_tie_breaker(scroll.request, result.hits)
        first = scroll.first
        result.total, result.total_is_exact, result.max_score = first.total, first.total_is_exact, first.max_score
        shown = replace(scroll.request, aggregations=request.aggregations)
        return self._service.answer(scroll.call, shown, result, began, scroll.now)

    def _part(self, scroll: _Scroll, kept: KeptIndices) -> SearchPart:
        return SearchPart(
            indices=tuple(placed(one, scroll.positions) for one in kept_parts(kept, scroll.boosts)),
            body=scroll.call.body,
            now=scroll.now,
            parameters=dict(scroll.parameters),
            context=kept.context,
            page=scroll.request.size,
            further=scroll.first is not None,
        )

    def _let_go(self, scroll: _Scroll) -> None:
        closing: Coroutine[Any, Any, int] = close_contexts(self._service.targets, scroll.contexts)
        with as_system("indices:data/read/scroll/clear"):  # it may be over while somebody else asks
            task = asyncio.get_running_loop().create_task(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
