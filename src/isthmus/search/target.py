"""Where a search runs: a set of indices at one place."""

from __future__ import annotations

from typing import Protocol

from isthmus.query.partial import PartialResult
from isthmus.search.part import OpenContext, SearchPart


class Target(Protocol):
    """A place with indices. An index that cannot be searched is a failure in the answer, not an error."""

    async def search(self, part: SearchPart) -> PartialResult:
        """Search; raises UnavailableError if the place cannot be reached, UsageError for a request that is wrong."""

    async def open_context(self, context: OpenContext) -> str:
        """Keep indices as they are and return the id by which `SearchPart.context` means them."""

    async def keep_context(self, context_id: str, keep_alive: float) -> bool:
        """Keep a context for so many seconds from now; tell whether there was one."""

    async def close_context(self, context_id: str) -> bool:
        """Let go of a context; tell whether there was one."""
