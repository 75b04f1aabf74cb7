"""What can go wrong between two nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isthmus.errors import IsthmusError, UnavailableError

if TYPE_CHECKING:
    from isthmus.pki.explain import Refusal


class ConnectError(UnavailableError):
    """No connection came about. `refusal` says who was refused or refused us, when it was a matter of trust."""

    type = "connect_transport_exception"

    def __init__(
        self, reason: str, *, hint: str | None = None, where: str | None = None, refusal: Refusal | None = None
    ) -> None:
        super().__init__(reason, hint=hint, where=where)
        self.refusal = refusal


class NodeDisconnectedError(UnavailableError):
    """The connection ended before the answer came."""

    type = "node_disconnected_exception"


class ReceiveTimeoutError(UnavailableError):
    """The answer did not come in time."""

    type = "receive_timeout_transport_exception"


class AnonymousPeerError(IsthmusError):
    """A peer without a verified certificate asked for more than a handshake."""

    type = "security_exception"
    status = 403


class ActionNotFoundError(IsthmusError):
    """This node does not serve the action."""

    type = "action_not_found_transport_exception"
    status = 400


class RemoteError(IsthmusError):
    """The peer answered with an error; `type`, `status` and `reason` are the peer's, `where` names the peer."""

    def __init__(self, type_name: str, status: int, reason: str, *, hint: str | None = None, where: str) -> None:
        super().__init__(reason, hint=hint, where=where)
        self._type = type_name
        self._status = status

    @property
    def type(self) -> str:  # type: ignore[override]  # the tree's types are fixed per class, this one's are the peer's
        return self._type

    @property
    def status(self) -> int:  # type: ignore[override]
        return self._status
