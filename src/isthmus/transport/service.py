"""The transport of one node: listens, dials, and knows every connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from isthmus.tls.judging import Judge
from isthmus.transport.arrivals import Arrivals
from isthmus.transport.connection import Connection
from isthmus.transport.departures import Departures
from isthmus.transport.handshakes import open_with_handshakes, register_handshakes
from isthmus.transport.limits import TransportLimits
from isthmus.transport.refusals import RefusedConnection
from isthmus.transport.registry import ActionRegistry
from isthmus.wire.nodes import DiscoveryNode

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel
    from isthmus.tls.witness import PeerIdentity


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
        bounds = limits or TransportLimits()
        register_handshakes(registry, local_node, cluster_name)
        self._inbound = Arrivals(
            registry,
            tls,
            bounds,
            name=lambda: local_node().name,
            trust_network=trust_network,
            refused=on_refused,
        )
        self._outbound = Departures(
            tls, bounds, partial(open_with_handshakes, local_node=local_node, cluster_name=cluster_name)
        )

    async def bind(self, hosts: Sequence[str], ports: Iterable[int]) -> list[tuple[str, int]]:
        """Listen on the first free of `ports` (0: any) at each of `hosts`; return the addresses bound.

        Raises ConfigError if a host is not loopback and there is no TLS, or if no port is free.
        """
        return await self._inbound.bind(hosts, ports)

    async def open_connection(
        self, host: str, port: int, *, server_name: str | None = None, timeout: float
    ) -> Connection:
        """Open a connection to a node of the same cluster; both handshakes are done when it is returned.

        `server_name` is the name its certificate is checked for in place of `host`; `timeout` is in seconds. Raises
        ConnectError, which explains to a person what is wrong.
        """
        return await self._outbound.open(host, port, server_name=server_name, timeout=timeout)

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
        return self._inbound.expel(judge, at_once=at_once) + self._outbound.expel(judge, at_once=at_once)

    def identity_of(self, node_id: str) -> PeerIdentity | None:
        """Return who the node with this id proved to be, on a connection to it that is open; None if none is."""
        return self._outbound.identity_of(node_id)

    async def close(self) -> None:
        """Stop listening, end every connection in order and wait for that, at most the limits' `close_timeout`."""
        await asyncio.gather(self._inbound.close(), self._outbound.close())
