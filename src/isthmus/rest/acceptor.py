"""Accepts HTTP connections; each is counted from then on, so that a handshake costs its place too."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from isthmus.rest.connection import MAX_CONNECTIONS, Connection, Crowd
from isthmus.transport.beginning import begun
from isthmus.transport.readiness import readable

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel

log = logging.getLogger(__name__)

_PAUSE = 0.2  # seconds, after accept failed because this process has no more files to open


def most_connections() -> int:
    """How many connections may be open: at most half of the files that this process may open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if files == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, files // 2)


class Acceptor:
    """Accepts on one listening socket until it is closed.

    When the crowd is full, the oldest that has not shaken hands gives way; if all have, the new one is closed.
    """

    def __init__(
        self,
        listening: socket.socket,
        factory: Callable[[], Connection],
        crowd: Crowd,
        tls: TlsChannel | None,
        handshake_seconds: float,
    ) -> None:
        self._listening = listening
        self._factory = factory
        self._crowd = crowd
        self._tls = tls
        self._handshake_seconds = handshake_seconds
        self._accepting = asyncio.get_running_loop().create_task(self._accept())
        self._arriving: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Accept no more, and give up handshakes that are under way."""
        tasks = [self._accepting, *self._arriving]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listening.close()

    async def _accept(self) -> None:
        while True:
            await readable(self._listening)
            try:
                sock, _ = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                continue
            except OSError as error:
                log.warning("cannot accept an HTTP connection: %s", error)
                await asyncio.sleep(_PAUSE)
                continue
            sock.settimeout(0)
            if not self._crowd.make_room():
                sock.close()
                continue
            task = asyncio.get_running_loop().create_task(self._establish(sock))
            self._arriving.add(task)
            self._crowd.arriving[task] = None
            task.add_done_callback(partial(self._arrived, sock))

    def _arrived(self, sock: socket.socket, task: asyncio.Task[None]) -> None:
        self._arriving.discard(task)
        self._crowd.arriving.pop(task, None)
        if task.cancelled():
            sock.close()  # a task that is cancelled before its first step has closed nothing
        elif (error := task.exception()) is not None:
            log.error("establishing an HTTP connection failed", exc_info=error)

    async def _establish(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is None:
                await loop.connect_accepted_socket(self._factory, sock)
                return
            await begun(
                loop.connect_accepted_socket(
                    self._factory, sock, ssl=self._tls.server_context, ssl_handshake_timeout=self._handshake_seconds
                )
            )
        except asyncio.CancelledError:
            sock.close()
            raise
        except OSError as error:  # who refused whom is told by the channel's `on_failed`
            log.debug("an HTTP connection did not come about: %s", error)
            sock.close()
