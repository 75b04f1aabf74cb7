"""Searches that go on while nobody waits, and whose answers are kept by the node that was asked.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/async-search.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from isthmus.cluster.indices.holder import Holders
from isthmus.errors import IsthmusError, UsageError
from isthmus.search.call import SearchCall
from isthmus.search.contexts import Contexts, SearchContextMissingError
from isthmus.search.messages import ASYNC, AskAsync, Rendered
from isthmus.search.service import SearchService
from isthmus.search.tokens import AsyncToken, Kept, from_text, to_text
from isthmus.security.acting import acting
from isthmus.security.subject import Authentication, is_same

MAX_WAIT = 3600.0
NAME_OF_ID = "async search id"


class AsyncSearchMissingError(UsageError):
    """An asynchronous search is not kept (any more)."""

    type = "resource_not_found_exception"
    status = 404


@dataclass(slots=True)
class _Running:
    owner: Authentication
    task: asyncio.Task[dict[str, Any]]
    began: int
    keep_alive: float
    id: str = ""
    ended: int | None = None


class AsyncSearches:
    """The asynchronous searches of this node, of id `me`, and the way to those of others.

    `told(error)` is the body that tells a client of an error.
    """

    def __init__(
        self, me: str, service: SearchService, holders: Holders, told: Callable[[IsthmusError], dict[str, Any]]
    ) -> None:
        self._me = me
        self._service = service
        self._holders = holders
        self._told = told
        self._kept: Contexts[_Running] = Contexts(_cancel, lambda: service.rules().max_open_contexts)
        holders.serve(ASYNC, self._ask)

    async def submit(self, call: SearchCall, wait: float, keep_alive: float, *, keep: bool) -> Rendered:
        """Begin a search and wait for it a while; `keep` it even if it is done by then.

        Raises TooManyContextsError, and UsageError for a request that is wrong.
        """
        self._service.check_call(call)
        self._kept.check_room()
        running = _Running(
            acting().authentication,
            asyncio.create_task(self._service.search(call)),
            self._service.clock(),
            keep_alive,
        )
        running.task.add_done_callback(lambda _: setattr(running, "ended", self._service.clock()))
        kept = self._kept.keep(running, keep_alive)
        running.id = to_text(AsyncToken(Kept(self._me, kept)))
        try:
            await asyncio.wait([running.task], timeout=wait)
        except asyncio.CancelledError:
            self._kept.drop(kept)
            raise
        if running.task.done() and not keep:
            rendered = self._answer(running, with_id=False)
            self._kept.drop(kept)
            return rendered
        return self._answer(running)

    async def ask(self, id_: str, asked: AskAsync) -> Rendered:
        """Get, look at or delete a search wherever it is kept. Raises AsyncSearchMissingError."""
        kept = from_text(id_, AsyncToken, NAME_OF_ID).kept
        meant = msgspec.structs.replace(asked, id=kept.context)
        return await self._holders.ask_node(
            kept.node, "the asynchronous search cannot be asked for", ASYNC, meant, timeout=MAX_WAIT + 60
        )

    def close(self) -> None:
        """End all that still run."""
        self._kept.clear()

    async def _ask(self, asked: AskAsync) -> Rendered:
        try:
            running = self._kept.use(asked.id)
        except SearchContextMissingError as cause:
            raise _missing(asked.id) from cause
        if not is_same(running.owner, acting().authentication):
            raise _missing(asked.id)
        self._kept.use(asked.id, asked.keep_alive)
        running.keep_alive = running.keep_alive if asked.keep_alive is None else asked.keep_alive
        if asked.what == "delete":
            self._kept.drop(asked.id)
            return Rendered(msgspec.json.encode({"acknowledged": True}))
        if asked.what == "status":
            return self._status(running)
        if asked.wait > 0:
            await asyncio.wait([running.task], timeout=min(asked.wait, MAX_WAIT))
        return self._answer(running)

    def _answer(self, running: _Running, *, with_id: bool = True) -> Rendered:
        told = self._state(running)
        if not with_id:
            del told["id"]
        outcome = self._outcome(running)
        if isinstance(outcome, IsthmusError):
            told["error"] = self._told(outcome)["error"]
            return Rendered(msgspec.json.encode(told), outcome.status)
        told["response"] = outcome
        return Rendered(msgspec.json.encode(told))

    def _status(self, running: _Running) -> Rendered:
        told = self._state(running)
        outcome = self._outcome(running)
        if isinstance(outcome, IsthmusError):
            told["completion_status"] = outcome.status
        else:
            told["_shards"] = outcome["_shards"]
            if running.task.done():
                told["completion_status"] = 200
        return Rendered(msgspec.json.encode(told))

    def _state(self, running: _Running) -> dict[str, Any]:
        outcome = self._outcome(running)
        done = running.task.done()
        state: dict[str, Any] = {
            "id": running.id,
            "is_partial": not done or isinstance(outcome, IsthmusError) or bool(outcome["_shards"]["failed"]),
            "is_running": not done,
            "start_time_in_millis": running.began,
            "expiration_time_in_millis": self._service.clock() + int(running.keep_alive * 1000),
        }
        return state | ({"completion_time_in_millis": running.ended or running.began} if done else {})

    def _outcome(self, running: _Running) -> dict[str, Any] | IsthmusError:
        if not running.task.done():
            return _nothing_yet(self._service.clock() - running.began)
        if running.task.cancelled():  # deleted, or over, while it was waited for
            raise _missing(running.id)
        error = running.task.exception()
        if error is None:
            return running.task.result()
        if isinstance(error, IsthmusError):
            return error
        raise error


def _nothing_yet(took: int) -> dict[str, Any]:
    return {
        "took": took,
        "timed_out": False,
        "_shards": {"total": 0, "successful": 0, "skipped": 0, "failed": 0},
        "hits": {"total": {"value": 0, "relation": "gte"}, "max_score": None, "hits": []},
    }


def _missing(id_: str) -> AsyncSearchMissingError:
    return AsyncSearchMissingError(f"async search [{id_}] is not kept", hint="it was deleted, or is over")


def _cancel(running: _Running) -> None:
    running.task.cancel()
