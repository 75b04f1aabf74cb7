"""One conversation between two nodes' transports, recorded in between."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from isthmus.demo.recording import Recording, Relay
from isthmus.errors import IsthmusError
from isthmus.node.configuration import tls_channel
from isthmus.settings import load, node_settings
from isthmus.settings.ssl_settings import TRANSPORT_SSL
from isthmus.transport.registry import ActionRegistry
from isthmus.transport.service import TransportService
from isthmus.wire.handshake import TRANSPORT_HANDSHAKE, encode_transport_request
from isthmus.wire.nodes import DiscoveryNode

SECONDS = 10.0


def record_conversation(target: str, conf_dir: Path, server_name: str, marker: str) -> Recording:
    """Speak to the node at `target` as the node configured in `conf_dir` would, with `marker` in a request header.

    Returns every byte that crossed the relay in between. Raises ConnectError, or what the node answered.
    """
    return asyncio.run(_record(target, conf_dir, server_name, marker))


async def _record(target: str, conf_dir: Path, server_name: str, marker: str) -> Recording:
    settings = load(conf_dir, environ=os.environ)
    service = TransportService(
        local_node=lambda: DiscoveryNode("recorder", "recorder", "recorder", "", "", ("127.0.0.1", 0)),
        cluster_name=settings.get(node_settings.CLUSTER_NAME),
        registry=ActionRegistry(),
        tls=tls_channel(settings, TRANSPORT_SSL),
    )
    host, _, port = target.rpartition(":")
    relay = Relay(host, int(port))
    try:
        connection = await service.open_connection(*await relay.start(), server_name=server_name, timeout=SECONDS)
        headers = {"X-Opaque-Id": marker}
        await connection.request(TRANSPORT_HANDSHAKE, encode_transport_request(), headers=headers, timeout=SECONDS)
    except IsthmusError:
        await service.close()
        raise
    await service.close()
    await relay.stop()
    return relay.recording
