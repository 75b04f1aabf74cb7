"""Orders on other clusters through the admin socket."""

from __future__ import annotations

from functools import partial

import msgspec

from isthmus.errors import UsageError
from isthmus.remote.outgoing.rights import Rights
from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route


class _Explain(msgspec.Struct, forbid_unknown_fields=True):
    alias: str
    index: str
    username: str


def remote_orders(rights: Rights) -> tuple[Route, ...]:
    """Return the order that explains who may search what in another cluster."""
    action = "cluster:admin/isthmus/remote/explain"
    return (Route("POST", "/_admin/remote_explain", action, partial(_explain, rights), takes_body=True),)


async def _explain(rights: Rights, request: Request) -> Json:
    try:
        asked = msgspec.json.decode(request.body, type=_Explain)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise UsageError(f"the order cannot be read: {cause}") from cause
    steps = await rights.explain(asked.alias, asked.index, asked.username)
    return Json({"steps": [msgspec.structs.asdict(step) for step in steps]})
