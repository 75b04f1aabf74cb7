"""One TLS handshake, watched from outside.

asyncio and uvloop drop the alert that OpenSSL has ready when a handshake fails, so the other side would only see a
closed connection. An `Attempt` stands in for the context of one connection, keeps hold of what OpenSSL wanted to
send, and of the TLS object, which knows what the peer presented. `part` says the last word on a second handle of
the socket and reads what the peer still sends, because closing with unread bytes would reset the connection and
take the alert away from the peer.
"""

from __future__ import annotations

import asyncio
import socket
import ssl

_MOST_DRAINED = 1024 * 1024


class Attempt(ssl.SSLContext):
    """A context for one connection that hands over to `context`.

    `ssl_object` is that connection's once it has begun; `last_words` is the alert, after a failure.
    """

    _context: ssl.SSLContext
    ssl_object: ssl.SSLObject | None
    last_words: bytes

    def __new__(cls, context: ssl.SSLContext) -> Attempt:
        self = super().__new__(cls, context.protocol)
        self._context = context
        self.ssl_object = None
        self.last_words = b""
        return self

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin the handshake with the context that this one stands in for."""
        self.ssl_object = self._context.wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        self._listen(self.ssl_object, outgoing)
        return self.ssl_object

    def _listen(self, ssl_object: ssl.SSLObject, outgoing: ssl.MemoryBIO) -> None:
        """Take the alert at the moment of failure: the event loop empties `outgoing` before anybody hears of it."""
        shake_hands = ssl_object.do_handshake

        def do_handshake() -> None:
            try:
                shake_hands()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError:
                self.last_words = outgoing.read()
                del ssl_object.do_handshake
                raise
            else:
                del ssl_object.do_handshake  # it is done, and this would keep the object alive

        ssl_object.do_handshake = do_handshake  # type: ignore[method-assign]


async def part(sock: socket.socket, last_words: bytes, seconds: float) -> None:
    """Send `last_words`, read on until the peer closes or `seconds` are over, and close."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            await loop.sock_sendall(sock, last_words)
            sock.shutdown(socket.SHUT_WR)
            drained = 0
            while drained < _MOST_DRAINED and (data := await loop.sock_recv(sock, 64 * 1024)):
                drained += len(data)
    except (OSError, TimeoutError):
        pass  # the peer is gone already or has no ear for it
    finally:
        sock.close()
