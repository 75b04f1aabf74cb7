"""What a node keeps open for points in time and scrolls, until it has not been used for a while."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from isthmus.errors import UsageError

Held = TypeVar("Held")
MAX_KEEP_ALIVE = 24 * 3600.0


class SearchContextMissingError(UsageError):
    """A point in time or scroll is not kept (any more)."""

    type = "search_context_missing_exception"
    status = 404


class TooManyContextsError(UsageError):
    """So many contexts are open that no more may be."""

    type = "too_many_scroll_contexts_exception"
    status = 429


@dataclass(slots=True)
class _Context(Generic[Held]):
    held: Held
    keep_alive: float
    until: float


class Contexts(Generic[Held]):
    """Contexts by id. `close(held)` lets go of one; `limit()` is how many may be open now."""

    def __init__(
        self,
        close: Callable[[Held], object],
        limit: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._close = close
        self._limit = limit
        self._clock = clock
        self._contexts: dict[str, _Context[Held]] = {}

    def __len__(self) -> int:
        return len(self._contexts)

    def check_room(self) -> None:
        """Raise TooManyContextsError if no other context may be opened."""
        self.sweep()
        if len(self._contexts) >= self._limit():
            raise TooManyContextsError(
                f"Trying to create too many search contexts. Must be less than or equal to: [{self._limit()}].",
                hint="close points in time and scrolls that are done, or raise [search.max_open_scroll_context]",
            )

    def keep(self, held: Held, keep_alive: float) -> str:
        """Keep `held` for `keep_alive` seconds after each use and return its id."""
        check_keep_alive(keep_alive)
        self.check_room()
        context_id = secrets.token_urlsafe(16)
        self._contexts[context_id] = _Context(held, keep_alive, self._clock() + keep_alive)
        return context_id

    def use(self, context_id: str, keep_alive: float | None = None) -> Held:
        """Return what is kept, for another while. Raises SearchContextMissingError."""
        self.sweep()
        context = self._contexts.get(context_id)
        if context is None:
            raise SearchContextMissingError(
                f"No search context found for id [{context_id[:50]}]", hint="it was closed, or not used in time"
            )
        if keep_alive is not None:
            check_keep_alive(keep_alive)
            context.keep_alive = keep_alive
        context.until = self._clock() + context.keep_alive
        return context.held

    def drop(self, context_id: str) -> bool:
        """Let go of a context; tell whether there was one."""
        self.sweep()
        context = self._contexts.pop(context_id, None)
        if context is not None:
            self._close(context.held)
        return context is not None

    def sweep(self) -> None:
        """Let go of those whose time is over."""
        now = self._clock()
        for context_id in [one for one, context in self._contexts.items() if context.until < now]:
            self._close(self._contexts.pop(context_id).held)

    def clear(self) -> int:
        """Let go of all and return how many there were."""
        count = len(self._contexts)
        for context_id in list(self._contexts):
            self._close(self._contexts.pop(context_id).held)
        return count


def check_keep_alive(seconds: float) -> None:
    """Raise UsageError if contexts may not be kept for so long."""
    if not 0 < seconds <= MAX_KEEP_ALIVE:
        raise UsageError(
            f"Keep alive for request ({seconds:g}s) is too large. It must be less than ({MAX_KEEP_ALIVE:g}s)"
            if seconds > 0
            else "keep alive must be positive"
        )
