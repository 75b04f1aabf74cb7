"""A service that closes is done with every peer, also with those that do not help."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from isthmus.transport.limits import TransportLimits
from tests.certificates import Authority
from tests.transport.stage import BOTH, TIMEOUT, Stage


@pytest.mark.parametrize("protocol", BOTH)
async def test_a_peer_that_does_not_answer_the_goodbye_is_left_in_time(
    stage: Stage, authority: Authority, protocol: str
) -> None:
    """With TLS 1.3 a Java peer goes on as if only one half of the connection had ended."""
    tls = stage.tls(authority.issue("server"), [authority], client_authentication="none", protocols=(protocol,))
    server = await stage.server(tls=tls, limits=TransportLimits(close_timeout=0.1))
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    with await asyncio.to_thread(_connect, server.port, context):
        async with asyncio.timeout(TIMEOUT):
            await server.service.close()
        assert server.service.connection_count == (0, 0)


def _connect(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    sock = context.wrap_socket(socket.create_connection(("127.0.0.1", port), TIMEOUT), server_hostname="localhost")
    sock.sendall(bytes.fromhex("4553ffffffff"))
    assert sock.recv(6) == bytes.fromhex("4553ffffffff")
    return sock
