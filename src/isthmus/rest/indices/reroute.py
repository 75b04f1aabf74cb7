"""`POST /_cluster/reroute`: an index moves to another node.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-reroute.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.holder import Holders, named
from isthmus.cluster.indices.moving.messages import MOVE, MoveIndex
from isthmus.cluster.indices.moving.orders import MoveOrder, orders
from isthmus.cluster.messages import Member
from isthmus.errors import UsageError
from isthmus.rest.answers import Json
from isthmus.rest.indices.body import json_body
from isthmus.rest.indices.changing import TIMEOUTS, within
from isthmus.rest.routing import Request, Route

_PARAMETERS: Final = ("dry_run", "explain", "metric", "retry_failed", *TIMEOUTS)

Members = Callable[[], Sequence[Member]]


def reroute_routes(catalogue: Catalogue, holders: Holders, members: Members) -> tuple[Route, ...]:
    """Return the route by which indices are moved."""
    handler = partial(_reroute, catalogue, holders, members)
    return (Route("POST", "/_cluster/reroute", "cluster:admin/reroute", handler, _PARAMETERS, takes_body=True),)


async def _reroute(catalogue: Catalogue, holders: Holders, members: Members, request: Request) -> Json:
    if request.parameters.text("metric") not in (None, "none"):
        raise UsageError("[metric] can only be [none]: the cluster's state is not told", hint="leave it out")
    request.parameters.boolean("retry_failed")  # a move that failed is not tried again by itself: nothing to do
    explain = request.parameters.boolean("explain")
    found = orders(json_body(request.body, default={}), catalogue.indices, members())
    if not explain:
        for order in found:
            _check(order)
    if not request.parameters.boolean("dry_run"):
        for order in found:
            if order.why_not is None:
                await within(request.parameters, _begin(holders, order))
    body: dict[str, Any] = {"acknowledged": True}
    return Json(body | ({"explanations": [_explanation(order) for order in found]} if explain else {}))


def _check(order: MoveOrder) -> None:
    if order.why_not is not None:
        raise UsageError(
            f"[move_allocation] can't move [{order.index.name}][0] from [{order.source.name}] to "
            f"[{order.target.name}], since it is not allowed, reason: [NO({order.why_not})]"
        )


async def _begin(holders: Holders, order: MoveOrder) -> None:
    await holders.ask(order.index, MOVE, MoveIndex(named(order.index), order.target.id))


def _explanation(order: MoveOrder) -> dict[str, Any]:
    return {
        "command": "move",
        "parameters": {
            "index": order.index.name,
            "shard": 0,
            "from_node": order.source.name,
            "to_node": order.target.name,
        },
        "decisions": [
            {
                "decider": "move_allocation_command",
                "decision": "YES" if order.why_not is None else "NO",
                "explanation": order.why_not or "the node may hold the shard",
            }
        ],
    }
