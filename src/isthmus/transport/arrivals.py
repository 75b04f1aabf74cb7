"""The connections that peers open to one port of this node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from isthmus.tls.judging import Judge
from isthmus.transport.crowd import Crowd
from isthmus.transport.inbound import InboundConnection, Serving
from isthmus.transport.limits import TransportLimits
from isthmus.transport.listener import Listener
from isthmus.transport.open_connections import OpenConnections
from isthmus.transport.refusals import RefusalLog, RefusedConnection, why_dropped
from isthmus.transport.registry import ActionRegistry
from isthmus.wire.errors import LimitExceededError, MalformedError

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel


class Arrivals:
    """Listens, and serves the actions of `registry` on what comes in.

    Without `tls` it listens on loopback addresses only. Peers without a verified certificate only get what is served
    to anybody, unless `trust_network`. `name()` is this node's name; `refused` hears of every connection that was
    refused or dropped, besides the log.
    """

    def __init__(
        self,
        registry: ActionRegistry,
        tls: TlsChannel | None,
        limits: TransportLimits,
        *,
        name: Callable[[], str],
        trust_network: bool,
        refused: Callable[[RefusedConnection], None],
    ) -> None:
        self._refusals = RefusalLog(refused)
        self._crowd = Crowd(limits.max_anonymous)
        self._open: OpenConnections[InboundConnection] = OpenConnections(limits, self._expelled)
        serving = Serving(
            registry=registry,
            limits=limits,
            trust_network=trust_network,
            name=name,
            opened=self._opened,
            dropped=self._dropped,
            closed=self._closed,
        )
        self._listener = Listener(serving, tls, self._crowd, self._refusals)

    def __len__(self) -> int:
        return len(self._open)

    async def bind(self, hosts: Sequence[str], ports: Iterable[int]) -> list[tuple[str, int]]:
        """Listen on the first free of `ports` (0: any) at each of `hosts`; return the addresses bound.

        Raises ConfigError if a host is not loopback and there is no TLS, or if no port is free.
        """
        return await self._listener.bind(hosts, ports)

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """See TransportService.expel."""
        return self._open.expel(judge, at_once=at_once)

    async def close(self) -> None:
        """Stop listening, end every connection in order and wait for that, at most the limits' `close_timeout`."""
        await self._listener.close()
        await self._open.close()

    def _expelled(self, connection: InboundConnection, reason: str) -> None:
        self._refusals.tell(RefusedConnection(connection.address, reason, kind="expelled", is_denied=True))
        connection.expel()

    def _opened(self, connection: InboundConnection) -> None:
        self._open.add(connection)
        if connection.trusted:
            self._crowd.leave(connection)
        else:
            gives_way = LimitExceededError("too many anonymous peers are connected, the oldest gives way")
            self._crowd.admit(connection, lambda: connection.drop(gives_way))

    def _dropped(self, connection: InboundConnection, error: MalformedError) -> None:
        self._refusals.tell(RefusedConnection(connection.address, why_dropped(error)))

    def _closed(self, connection: InboundConnection) -> None:
        self._open.discard(connection)
        self._crowd.leave(connection)
