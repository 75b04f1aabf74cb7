"""The indices of one node of the cluster, this one or another, asked by the same messages."""

from __future__ import annotations

from isthmus.cluster.indices.holder import Holders
from isthmus.query.partial import PartialResult
from isthmus.search.messages import KEEP, OPEN, SEARCH, ContextKept, ContextOpened, KeepContext
from isthmus.search.part import OpenContext, SearchPart
from isthmus.search.target import Target

SECONDS = 3600.0  # a search may take long; how long it may is for the request to say


class NodeTarget:
    """Asks the node of id `node`; of this node itself its own handlers are called."""

    def __init__(self, node: str, holders: Holders) -> None:
        self._node = node
        self._holders = holders

    async def search(self, part: SearchPart) -> PartialResult:
        """Search; raises HolderAwayError, and what the node answers."""
        return await self._holders.ask_node(self._node, _why(part), SEARCH, part, timeout=SECONDS)

    async def open_context(self, context: OpenContext) -> str:
        """Keep indices as they are now; raises as `search`."""
        return (await self._holders.ask_node(self._node, _why(context), OPEN, context)).id

    async def keep_context(self, context_id: str, keep_alive: float) -> bool:
        """Keep a context for so long from now; tell whether there was one."""
        return await self._keep(KeepContext(context_id, keep_alive))

    async def close_context(self, context_id: str) -> bool:
        """Let go of a context; tell whether there was one."""
        return await self._keep(KeepContext(context_id))

    async def _keep(self, request: KeepContext) -> bool:
        return (await self._holders.ask_node(self._node, "a search context cannot be reached", KEEP, request)).found


def serve(holders: Holders, local: Target) -> None:
    """Answer for `local`, this node's own indices."""

    async def open_(request: OpenContext) -> ContextOpened:
        return ContextOpened(await local.open_context(request))

    async def keep(request: KeepContext) -> ContextKept:
        if request.keep_alive is None:
            return ContextKept(await local.close_context(request.id))
        return ContextKept(await local.keep_context(request.id, request.keep_alive))

    holders.serve(SEARCH, local.search)
    holders.serve(OPEN, open_)
    holders.serve(KEEP, keep)


def _why(part: SearchPart | OpenContext) -> str:
    names = [one.name for one in part.indices[:3]]
    return f"[{', '.join(names)}{', …' if len(part.indices) > len(names) else ''}] cannot be searched"
