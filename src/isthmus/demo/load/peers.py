"""Node to node: dials as a node does, with the key, certificate and trust that its folder holds now."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

from isthmus.cluster.links import split_address
from isthmus.demo.load.workload import WrongAnswerError
from isthmus.errors import ConfigError, IsthmusError
from isthmus.lifecycle.reloading.digests import digests, files_of
from isthmus.lifecycle.reloading.reload import Digests
from isthmus.node.configuration import tls_channel
from isthmus.node.view import REPORT, ReportRequest
from isthmus.security.forwarding.asking import ask
from isthmus.security.forwarding.system import as_system
from isthmus.settings import load, node_settings
from isthmus.settings.ssl_settings import TRANSPORT_SSL
from isthmus.transport.registry import ActionRegistry
from isthmus.transport.service import TransportService
from isthmus.wire.nodes import DiscoveryNode

TIMEOUT = 30.0


class Peer:
    """Dials as the node configured in `conf_dir` would. Raises ConfigError if that has no TLS, or is no good."""

    def __init__(self, conf_dir: Path, others: Iterable[str]) -> None:
        settings = load(conf_dir, environ=os.environ)
        tls = tls_channel(settings, TRANSPORT_SSL)
        if tls is None:
            raise ConfigError("the transport has no TLS", where=str(conf_dir))
        self._tls = tls
        self._files = files_of(tls.config)
        self._served: Digests | None = None
        self._others = cycle(list(others))
        self._service = TransportService(
            local_node=lambda: DiscoveryNode("load", "load", "load", "", "", ("127.0.0.1", 0)),
            cluster_name=settings.get(node_settings.CLUSTER_NAME),
            registry=ActionRegistry(),
            tls=tls,
        )

    async def ask_next(self) -> None:
        """The next of the other nodes is dialled anew; it lets this one in, and tells of itself as to a member."""
        await self._take_up_files()
        address = next(self._others)
        host, port = split_address(address)
        connection = await self._service.open_connection(host, port, timeout=TIMEOUT)
        try:
            with as_system("cluster:monitor/nodes/info"):
                report = await ask(connection, REPORT, ReportRequest(), timeout=TIMEOUT)
        finally:
            connection.close()
        if report.transport is None or address not in report.transport.bound:
            raise WrongAnswerError(f"[{address}] told of another node: {report.transport}")

    async def close(self) -> None:
        """End every connection."""
        await self._service.close()

    async def _take_up_files(self) -> None:
        """Read files that changed; as a node does, go on with the last good ones while they are being replaced."""
        found = await asyncio.to_thread(digests, self._files)
        if found == self._served:
            return
        try:
            generation = await asyncio.to_thread(self._tls.load)
        except IsthmusError:
            return
        if await asyncio.to_thread(digests, self._files) == found:
            self._tls.replace(generation)
            self._served = found
