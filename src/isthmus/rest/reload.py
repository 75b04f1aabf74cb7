"""Certificates or secure settings read anew by nodes, and how that went on each of them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-nodes-reload-secure-settings.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any, Final, TypeVar

from isthmus.errors import UsageError
from isthmus.lifecycle.reloading.channel import ChannelReport
from isthmus.rest.answers import Json
from isthmus.rest.indices.body import json_body
from isthmus.rest.node_filter import select
from isthmus.rest.nodes import summary
from isthmus.rest.routing import Request
from isthmus.rest.view import MemberView, NodeView, SecureReload

T = TypeVar("T")
MAX_PASSWORD: Final = 1_000
_FIELD: Final = "secure_settings_password"


async def reload_certificates(view: NodeView, request: Request) -> Json:
    """Answer for each member that the path means, and each of its channels: reloaded, unchanged, or failed and why."""
    chosen = _chosen(view, request)
    answers = await view.reload_certificates([one.id for one in chosen])
    return _answer(view, chosen, answers, lambda found: {"channels": {one.channel: _body(one) for one in found}})


async def reload_secure_settings(view: NodeView, request: Request) -> Json:
    """Answer for each member that the path means, with why its keystore could not be read anew if it could not.

    Raises UsageError for a password that would travel in the clear.
    """
    password = _password(request.body)
    chosen = _chosen(view, request)
    if password and not view.encrypts_transport and any(one.id != view.node_id for one in chosen):
        raise UsageError(
            "Secure settings cannot be updated cluster wide when TLS for the transport layer is not enabled. Enable "
            "TLS or use the API with a `_local` filter on each node."
        )
    answers = await view.reload_secure_settings([one.id for one in chosen], password)
    return _answer(view, chosen, answers, _exception)


def _password(body: bytes) -> str:
    said = json_body(body, default={})
    if not isinstance(said, dict):
        raise UsageError("the request's body is no object")
    unknown = sorted(set(said) - {_FIELD})
    if unknown:
        raise UsageError(f"[reload_secure_settings] unknown field [{unknown[0][:100]}]", hint=f"there is [{_FIELD}]")
    password = said.get(_FIELD, "")
    if not isinstance(password, str) or len(password) > MAX_PASSWORD:
        raise UsageError(f"[{_FIELD}] is a text of at most {MAX_PASSWORD} characters")
    return password


def _exception(found: SecureReload) -> dict[str, Any]:
    if found.error_type is None:
        return {}
    return {"reload_exception": {"type": found.error_type, "reason": found.reason}}


def _chosen(view: NodeView, request: Request) -> Sequence[MemberView]:
    node_id = request.variables.get("node_id", "_all")
    return select(node_id, view.members(), local=view.node_id, master=view.master_id())


def _answer(
    view: NodeView, chosen: Sequence[MemberView], answers: Mapping[str, T | str], told: Callable[[T], dict[str, Any]]
) -> Json:
    silent = "the node has left the cluster"
    found = [(one, answers.get(one.id, silent)) for one in chosen]
    return Json(
        {
            "_nodes": summary(len(chosen), {one.id: why for one, why in found if isinstance(why, str)}),
            "cluster_name": view.cluster_name,
            "nodes": {
                one.id: {"name": one.name, **told(answer)} for one, answer in found if not isinstance(answer, str)
            },
        }
    )


def _body(one: ChannelReport) -> dict[str, Any]:
    until = None if one.not_after is None else one.not_after.astimezone(UTC).isoformat().replace("+00:00", "Z")
    reason = {} if one.reason is None else {"reason": one.reason}
    served = {"serial_number": one.serial_number, "not_after": until, "trusted_authorities": one.trusted}
    return {"result": one.result, **reason, **served}
