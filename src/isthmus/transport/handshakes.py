"""Both sides of the two handshakes: what this node answers, and how it opens a connection (es-wire §2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from isthmus.transport.connection import Connection
from isthmus.transport.errors import ConnectError
from isthmus.transport.registry import ActionRegistry, RequestChannel
from isthmus.wire.authentication import system_user
from isthmus.wire.errors import MalformedError
from isthmus.wire.frames import Buffer
from isthmus.wire.handshake import (
    HEADER_VERSION,
    TCP_HANDSHAKE,
    TRANSPORT_HANDSHAKE,
    TransportHandshake,
    check_version,
    decode_tcp_request,
    decode_tcp_response,
    decode_transport_request,
    decode_transport_response,
    encode_tcp_request,
    encode_tcp_response,
    encode_transport_request,
    encode_transport_response,
)
from isthmus.wire.nodes import DiscoveryNode
from isthmus.wire.version import RELEASE_ID, build_hash


def register_handshakes(registry: ActionRegistry, local_node: Callable[[], DiscoveryNode], cluster_name: str) -> None:
    """Serve both handshakes to everybody: they tell who this node is."""
    build = build_hash()

    def transport(body: Buffer, _channel: RequestChannel) -> bytes:
        decode_transport_request(body)
        return encode_transport_response(TransportHandshake(RELEASE_ID, build, local_node(), cluster_name))

    register_tcp_handshake(registry)
    registry.register(TRANSPORT_HANDSHAKE, transport, anonymous=True)


def register_tcp_handshake(registry: ActionRegistry) -> None:
    """Serve the handshake that settles the version to everybody."""

    def tcp(body: Buffer, channel: RequestChannel) -> bytes:
        try:
            check_version(decode_tcp_request(body, channel.header_version))
        except MalformedError as error:
            channel.connection.close_soon(error)
        return encode_tcp_response(channel.header_version)

    registry.register(TCP_HANDSHAKE, tcp, anonymous=True)


async def open_with_handshakes(
    connection: Connection, *, local_node: Callable[[], DiscoveryNode], cluster_name: str, timeout: float
) -> None:
    """Do both handshakes on a fresh connection of `local_node` and note in it who the peer is.

    Raises ConnectError if the peer belongs to another cluster or speaks another version, MalformedError if its
    answers make no sense, UnavailableError if the connection ends or the time (seconds) runs out.
    """
    deadline = asyncio.get_running_loop().time() + timeout
    connection.version = await settle_version(connection, timeout)
    left = max(0.0, deadline - asyncio.get_running_loop().time())
    answer = decode_transport_response(
        await connection.exchange(
            TRANSPORT_HANDSHAKE, encode_transport_request(), headers=system_user(local_node().name), timeout=left
        )
    )
    if answer.cluster_name != cluster_name:
        raise ConnectError(
            f"node [{answer.node.name}] belongs to the cluster [{answer.cluster_name}], this node to [{cluster_name}]",
            hint="give both the same cluster.name, or take the address out of discovery.seed_hosts",
            where=f"[{connection.address}]",
        )
    connection.node = answer.node


async def settle_version(connection: Connection, timeout: float) -> int:
    """Do the first handshake and return the peer's version. Raises ConnectError, and as `open_with_handshakes`."""
    frame = await connection.shake_hands(
        TCP_HANDSHAKE, encode_tcp_request(HEADER_VERSION), HEADER_VERSION, timeout=timeout
    )
    peer = decode_tcp_response(frame.body, frame.version)
    try:
        check_version(peer)
    except MalformedError as cause:
        raise ConnectError(cause.reason, hint=cause.hint, where=f"[{connection.address}]") from cause
    return peer.version
