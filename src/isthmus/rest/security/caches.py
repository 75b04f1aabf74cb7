"""What is kept of users, roles, keys and tokens is dropped.

Nothing kept here outlives a change of what it was made of, on any node, so this is never needed. It is done on the node
that is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route

_ADMIN: Final = "cluster:admin/xpack/security"
_OF_ONE: Final = "/_security/service/{namespace}/{service}/credential/token/{name}/_clear_cache"


@dataclass(frozen=True, slots=True)
class ThisNode:
    """Who answers."""

    id: str
    name: str
    cluster: str


class CacheHandlers:
    """The handlers. `forget` drops what is kept of the `realms` of these names and of all else; `node` is this one."""

    def __init__(self, forget: Callable[[], object], realms: Collection[str], node: ThisNode) -> None:
        self._forget = forget
        self._realms = realms
        self._node = node

    def routes(self) -> tuple[Route, ...]:
        """Return the routes."""
        paths = {
            "/_security/realm/{realms}/_clear_cache": (f"{_ADMIN}/realm/cache/clear", ("usernames",)),
            "/_security/role/{name}/_clear_cache": (f"{_ADMIN}/roles/cache/clear", ()),
            "/_security/privilege/{application}/_clear_cache": (f"{_ADMIN}/privilege/cache/clear", ()),
            "/_security/api_key/{ids}/_clear_cache": (f"{_ADMIN}/cache/clear", ()),
            _OF_ONE: (f"{_ADMIN}/cache/clear", ()),
        }
        return tuple(
            Route("POST", path, action, self._clear, parameters) for path, (action, parameters) in paths.items()
        )

    async def _clear(self, request: Request) -> Json:
        node = self._node
        asked = request.variables.get("realms", "*").split(",")
        unknown = [one for one in asked if one not in ("*", "_all", *self._realms)]
        if unknown:
            return Json({"_nodes": _failed(node.id, unknown[0]), "cluster_name": node.cluster, "nodes": {}})
        self._forget()
        done = {"total": 1, "successful": 1, "failed": 0}
        return Json({"_nodes": done, "cluster_name": node.cluster, "nodes": {node.id: {"name": node.name}}})


def _failed(node: str, realm: str) -> dict[str, Any]:
    cause = {"type": "illegal_argument_exception", "reason": f"could not find active realm [{realm[:100]}]"}
    failure = {"type": "failed_node_exception", "reason": f"Failed node [{node}]", "node_id": node, "caused_by": cause}
    return {"total": 1, "successful": 0, "failed": 1, "failures": [failure]}
