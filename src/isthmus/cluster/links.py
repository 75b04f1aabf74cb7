"""One connection from this node to each other member, dialled when needed and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from isthmus.cluster.messages import Member
from isthmus.errors import DataError, IsthmusError, UnavailableError
from isthmus.transport.connection import Connection

MAX_PORT = 65_535


class Dialler(Protocol):
    """What opens connections: the transport service."""

    async def open_connection(
        self, host: str, port: int, *, server_name: str | None = None, timeout: float
    ) -> Connection: ...


class Links:
    """Connections by the member's ephemeral id. `connect_timeout` in seconds."""

    def __init__(self, dialler: Dialler, connect_timeout: float) -> None:
        self._dialler = dialler
        self._timeout = connect_timeout
        self._open: dict[str, Connection] = {}
        self._members: dict[str, Member] = {}
        self._dialling: dict[str, asyncio.Lock] = {}

    async def to(self, member: Member) -> Connection:
        """Return an open connection to `member`; raises UnavailableError, or what the dial raised."""
        async with self._dialling.setdefault(member.ephemeral_id, asyncio.Lock()):
            known = self._open.get(member.ephemeral_id)
            if known is not None and not known.is_closed:
                return known
            return await self._dial_member(member)

    async def renew(self) -> None:
        """Dial every member anew, and only then let the connection so far end, once it is idle.

        A member that cannot be dialled keeps the connection it has.
        """
        await asyncio.gather(*(self._try(self._renew, member) for member in list(self._members.values())))

    async def _renew(self, member: Member) -> None:
        async with self._dialling.setdefault(member.ephemeral_id, asyncio.Lock()):
            known = self._open.get(member.ephemeral_id)
            if known is None or known.is_closed:
                return
            await self._dial_member(member)
            known.retire()

    async def _dial_member(self, member: Member) -> Connection:
        connection = await self.dial(member.transport_address, member.host)
        if connection.node.ephemeral_id != member.ephemeral_id:
            connection.close()
            raise UnavailableError(
                f"node [{connection.node.name}] answers at {member.transport_address} in the place of [{member.name}]",
                hint="check transport.publish_host and transport.publish_port of both nodes",
            )
        self._open[member.ephemeral_id] = connection
        self._members[member.ephemeral_id] = member
        return connection

    async def dial(self, address: str, server_name: str | None = None) -> Connection:
        """Open a new connection to `address` (host:port), not kept here; raises ConnectError."""
        host, port = split_address(address)
        return await self._dialler.open_connection(host, port, server_name=server_name, timeout=self._timeout)

    def is_open(self, member: Member) -> bool:
        """Say whether a connection to `member` is open now."""
        known = self._open.get(member.ephemeral_id)
        return known is not None and not known.is_closed

    async def keep(self, members: list[Member]) -> None:
        """Dial the members that have no open connection, and close those to nodes that are no longer members."""
        wanted = {member.ephemeral_id for member in members}
        for ephemeral_id in self._open.keys() - wanted:
            self._open.pop(ephemeral_id).close()
            self._members.pop(ephemeral_id, None)
            self._dialling.pop(ephemeral_id, None)
        await asyncio.gather(*(self._try(self.to, member) for member in members))

    def close(self) -> None:
        """Close them all."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()
        self._members.clear()

    async def _try(self, dial: Callable[[Member], Awaitable[object]], member: Member) -> None:
        try:
            await dial(member)
        except IsthmusError:
            return  # the service says why once, where it needs the member


def split_address(address: str) -> tuple[str, int]:
    """Split `host:port` or `[v6]:port`; raises DataError for anything else, as a peer may have sent it."""
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) <= MAX_PORT:
        raise DataError(f"[{address[:100]}] is no address of a node", hint="host:port is expected")
    return host.strip("[]"), int(port)
