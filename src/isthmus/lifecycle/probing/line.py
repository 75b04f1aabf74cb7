"""TLS over one socket, by hand: alerts are sent and heard, also late ones, and every byte is counted.

asyncio's own TLS drops what a peer says after it refused a client, and shows nothing of what came first.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from isthmus.errors import UsageError
from isthmus.tls.witness import WitnessedObject

T = TypeVar("T")

MOST_BYTES = 512 * 1024
_CHUNK = 16 * 1024
_FIRST = 16


class TooMuchError(OSError):
    """The peer sent more than any answer to a probe takes."""


def split_address(address: str) -> tuple[str, int]:
    """Return host and port of `host:port` or `[ipv6]:port`; raises UsageError."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise UsageError("an address has a host and a port", where=address[:300], hint="write it like node1:9300")
    return host, int(port)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[socket.socket]:
    """Give a socket that is connected to `address`, closed at the end; raises OSError if no address answers."""
    sock = await _connect(address)
    try:
        yield sock
    finally:
        sock.close()


async def _connect(address: str) -> socket.socket:
    loop = asyncio.get_running_loop()
    host, port = split_address(address)
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as cause:
        raise OSError("no machine can have this name") from cause
    failed = OSError("the name has no address")
    for family, kind, protocol, _, where in found:
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)  # noqa: FBT003 - the socket's own signature
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the end of a handshake and a question follow
        try:
            await loop.sock_connect(sock, where)
        except OSError as error:
            sock.close()
            failed = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failed


class TlsLine:
    """The client's side of one TLS connection over `sock`. `tls` knows what the peer presented, `first` its bytes."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, server_name: str | None) -> None:
        self._sock = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._count = 0
        self.first = b""
        self.is_open = False
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        if not isinstance(tls, WitnessedObject):
            raise TypeError("a witnessed context is needed")
        self.tls = tls

    async def shake_hands(self) -> None:
        """Do the handshake. Raises ssl.SSLError after the peer was told why, OSError if it is gone."""
        await self._until_done(self.tls.do_handshake)
        self.is_open = True

    async def send(self, data: bytes) -> None:
        """Send `data`. A peer that hung up is no error here: what it said before is still to be read."""
        self.tls.write(data)
        await self._flush_if_heard()

    async def receive(self) -> bytes:
        """Return some bytes, empty at the end. Raises ssl.SSLError on an alert, OSError if the peer is gone."""
        try:
            return await self._until_done(lambda: self.tls.read(_CHUNK))
        except ssl.SSLZeroReturnError:
            return b""

    async def _until_done(self, step: Callable[[], T]) -> T:
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                await self._flush_if_heard()
                await self._take()
            except ssl.SSLError:
                await self._flush_if_heard()
                raise
            else:
                await self._flush_if_heard()
                return result

    async def _take(self) -> None:
        data = await asyncio.get_running_loop().sock_recv(self._sock, _CHUNK)
        self._count += len(data)
        self.first = self.first or data[:_FIRST]
        if self._count > MOST_BYTES:
            raise TooMuchError(f"it sent more than {MOST_BYTES} bytes")
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush_if_heard(self) -> None:
        if data := self._outgoing.read():
            try:
                await asyncio.get_running_loop().sock_sendall(self._sock, data)
            except ConnectionError:
                return  # an alert may lie unread in our socket: reading goes on and tells
