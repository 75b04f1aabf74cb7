"""Opens connections to other nodes and explains why one did not come about."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from isthmus.errors import IsthmusError
from isthmus.transport.attempt import Attempt
from isthmus.transport.beginning import begun
from isthmus.transport.connection import Connection
from isthmus.transport.errors import ConnectError
from isthmus.transport.limits import TransportLimits
from isthmus.transport.trust import explain, identify, presented
from isthmus.wire.foreign import ForeignProtocolError

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel


class Introduce(Protocol):
    """Does the handshakes on a fresh connection, within `timeout` seconds, and notes in it who the peer is."""

    def __call__(self, connection: Connection, *, timeout: float) -> Awaitable[None]: ...


class Dialler:
    """Dials with this node's identity; `dialled` hears of every connection whose bytes can flow.

    `introduce` does the handshakes on it.
    """

    def __init__(
        self,
        limits: TransportLimits,
        tls: TlsChannel | None,
        introduce: Introduce,
        dialled: Callable[[Connection], None],
    ) -> None:
        self._limits = limits
        self._tls = tls
        self._handshakes = introduce
        self._dialled = dialled

    async def open(self, host: str, port: int, *, server_name: str | None, timeout: float) -> Connection:
        """See TransportService.open_connection."""
        where = f"[{_text(host, port)}]"
        try:
            async with asyncio.timeout(timeout):
                sock, address = await self._reach(host, port)
                connection = await self._establish(sock, address, server_name or host)
                return await self._introduce(connection, timeout)
        except TimeoutError as cause:
            raise ConnectError(
                f"no connection within {timeout:g} s", hint="check the address, and firewalls between", where=where
            ) from cause

    async def _reach(self, host: str, port: int) -> tuple[socket.socket, str]:
        loop = asyncio.get_running_loop()
        where = f"[{_text(host, port)}]"
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as cause:  # UnicodeError: what no name service would take, such as "a..b"
            raise ConnectError(
                "the name has no address", hint="check discovery.seed_hosts and the name service", where=where
            ) from cause
        error: OSError | None = None
        for family, _, _, _, target in found:
            self._check_loopback(str(target[0]), where)
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.settimeout(0)
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                # asyncio, unlike uvloop, does so only for sockets that were made with the protocol's number.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await loop.sock_connect(sock, target)
            except OSError as cause:
                error = cause
                sock.close()
            except BaseException:
                sock.close()
                raise
            else:
                return sock, _text(str(target[0]), port)
        raise ConnectError(
            f"cannot be reached: {error.strerror if error else 'no address'}",
            hint="check that a node runs there and that this is its transport port",
            where=where,
        ) from error

    def _check_loopback(self, ip: str, where: str) -> None:
        if self._tls is None and not ipaddress.ip_address(ip).is_loopback:
            raise ConnectError(
                "without TLS only loopback addresses are dialled",
                hint="set xpack.security.transport.ssl.enabled: true with a certificate",
                where=where,
            )

    async def _establish(self, sock: socket.socket, address: str, name: str) -> Connection:
        connection = Connection(address, self._limits)
        try:
            if self._tls is None:
                await asyncio.get_running_loop().create_connection(lambda: connection.channel, sock=sock)
            else:
                await self._shake_hands(sock, connection, name, self._tls)
        except BaseException:
            sock.close()
            raise
        self._dialled(connection)
        return connection

    async def _shake_hands(self, sock: socket.socket, connection: Connection, name: str, tls: TlsChannel) -> None:
        _check_name(name, f"[{connection.address}]")
        attempt = Attempt(tls.client_context)
        spare = sock.dup()
        try:
            transport, _ = await begun(
                asyncio.get_running_loop().create_connection(
                    lambda: connection.channel,
                    sock=sock,
                    ssl=attempt,
                    server_hostname=name,
                    ssl_handshake_timeout=self._limits.tls_handshake_timeout,
                    ssl_shutdown_timeout=self._limits.close_timeout,
                )
            )
        except OSError as error:
            _send_last_words(spare, attempt.last_words)
            refusal = explain(error, presented(attempt.ssl_object), tls, connection.address)
            raise ConnectError(
                f"{refusal.who}: {refusal.why}", hint=refusal.mend, where=f"[{connection.address}]", refusal=refusal
            ) from error
        finally:
            spare.close()
        connection.identity = identify(transport)

    async def _introduce(self, connection: Connection, timeout: float) -> Connection:
        try:
            await self._handshakes(connection, timeout=timeout)
        except ConnectError:
            connection.close()
            raise
        except IsthmusError as error:
            connection.close()
            raise await self._explain_silence(connection, error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    async def _explain_silence(self, connection: Connection, error: IsthmusError) -> ConnectError:
        """Say why a peer that could be connected did not do the handshakes.

        With TLS 1.3 a server judges the client's certificate when the client is already done with the handshake: if
        it refuses us, its alert comes here, as the cause of the connection's end.
        """
        where = f"[{connection.address}]"
        cause = await connection.wait_closed()
        if isinstance(cause, ForeignProtocolError):
            reason, hint = _FOREIGN.get(cause.protocol, _UNKNOWN)
            return ConnectError(reason, hint=hint, where=where)
        gone = cause is None or isinstance(cause, OSError)
        if self._tls is not None and gone and error.type == "node_disconnected_exception":
            chain = connection.identity.chain if connection.identity is not None else ()
            refusal = explain(cause, chain, self._tls, connection.address)
            return ConnectError(f"{refusal.who}: {refusal.why}", hint=refusal.mend, where=where, refusal=refusal)
        if gone and error.type == "node_disconnected_exception":
            return ConnectError("the peer closed the connection during the handshake", hint=_SEE_LOG, where=where)
        return ConnectError(error.reason, hint=error.hint, where=where)


_SEE_LOG = "its log says why; often TLS is on there and off here"
_UNKNOWN = ("the peer does not speak the transport protocol", "check that this is the transport port of a node")
_FOREIGN = {
    "HTTP": ("the peer speaks HTTP, not the transport protocol", "name its transport port (9300), not its HTTP port"),
    "TLS": (
        "the peer speaks TLS, and TLS is off here",
        "set xpack.security.transport.ssl.enabled: true with a certificate",
    ),
}


def _check_name(name: str, where: str) -> None:
    """TLS raises in several ways for a name that it cannot look for; a peer may have given it."""
    try:
        bearable = name.encode("idna") != b"" and not name.startswith(".") and "\0" not in name
    except UnicodeError:
        bearable = False
    if not bearable:
        raise ConnectError(
            f"{name[:100]!r} is no name that a certificate could bear",
            hint="check transport.publish_host there",
            where=where,
        )


def _send_last_words(sock: socket.socket, words: bytes) -> None:
    try:
        sock.send(words)
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the peer is gone already


def _text(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
