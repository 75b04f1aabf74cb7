"""The HTTP listeners: bound addresses, TLS, bounds on what a client may cost, a graceful end."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from isthmus.errors import ConfigError
from isthmus.rest.acceptor import Acceptor, most_connections
from isthmus.rest.connection import (
    FIRST_REQUEST_SECONDS,
    HANDSHAKE_SECONDS,
    KEEPALIVE_SECONDS,
    MAX_HEADERS,
    MAX_LINE,
    Connection,
    Crowd,
)
from isthmus.rest.expectation import hide_expectations

if TYPE_CHECKING:
    from isthmus.tls.judging import Judge
    from isthmus.tls.live import TlsChannel

SHUTDOWN_SECONDS = 10.0
TLS_SHUTDOWN_SECONDS = 2.0
_TRIES_FOR_ANY_PORT = 16

Address = tuple[str, int]


@dataclass(frozen=True)
class Patience:
    """How long a client may take, in seconds, before its connection is closed."""

    first_request: float = FIRST_REQUEST_SECONDS
    keepalive: float = KEEPALIVE_SECONDS
    handshake: float = HANDSHAKE_SECONDS


class HttpServer:
    """An application that listens. `bound` are the addresses, (ip, port)."""

    def __init__(
        self, runner: web.AppRunner, acceptors: Sequence[Acceptor], bound: Sequence[Address], crowd: Crowd
    ) -> None:
        self.bound = tuple(bound)
        self._runner = runner
        self._acceptors = acceptors
        self._crowd = crowd

    @property
    def connection_count(self) -> int:
        """How many connections are open; those that still shake hands are not told of."""
        return self._crowd.open

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """Judge every client that showed a certificate and is connected or on its way; return how many must go.

        A connection of which `judge` gives a reason is closed when its request in flight is answered, or `at_once`.
        """
        return self._crowd.expel(judge, at_once=at_once)

    async def close(self) -> None:
        """Listen no more, let requests in flight end (10 s at most), close all connections."""
        for acceptor in self._acceptors:
            await acceptor.close()
        await self._runner.cleanup()


async def start(
    app: web.Application,
    bind_hosts: Sequence[str],
    ports: Iterable[int],
    tls: TlsChannel | None,
    patience: Patience | None = None,
) -> HttpServer:
    """Serve `app` on all addresses of `bind_hosts`, on the first of `ports` that is free on each (0: any).

    Raises ConfigError: no port is free, a host has no address, or an address is not loopback and there is no TLS,
    because passwords would cross the network in clear.
    """
    addresses = [address for host in bind_hosts for address in await _resolve(host)]
    if tls is None:
        _refuse_plain(addresses)
    sockets = _listen(list(dict.fromkeys(addresses)), list(ports))
    patience = patience or Patience()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    crowd = Crowd(most_connections())
    factory = connections(runner, patience, crowd)
    bound = [one.getsockname()[:2] for one in sockets]
    return HttpServer(runner, [Acceptor(one, factory, crowd, tls, patience.handshake) for one in sockets], bound, crowd)


def connections(runner: web.AppRunner, patience: Patience, crowd: Crowd) -> partial[Connection]:
    """Return the factory of the connections of a runner that was set up."""
    manager = runner.server
    if manager is None:
        raise ValueError("the runner was not set up")
    hide_expectations(manager)
    return partial(
        Connection,
        crowd,
        patience.first_request,
        manager,
        loop=asyncio.get_running_loop(),
        keepalive_timeout=patience.keepalive,
        access_log=None,
        max_line_size=MAX_LINE,
        max_field_size=MAX_LINE,
        max_headers=MAX_HEADERS,
    )


async def _resolve(host: str) -> list[tuple[socket.AddressFamily, str]]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as cause:
        raise ConfigError(f"the host [{host}] has no address", hint=str(cause), where="http.host") from cause
    return [(family, str(address[0])) for family, _, _, _, address in found]


def _refuse_plain(addresses: Iterable[tuple[socket.AddressFamily, str]]) -> None:
    for _, ip in addresses:
        if not ipaddress.ip_address(ip.partition("%")[0]).is_loopback:
            raise ConfigError(
                f"without TLS the HTTP interface listens on loopback addresses only, and [{ip}] is none",
                hint="set xpack.security.http.ssl.enabled: true with a certificate ('certutil http' makes one), or "
                "http.host: 127.0.0.1",
                where="http.host",
            )


def _listen(addresses: Sequence[tuple[socket.AddressFamily, str]], ports: Sequence[int]) -> list[socket.socket]:
    """Listen on one port on all addresses, so that a name with several of them can be used with that port."""
    error: OSError | None = None
    for port in ports if list(ports) != [0] else [0] * _TRIES_FOR_ANY_PORT:
        try:
            return _listen_on(addresses, port)
        except OSError as cause:
            error = cause
    raise ConfigError(
        f"cannot listen on {', '.join(ip for _, ip in addresses)}: {error.strerror if error else 'no port is given'}",
        hint="choose another http.port, or another http.host",
        where="http.port",
    ) from error


def _listen_on(addresses: Sequence[tuple[socket.AddressFamily, str]], port: int) -> list[socket.socket]:
    with ExitStack() as undo:
        sockets: list[socket.socket] = []
        for family, ip in addresses:
            one = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((ip, port if port or not sockets else sockets[0].getsockname()[1]))
            one.listen(socket.SOMAXCONN)
            one.settimeout(0)
            sockets.append(one)
        undo.pop_all()
        return sockets
