"""The connections that this node opens to others."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from isthmus.tls.judging import Judge
from isthmus.transport.connection import Connection
from isthmus.transport.dialler import Dialler, Introduce
from isthmus.transport.limits import TransportLimits
from isthmus.transport.open_connections import OpenConnections

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel
    from isthmus.tls.witness import PeerIdentity

log = logging.getLogger(__name__)


class Departures:
    """Dials, does the handshakes (`introduce`), and knows what is open. Without `tls` only loopback is dialled."""

    def __init__(self, tls: TlsChannel | None, limits: TransportLimits, introduce: Introduce) -> None:
        self._open: OpenConnections[Connection] = OpenConnections(limits, self._expelled)
        self._dialler = Dialler(limits, tls, introduce, self._dialled)

    def __len__(self) -> int:
        return len(self._open)

    async def open(self, host: str, port: int, *, server_name: str | None, timeout: float) -> Connection:
        """See TransportService.open_connection."""
        return await self._dialler.open(host, port, server_name=server_name, timeout=timeout)

    def identity_of(self, node_id: str) -> PeerIdentity | None:
        """Return who the node with this id proved to be, on a connection to it that is open; None if none is."""
        found = (one for one in self._open if hasattr(one, "node") and one.node.id == node_id)
        return next((one.identity for one in found if not one.is_closed), None)

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """See TransportService.expel."""
        return self._open.expel(judge, at_once=at_once)

    async def close(self) -> None:
        """End every connection in order and wait for that, at most the limits' `close_timeout`."""
        await self._open.close()

    def _expelled(self, connection: Connection, reason: str) -> None:
        if not connection.is_closed:
            log.warning("ends the connection to [%s]: %s", connection.address, reason)
            connection.expel(reason)

    def _dialled(self, connection: Connection) -> None:
        self._open.add(connection)
        connection.add_close_callback(lambda: self._open.discard(connection))
