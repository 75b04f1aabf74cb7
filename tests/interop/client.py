"""A plain HTTPS client of one node, and a way to wait for it.

The official client of this repository's tests is a release newer than the engine, which refuses its media type.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

POLL_SECONDS = 0.3
_TIMEOUT = aiohttp.ClientTimeout(total=60)


class Refused(AssertionError):
    """The node answered with an error."""


class Client:
    """Asks the node on `port` of localhost as `elastic`.

    `keep_alive`: one context, read from `trust` at the beginning, and one connection for all requests; else `trust`
    is read and a connection made for each.
    """

    def __init__(self, port: int, trust: Path, password: str, *, keep_alive: bool = False) -> None:
        self.connections = 0
        self._port = port
        self._trust = trust
        self._headers = {"Authorization": aiohttp.encode_basic_auth("elastic", password)}
        self._kept = _context(trust) if keep_alive else None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(self._count)
        connector = aiohttp.TCPConnector(limit=1, force_close=True) if self._kept is None else _one_connection()
        self._session = aiohttp.ClientSession(
            connector=connector, headers=self._headers, timeout=_TIMEOUT, trace_configs=[trace]
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the answer's JSON. Raises Refused for a status of 400 and above, aiohttp.ClientError, OSError."""
        if self._session is None:
            raise RuntimeError("the client was not entered")
        url, context = f"https://localhost:{self._port}{path}", self._kept or _context(self._trust)
        async with self._session.request(method, url, json=body, ssl=context) as answer:
            if answer.status >= 400:
                raise Refused(f"{method} {path}: {answer.status} {(await answer.text())[:300]}")
            return await answer.json()

    async def _count(self, *_: object) -> None:
        self.connections += 1


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    """Wait until `holds()`; an answer that is an error, or none, is waited out. Fails with the last one."""
    until = asyncio.get_running_loop().time() + seconds
    last: object = "it was asked and was not so"
    while True:
        try:
            if await holds():
                return
        except (Refused, aiohttp.ClientError, OSError) as error:
            last = error
        if asyncio.get_running_loop().time() > until:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}: {last}")
        await asyncio.sleep(POLL_SECONDS)


def _one_connection() -> aiohttp.TCPConnector:
    return aiohttp.TCPConnector(limit=1, keepalive_timeout=3600)


def _context(trust: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=trust.read_text())
