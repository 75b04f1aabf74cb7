"""What this node answers: actions and their handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from isthmus.transport.messages import Action, decode, encode
from isthmus.wire.frames import Buffer, Frame

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity
    from isthmus.transport.inbound import InboundConnection

Req = TypeVar("Req")
Resp = TypeVar("Resp")


class RequestChannel:
    """Who asks, and how: what a handler may want to know besides the body."""

    __slots__ = ("_frame", "connection")

    def __init__(self, connection: InboundConnection, frame: Frame) -> None:
        self.connection = connection
        self._frame = frame

    @property
    def headers(self) -> Mapping[str, str]:
        """The request headers."""
        return self._frame.headers

    @property
    def header_version(self) -> int:
        """The version that the request's header bears; older than the body's only in the tcp handshake."""
        return self._frame.version

    @property
    def identity(self) -> PeerIdentity | None:
        """The peer's certificates, or None without TLS or without any."""
        return self.connection.identity

    @property
    def address(self) -> str:
        """The peer's address, `ip:port`."""
        return self.connection.address


Handler = Callable[[Buffer, RequestChannel], bytes | Awaitable[bytes]]


class Guard(Protocol):
    """Decides for whom a request of an action of our own is served."""

    def serve(
        self, action: Action[Any, Any], request: object, headers: Mapping[str, str], handler: Callable[[], object]
    ) -> object:
        """Call `handler` as whom the headers name and return what it returns, or raise why it is not called."""


class Entry(NamedTuple):
    """A handler, what turns its result into bytes (None if it returns bytes), and the action of our own, if it is."""

    handler: Callable[[Buffer, RequestChannel], object]
    encode: Callable[[object], bytes] | None
    anonymous: bool
    action: Action[Any, Any] | None = None


class ActionRegistry:
    """Handlers by the action's name.

    A handler takes the body (bytes, or a read-only view when it is large; it may keep either) and returns the
    answer's body, or something to await for it. What it raises is the answer: an IsthmusError with its type, status,
    reason and hint, anything else as an internal error. `guard` stands before all actions of our own.
    """

    def __init__(self, guard: Guard | None = None) -> None:
        self._guard = guard
        self._entries: dict[str, Entry] = {}

    @property
    def entries(self) -> Mapping[str, Entry]:
        """All that is served, by the action's name."""
        return self._entries

    def find(self, action: str) -> Entry | None:
        """Return what serves `action`."""
        return self._entries.get(action)

    def register(self, action: str, handler: Handler, *, anonymous: bool = False) -> None:
        """Serve `action`; `anonymous` opens it to peers without a verified certificate.

        Raises ValueError if it is served already.
        """
        self._add(action, Entry(handler, None, anonymous))

    def serve(
        self, action: Action[Req, Resp], handler: Callable[[Req, RequestChannel], Resp | Awaitable[Resp]]
    ) -> None:
        """Serve an action of our own: `handler` takes and returns its messages, or something to await for them.

        Raises ValueError without a guard.
        """
        guard = self._guard
        if guard is None:
            raise ValueError(f"nothing guards the action {action.name}")

        def decode_and_handle(body: Buffer, channel: RequestChannel) -> object:
            request = decode(body, action.request)
            return guard.serve(action, request, channel.headers, lambda: handler(request, channel))

        self._add(action.name, Entry(decode_and_handle, encode, anonymous=False, action=action))

    def _add(self, action: str, entry: Entry) -> None:
        if action in self._entries:
            raise ValueError(f"action {action} is registered twice")
        self._entries[action] = entry
