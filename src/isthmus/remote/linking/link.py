"""The link to one other cluster: so many connections as are wanted, made anew when they end."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from isthmus.errors import IsthmusError
from isthmus.remote.linking.configuration import RemoteClusterConfig
from isthmus.remote.linking.errors import LinkError
from isthmus.remote.linking.explaining import explained
from isthmus.remote.linking.greeting import Greeting
from isthmus.settings.remote_settings import host_and_port
from isthmus.tls.judging import Judge
from isthmus.transport.connection import Connection
from isthmus.transport.departures import Departures
from isthmus.transport.errors import ConnectError
from isthmus.transport.limits import TransportLimits
from isthmus.wire.nodes import DiscoveryNode
from isthmus.wire.search.resolving import NODES_REQUEST, NODES_RESPONSE

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel

log = logging.getLogger(__name__)

NODES = "cluster:internal/remote_cluster/nodes"
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Trouble:
    """Why the cluster cannot be reached, and since when (seconds since 1970)."""

    error: ConnectError
    since: float


class Link:
    """Keeps `config.connections` connections open, from `start` to `close`.

    `headers()` are those by which this node asks on its own behalf; raises ConnectError where there is no key to show.
    `attribute`: in mode sniff only nodes that have it, as true, are asked.
    """

    def __init__(
        self,
        config: RemoteClusterConfig,
        tls: TlsChannel | None,
        headers: Callable[[], Mapping[str, str]],
        *,
        connect_timeout: float,
        attribute: str | None = None,
    ) -> None:
        self.config = config
        self.trouble: Trouble | None = None
        self._headers = headers
        self.connect_timeout = connect_timeout
        self._attribute = attribute
        self._greeting = Greeting(headers)
        self._departures = Departures(tls, TransportLimits(), self._greeting)
        self._open: list[Connection] = []
        self._next = 0
        self._due = asyncio.Event()
        self._tried: asyncio.Future[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def connections(self) -> Sequence[Connection]:
        """The connections that are open."""
        return [one for one in self._open if not one.is_closed]

    @property
    def cluster_name(self) -> str | None:
        """What the cluster calls itself, once it has answered."""
        return self._greeting.cluster_name

    def start(self) -> None:
        """Begin to connect, and keep at it."""
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """End everything now; see `retire`."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._departures.close()

    async def retire(self) -> None:
        """Make no new connections, and close those that are open once what is in flight on them has ended."""
        if self._keeping is not None:
            self._keeping.cancel()
        for connection in self._open:
            connection.retire()
        await asyncio.gather(*(one.wait_closed() for one in self._open), return_exceptions=True)
        await self.close()

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """See Departures.expel."""
        return self._departures.expel(judge, at_once=at_once)

    async def exchange(self, action: str, body: bytes, headers: Mapping[str, str], timeout: float) -> bytes:
        """Ask one of the cluster's nodes and return the answer's body.

        Raises LinkError where none can be reached, and what `Connection.exchange` raises.
        """
        connection = await self._connection(timeout)
        answer = await connection.exchange(action, body, headers=headers, timeout=timeout, scheme=self.config.scheme)
        return bytes(answer)

    async def _connection(self, timeout: float) -> Connection:
        if not self.connections:
            await self._wait_for_attempt(min(timeout, self.connect_timeout))
        found = self.connections
        if not found:
            raise self._unreachable()
        self._next += 1
        return found[self._next % len(found)]

    async def _wait_for_attempt(self, timeout: float) -> None:
        """Have it tried now, and wait for the first connection or for its failure."""
        if self._tried is None or self._tried.done():
            self._tried = asyncio.get_running_loop().create_future()
        self._due.set()
        try:
            async with asyncio.timeout(timeout):
                await asyncio.shield(self._tried)
        except TimeoutError:
            log.debug("no connection to the remote cluster [%s] within %g s", self.config.alias, timeout)

    def _unreachable(self) -> LinkError:
        alias = self.config.alias
        if self.trouble is None:
            return LinkError(f"Unable to connect to [{alias}]")
        error = self.trouble.error
        where = f"{error.where}: " if error.where else ""
        return LinkError(f"Unable to connect to [{alias}]: {where}{error.reason}", hint=error.hint)

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            self._due.clear()
            try:
                await self._fill()
            except Exception as error:  # whatever it is, the next attempt may do better
                if not isinstance(error, IsthmusError):
                    log.exception("the link to the remote cluster [%s] failed", self.config.alias)
                    error = LinkError("it failed for an unexpected reason, see the node's log")
                self._failed(error)
                await self._pause(pause * random.uniform(0.5, 1.0))  # noqa: S311 - it only spreads the attempts
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            await self._pause(self.config.ping_interval)
            self._ping()

    async def _pause(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._due.wait()
        except TimeoutError:
            return

    def _ping(self) -> None:
        if self.config.ping_interval is not None:
            for connection in self.connections:
                connection.ping()

    async def _fill(self) -> None:
        """Open what is missing. Raises ConnectError if nothing is open in the end."""
        self._open = list(self.connections)
        if len(self._open) >= self.config.connections:
            return
        if self.config.mode == "proxy":
            await self._fill_by_proxy()
        else:
            await self._fill_by_seeds()

    async def _fill_by_proxy(self) -> None:
        (address,) = self.config.addresses
        while len(self._open) < self.config.connections:
            await self._dial(*host_and_port(address), self.config.server_name)

    async def _fill_by_seeds(self) -> None:
        failed: ConnectError | None = None
        for seed in self.config.addresses:
            try:
                nodes = await self._nodes_by(seed)
            except ConnectError as error:
                failed = error
                continue
            await self._fill_with(nodes)
            return
        if failed is not None and not self._open:
            raise failed

    async def _nodes_by(self, seed: str) -> Sequence[DiscoveryNode]:
        connection = await self._departures.open(*host_and_port(seed), server_name=None, timeout=self.connect_timeout)
        try:
            body = NODES_REQUEST.encode({"parent": None, "remote_cluster_server": True})
            answer = await connection.exchange(NODES, body, headers=self._headers(), timeout=self.connect_timeout)
            nodes: Sequence[DiscoveryNode] = NODES_RESPONSE.decode(bytes(answer))
        finally:
            connection.close()
        return [node for node in nodes if self._is_wanted(node)]

    def _is_wanted(self, node: DiscoveryNode) -> bool:
        roles = {role.name for role in node.roles}
        if roles == {"master"}:
            return False
        return self._attribute is None or node.attributes.get(self._attribute) == "true"

    async def _fill_with(self, nodes: Sequence[DiscoveryNode]) -> None:
        known = {one.node.id for one in self._open}
        failed: ConnectError | None = None
        for node in nodes:
            if node.id in known or len(self._open) >= self.config.connections:
                continue
            host, port = node.address
            try:
                await self._dial(host, port, None)
            except ConnectError as error:
                failed = error
        if not self._open:
            raise failed or ConnectError("none of its nodes may be asked", hint="check cluster.remote.node.attr")

    async def _dial(self, host: str, port: int, server_name: str | None) -> None:
        connection = await self._departures.open(host, port, server_name=server_name, timeout=self.connect_timeout)
        connection.add_close_callback(self._due.set)
        self._open.append(connection)
        if self.trouble is not None:
            log.info("the remote cluster [%s] is reached again", self.config.alias)
        self.trouble = None
        self._told()

    def _failed(self, error: IsthmusError) -> None:
        """Keep what is wrong, told so that it can be mended."""
        found = explained(error)
        if self.trouble is None:
            log.warning("the remote cluster [%s] cannot be reached: %s", self.config.alias, found)
        since = time.time() if self.trouble is None else self.trouble.since
        self.trouble = None if self.connections else Trouble(found, since)
        self._told()

    def _told(self) -> None:
        if self._tried is not None and not self._tried.done():
            self._tried.set_result(None)
