"""The transport of one node: listens, dials, and knows every connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from isthmus.tls.judging import Judge, Latecomers
from isthmus.transport.channel import Channel
from isthmus.transport.connection import Connection
from isthmus.transport.crowd import Crowd
from isthmus.transport.dialler import Dialler
from isthmus.transport.handshakes import register_handshakes
from isthmus.transport.inbound import InboundConnection, Serving
from isthmus.transport.limits import TransportLimits
from isthmus.transport.listener import Listener
from isthmus.transport.refusals import RefusalLog, RefusedConnection, why_dropped
from isthmus.transport.registry import ActionRegistry
from isthmus.transport.sweeper import Sweeper
from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.nodes import DiscoveryNode

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel
    from isthmus.tls.witness import PeerIdentity

log = logging.getLogger(__name__)


def _ignore(_refused: RefusedConnection) -> None:
    """Nobody wants to hear of refusals beyond the log."""


class TransportService:
    """Serves the actions of `registry` and opens connections to other nodes.

    `local_node` says who this node is now; both handshakes are added to the registry. Without `tls` this node
    listens on and dials loopback addresses only. Peers without a verified certificate only get handshakes, unless
    `trust_network`. `on_refused` hears of every inbound connection that was refused or dropped, besides the log.
    """

    def __init__(
        self,
        *,
        local_node: Callable[[], DiscoveryNode],
        cluster_name: str,
        registry: ActionRegistry,
        tls: TlsChannel | None = None,
        limits: TransportLimits | None = None,
        trust_network: bool = False,
        on_refused: Callable[[RefusedConnection], None] = _ignore,
    ) -> None:
        self._limits = limits or TransportLimits()
        self._refusals = RefusalLog(on_refused)
        self._sweeper = Sweeper(self._limits.sweep_interval)
        self._crowd = Crowd(self._limits.max_anonymous)
        self._inbound: set[InboundConnection] = set()
        self._outbound: set[Connection] = set()
        self._latecomers = Latecomers(self._limits.tls_handshake_timeout)
        self._emptied = asyncio.Event()
        register_handshakes(registry, local_node, cluster_name)
        serving = Serving(
            registry=registry,
            limits=self._limits,
            trust_network=trust_network,
            name=lambda: local_node().name,
            opened=self._opened,
            dropped=self._dropped,
            closed=self._closed,
        )
        self._listener = Listener(serving, tls, self._crowd, self._refusals)
        self._dialler = Dialler(self._limits, tls, local_node, cluster_name, self._dialled)

    async def bind(self, hosts: Sequence[str], ports: Iterable[int]) -> list[tuple[str, int]]:
        """Listen on the first free of `ports` (0: any) at each of `hosts`; return the addresses bound.

        Raises ConfigError if a host is not loopback and there is no TLS, or if no port is free.
        """
        return await self._listener.bind(hosts, ports)

    async def open_connection(
        self, host: str, port: int, *, server_name: str | None = None, timeout: float
    ) -> Connection:
        """Open a connection to a node of the same cluster; both handshakes are done when it is returned.

        `server_name` is the name its certificate is checked for in place of `host`; `timeout` is in seconds. Raises
        ConnectError, which explains to a person what is wrong.
        """
        return await self._dialler.open(host, port, server_name=server_name, timeout=timeout)

    @property
    def connection_count(self) -> tuple[int, int]:
        """How many connections are open, inbound and outbound."""
        return len(self._inbound), len(self._outbound)

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """Judge the peer of every connection that is open or on its way, both inbound and outbound.

        A connection of which `judge` gives a reason takes no new request, and is closed when those in flight have
        ended, at most the limits' `grace` later, or `at_once`. Peers without a certificate are not judged. Returns how
        many connections must end.
        """
        self._latecomers.face(judge)
        inbound, outbound = list(self._inbound), list(self._outbound)
        expelled: list[Connection | InboundConnection] = [
            *(one for one in inbound if self._judge_inbound(one, judge)),
            *(one for one in outbound if self._judge_outbound(one, judge)),
        ]
        for one in expelled if at_once else ():
            one.channel.abort()
        return len(expelled)

    def identity_of(self, node_id: str) -> PeerIdentity | None:
        """Return who the node with this id proved to be, on a connection to it that is open; None if none is."""
        found = (one for one in self._outbound if hasattr(one, "node") and one.node.id == node_id)
        return next((one.identity for one in found if not one.is_closed), None)

    def _judge_inbound(self, connection: InboundConnection, judge: Judge) -> bool:
        reason = judge(connection.identity) if connection.identity is not None else None
        if reason is not None:
            self._refusals.tell(RefusedConnection(connection.address, reason, kind="expelled", is_denied=True))
            connection.expel()
        return reason is not None

    def _judge_outbound(self, connection: Connection, judge: Judge) -> bool:
        reason = judge(connection.identity) if connection.identity is not None else None
        if reason is not None and not connection.is_closed:
            log.warning("ends the connection to [%s]: %s", connection.address, reason)
            connection.expel(reason)
        return reason is not None

    async def close(self) -> None:
        """Stop listening, end every connection in order and wait for that, at most the limits' `close_timeout`."""
        await self._listener.close()
        for channel in self._channels():
            channel.close()
        try:
            async with asyncio.timeout(self._limits.close_timeout):
                await self._wait_until_empty()
        except TimeoutError:
            for channel in self._channels():
                channel.abort()
            await self._wait_until_empty()
        self._sweeper.stop()

    async def _wait_until_empty(self) -> None:
        while self._inbound or self._outbound:
            self._emptied.clear()
            await self._emptied.wait()

    def _channels(self) -> list[Channel]:
        return [*(one.channel for one in self._inbound), *(one.channel for one in self._outbound)]

    def _opened(self, connection: InboundConnection) -> None:
        self._inbound.add(connection)
        self._sweeper.add(connection)
        self._judge_inbound(connection, self._latecomers.judge)
        if connection.trusted:
            self._crowd.leave(connection)
        else:
            gives_way = LimitExceededError("too many anonymous peers are connected, the oldest gives way")
            self._crowd.admit(connection, lambda: connection.drop(gives_way))

    def _dropped(self, connection: InboundConnection, error: MalformedError) -> None:
        self._refusals.tell(RefusedConnection(connection.address, why_dropped(error)))

    def _closed(self, connection: InboundConnection) -> None:
        self._inbound.discard(connection)
        self._crowd.leave(connection)
        self._sweeper.remove(connection)
        self._emptied.set()

    def _dialled(self, connection: Connection) -> None:
        self._outbound.add(connection)
        self._sweeper.add(connection)
        connection.add_close_callback(lambda: self._hung_up(connection))
        self._judge_outbound(connection, self._latecomers.judge)

    def _hung_up(self, connection: Connection) -> None:
        self._outbound.discard(connection)
        self._sweeper.remove(connection)
        self._emptied.set()
