"""What is kept of users, roles, keys and tokens is dropped, on every node.

Nothing kept here outlives a change of what it was made of, on any node, so this is never needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from isthmus.rest.answers import Json
from isthmus.rest.nodes import summary
from isthmus.rest.routing import Request, Route
from isthmus.rest.view import NodeView

_ADMIN: Final = "cluster:admin/xpack/security"
_OF_ONE: Final = "/_security/service/{namespace}/{service}/credential/token/{name}/_clear_cache"
_PATHS: Final = {
    "/_security/realm/{realms}/_clear_cache": (f"{_ADMIN}/realm/cache/clear", ("usernames",)),
    "/_security/role/{name}/_clear_cache": (f"{_ADMIN}/roles/cache/clear", ()),
    "/_security/privilege/{application}/_clear_cache": (f"{_ADMIN}/privilege/cache/clear", ()),
    "/_security/api_key/{ids}/_clear_cache": (f"{_ADMIN}/cache/clear", ()),
    _OF_ONE: (f"{_ADMIN}/cache/clear", ()),
}


class Caches(Protocol):
    """What the members keep."""

    async def clear(self, node_ids: Sequence[str], realms: Sequence[str]) -> Mapping[str, str]:
        """Drop it, of `realms` (or `_all`) and all else; return by id why a member did not, "" if it did."""


class CacheHandlers:
    """The handlers; `view` tells of the members."""

    def __init__(self, view: NodeView, caches: Caches) -> None:
        self._view = view
        self._caches = caches

    def routes(self) -> tuple[Route, ...]:
        """Return the routes."""
        return tuple(
            Route("POST", path, action, self._clear, parameters) for path, (action, parameters) in _PATHS.items()
        )

    async def _clear(self, request: Request) -> Json:
        members = self._view.members()
        realms = tuple(request.variables.get("realms", "_all").split(","))
        answers = await self._caches.clear([one.id for one in members], realms)
        silent = "the node has left the cluster"
        found = [(one, answers.get(one.id, silent)) for one in members]
        told: dict[str, Any] = {
            "_nodes": summary(len(members), {one.id: why for one, why in found if why}),
            "cluster_name": self._view.cluster_name,
            "nodes": {one.id: {"name": one.name} for one, why in found if not why},
        }
        return Json(told)
