"""The node that holds an index, here or elsewhere: one way to ask it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from isthmus.cluster.indices.messages import IndexName
from isthmus.cluster.messages import Member
from isthmus.cluster.service import ClusterService
from isthmus.errors import UnavailableError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.transport.messages import Action
from isthmus.transport.registry import ActionRegistry

Req = TypeVar("Req")
Resp = TypeVar("Resp")
SECONDS = 120.0


class HolderAwayError(UnavailableError):
    """The node that holds an index is not in the cluster now."""

    type = "unavailable_shards_exception"


class Holders:
    """Asks the holder of an index: this node's own handler, or another node by the transport."""

    def __init__(self, cluster: ClusterService, registry: ActionRegistry) -> None:
        self._cluster = cluster
        self._registry = registry
        self._here: dict[str, Callable[..., Awaitable[object]]] = {}

    def serve(self, action: Action[Req, Resp], handler: Callable[[Req], Awaitable[Resp]]) -> None:
        """Answer `action` for this node's own indices, asked from here or from elsewhere."""
        self._here[action.name] = handler
        self._registry.serve(action, lambda request, _channel: handler(request))

    def is_here(self, index: IndexMetadata) -> bool:
        """Tell whether this node holds the index."""
        return index.node == self._cluster.membership.me.id

    def member(self, node: str, why: str) -> Member:
        """Return the member of id `node`. Raises HolderAwayError, which says that `why` cannot be."""
        for member in self._cluster.membership.members:
            if member.id == node:
                return member
        raise HolderAwayError(
            f"{why}: the node that holds it is not in the cluster", hint=f"start the node of id [{node}] again"
        )

    async def ask(
        self, index: IndexMetadata, action: Action[Req, Resp], request: Req, *, timeout: float = SECONDS
    ) -> Resp:
        """Ask the holder of `index`; raises HolderAwayError, and what the holder answers."""
        return await self.ask_node(index.node, f"[{index.name}] cannot be reached", action, request, timeout=timeout)

    async def ask_node(
        self, node: str, why: str, action: Action[Req, Resp], request: Req, *, timeout: float = SECONDS
    ) -> Resp:
        """Ask the node of this id; raises as `ask`."""
        if node == self._cluster.membership.me.id:
            answer: Resp = await self._here[action.name](request)  # type: ignore[assignment]  # as `serve` was told
            return answer
        return await self._cluster.ask(self.member(node, why), action, request, timeout=timeout)


def named(index: IndexMetadata) -> IndexName:
    """Return how `index` is named between nodes."""
    return IndexName(index.name, index.uuid)
