"""Listens for other nodes and lets in who may come in."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import socket
import ssl
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from isthmus.errors import ConfigError
from isthmus.tls.witness import REFUSED_HERE
from isthmus.transport.attempt import Attempt, part
from isthmus.transport.beginning import begun
from isthmus.transport.crowd import Crowd
from isthmus.transport.inbound import InboundConnection, Serving, http_refusal
from isthmus.transport.readiness import readable
from isthmus.transport.refusals import RefusalLog, RefusedConnection, why_not_tls
from isthmus.transport.trust import explain, presented
from isthmus.wire.foreign import ENOUGH, recognise

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel

log = logging.getLogger(__name__)

_Address = tuple[socket.AddressFamily, str]

_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_BACKLOG = 512
_PAUSE = 0.2  # seconds, after accept failed because this process has no more files to open
_UNEXPECTED_MESSAGE = b"\x15\x03\x03\x00\x02\x02\x0a"  # a TLS alert, by which a peer without TLS can tell what is on


class Listener:
    """Accepts connections on bound sockets; `crowd` bounds those that have not proved who they are."""

    def __init__(self, serving: Serving, tls: TlsChannel | None, crowd: Crowd, refusals: RefusalLog) -> None:
        self._serving = serving
        self._tls = tls
        self._crowd = crowd
        self._refusals = refusals
        self._sockets: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._establishing: set[asyncio.Task[None]] = set()

    async def bind(self, hosts: Sequence[str], ports: Iterable[int]) -> list[tuple[str, int]]:
        """See TransportService.bind."""
        loop = asyncio.get_running_loop()
        bound = []
        for host in hosts:
            addresses = await _resolve(host)
            self._check_loopback(host, addresses)
            for listening in _listen_on_all(addresses, ports):
                self._sockets.append(listening)
                self._accepting.append(loop.create_task(self._accept(listening)))
                ip, port = listening.getsockname()[:2]
                bound.append((str(ip), int(port)))
        return bound

    def _check_loopback(self, host: str, addresses: Sequence[_Address]) -> None:
        if self._tls is None and not all(ipaddress.ip_address(ip).is_loopback for _, ip in addresses):
            raise ConfigError(
                f"without TLS the transport listens on loopback addresses only, and [{host}] is none",
                hint="set xpack.security.transport.ssl.enabled: true with a certificate ('certutil cert' makes one), "
                "or bind to 127.0.0.1",
                where="transport.host",
            )

    async def close(self) -> None:
        """Stop listening and give up handshakes that are under way."""
        tasks = [*self._accepting, *self._establishing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for one in self._sockets:
            one.close()
        self._sockets.clear()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            # not `sock_accept`: whom that accepts in the moment of its cancellation is lost unclosed
            await readable(listening)
            try:
                sock, address = listening.accept()
                sock.settimeout(0)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as error:
                log.warning("cannot accept a connection: %s", error)
                await asyncio.sleep(_PAUSE)
                continue
            connection = InboundConnection(_address_text(address), self._serving)
            task = loop.create_task(self._establish(sock, connection))
            self._establishing.add(task)
            self._crowd.admit(connection, partial(self._give_up, task, connection.address))
            task.add_done_callback(partial(self._established, sock, connection))

    def _established(self, sock: socket.socket, connection: InboundConnection, task: asyncio.Task[None]) -> None:
        self._establishing.discard(task)
        if task.cancelled():
            sock.close()  # a task that is cancelled before its first step has closed nothing
        if not connection.is_open:
            self._crowd.leave(connection)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("establishing a connection failed", exc_info=error)

    def _give_up(self, task: asyncio.Task[None], address: str) -> None:
        reason = "it has not shown who it is, and too many others want to: the oldest gives way"
        self._refusals.tell(RefusedConnection(address, reason, kind="crowd"))
        task.cancel()

    async def _establish(self, sock: socket.socket, connection: InboundConnection) -> None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._tls is None:
                await asyncio.get_running_loop().connect_accepted_socket(lambda: connection.channel, sock)
            elif await self._begins_with_tls(sock, connection.address):
                await self._shake_hands(sock, connection, self._tls)
        except asyncio.CancelledError:
            sock.close()
            raise
        except OSError as error:
            log.debug("[%s] was gone before it was served: %s", connection.address, error)
            sock.close()

    async def _begins_with_tls(self, sock: socket.socket, address: str) -> bool:
        """Look at the first bytes without taking them; a peer that does not begin with TLS is sent away."""
        try:
            async with asyncio.timeout(self._serving.limits.tls_handshake_timeout):
                await readable(sock)
        except TimeoutError:
            reason = "it said nothing in place of a TLS handshake"
            self._refusals.tell(RefusedConnection(address, reason, kind="silence"))
            sock.close()
            return False
        first = sock.recv(ENOUGH, socket.MSG_PEEK)
        if not first:
            sock.close()  # a port check: it came and went
            return False
        protocol = recognise(first)
        if protocol == "TLS":
            return True
        self._refusals.tell(RefusedConnection(address, why_not_tls(protocol), kind="not_tls"))
        answer = http_refusal() if protocol == "HTTP" else _UNEXPECTED_MESSAGE
        await part(sock, answer, self._serving.limits.close_timeout)
        return False

    async def _shake_hands(self, sock: socket.socket, connection: InboundConnection, tls: TlsChannel) -> None:
        limits = self._serving.limits
        attempt = Attempt(tls.server_context)
        spare = sock.dup()
        try:
            await begun(
                asyncio.get_running_loop().connect_accepted_socket(
                    lambda: connection.channel,
                    sock,
                    ssl=attempt,
                    ssl_handshake_timeout=limits.tls_handshake_timeout,
                    ssl_shutdown_timeout=limits.close_timeout,
                )
            )
        except OSError as error:
            refusal = explain(error, presented(attempt.ssl_object), tls, connection.address)
            denied = isinstance(error, ssl.SSLCertVerificationError) and error.verify_code == REFUSED_HERE
            self._refusals.tell(RefusedConnection(connection.address, str(refusal), refusal, "tls", denied))
            await part(spare, attempt.last_words, limits.close_timeout)
        finally:
            spare.close()


async def _resolve(host: str) -> list[_Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as cause:
        raise ConfigError(f"the host [{host}] has no address", hint=str(cause), where="transport.host") from cause
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))


def _listen_on_all(addresses: Sequence[_Address], ports: Iterable[int]) -> list[socket.socket]:
    """Listen on each address; one that this machine does not have is left out if the host has another."""
    listening: list[socket.socket] = []
    missing: ConfigError | None = None
    for family, ip in addresses:
        try:
            listening.append(_listen(family, ip, ports))
        except ConfigError as error:
            absent = isinstance(error.__cause__, OSError) and error.__cause__.errno in _ABSENT
            if not absent:
                for one in listening:
                    one.close()
                raise
            missing = error
    if missing is not None and not listening:
        raise missing
    return listening


def _listen(family: socket.AddressFamily, ip: str, ports: Iterable[int]) -> socket.socket:
    error: OSError | None = None
    for port in ports:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is accepted inherits it
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((ip, port))
            sock.listen(_BACKLOG)
            sock.settimeout(0)
        except OSError as cause:
            error = cause
            sock.close()
        else:
            return sock
    raise ConfigError(
        f"cannot listen on [{ip}]: {error.strerror if error else 'no port is given'}",
        hint="choose another transport.port, or another transport.host",
        where="transport.port",
    ) from error


def _address_text(address: tuple[str, int] | tuple[str, int, int, int]) -> str:
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
