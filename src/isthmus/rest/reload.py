"""`POST /_nodes/reload_certificates`: read key, certificate and trust anew, and tell of each node how that went."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from isthmus.lifecycle.reloading.channel import ChannelReport
from isthmus.rest.answers import Json
from isthmus.rest.node_filter import select
from isthmus.rest.nodes import summary
from isthmus.rest.routing import Request
from isthmus.rest.view import NodeView


async def reload_certificates(view: NodeView, request: Request) -> Json:
    """Answer for each member that the path means, and each of its channels: reloaded, unchanged, or failed and why."""
    members = view.members()
    node_id = request.variables.get("node_id", "_all")
    chosen = select(node_id, members, local=view.node_id, master=view.master_id())
    answers = await view.reload_certificates([one.id for one in chosen])
    silent = "the node has left the cluster"
    failed = {one.id: why for one in chosen if isinstance(why := answers.get(one.id, silent), str)}
    told = {one.id: (one.name, found) for one in chosen if not isinstance(found := answers.get(one.id, silent), str)}
    return Json(
        {
            "_nodes": summary(len(chosen), failed),
            "cluster_name": view.cluster_name,
            "nodes": {
                node: {"name": name, "channels": {one.channel: _body(one) for one in found}}
                for node, (name, found) in told.items()
            },
        }
    )


def _body(one: ChannelReport) -> dict[str, Any]:
    until = None if one.not_after is None else one.not_after.astimezone(UTC).isoformat().replace("+00:00", "Z")
    reason = {} if one.reason is None else {"reason": one.reason}
    served = {"serial_number": one.serial_number, "not_after": until, "trusted_authorities": one.trusted}
    return {"result": one.result, **reason, **served}
