"""What the port for other clusters serves: each action behind the judgement of who asks for it."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from isthmus.errors import IsthmusError
from isthmus.remote.server.access import RemoteAccess
from isthmus.security.acting import Acting, acting_as
from isthmus.security.audit.events import Asked
from isthmus.security.audit.trail import RequestTrail, Trail
from isthmus.security.authorization.permission import Permission
from isthmus.security.forwarding.guard import awaited_as
from isthmus.security.subject import Authentication
from isthmus.transport.registry import ActionRegistry, RequestChannel
from isthmus.wire.frames import Buffer

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity

Permissions = Callable[[Authentication], Permission]
Handler = Callable[[Buffer, RequestChannel], bytes | Awaitable[bytes]]


class RemoteActions:
    """Adds actions to `registry`, which another cluster may ask for as who its API key and its user allow.

    `permissions` tells what somebody may do; `trail` is where requests are audited, None for nowhere.
    """

    def __init__(
        self,
        registry: ActionRegistry,
        access: RemoteAccess,
        permissions: Permissions,
        trail: Callable[[], Trail | None],
    ) -> None:
        self._registry = registry
        self._access = access
        self._permissions = permissions
        self._trail = trail

    def serve(self, action: str, handler: Handler) -> None:
        """Serve an action: `handler` takes the body once it is known that the action may be granted, as who asks.

        What of its indices may be seen is for the handler to ask of `acting()`.
        """

        def judge_and_handle(body: Buffer, channel: RequestChannel) -> object:
            who = self._judged(action, channel.headers, channel.identity, channel.address)
            channel.connection.vouched()
            with acting_as(who):
                result = handler(body, channel)
            return awaited_as(who, result) if isinstance(result, Awaitable) else result

        self._registry.register(action, judge_and_handle, anonymous=True)  # type: ignore[arg-type]  # bytes, in the end

    def _judged(self, action: str, headers: Mapping[str, str], identity: PeerIdentity | None, address: str) -> Acting:
        trail = self._begun(action, address, headers.get("X-Opaque-Id"))
        try:
            found = self._access.judge(headers, identity)
        except IsthmusError:
            if trail is not None:
                trail.refused_key()
            raise
        if trail is not None:
            trail.came(found)
        who = Acting(found, self._permissions(found), action, trail)
        who.check()
        return who

    def _begun(self, action: str, address: str, opaque_id: str | None) -> RequestTrail | None:
        trail = self._trail()
        if trail is None:
            return None
        return trail.begin(
            Asked(id=uuid.uuid4().hex, method="", path="", origin=address, opaque_id=opaque_id, action=action)
        )
