"""Waiting for a socket without taking anything from it."""

from __future__ import annotations

import asyncio
import socket
from functools import partial


async def readable(sock: socket.socket) -> None:
    """Wait until something can be read from `sock`, or accepted on it."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(sock, partial(_set, ready))
    try:
        await ready
    finally:
        loop.remove_reader(sock)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
