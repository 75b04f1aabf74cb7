"""Requests over HTTPS, on a new connection each or on one that is kept."""

from __future__ import annotations

import base64
import http
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import aiohttp

from isthmus.demo.load.workload import WrongAnswerError

KEPT_SECONDS = 3600.0
SHOWN_BODY = 300


@dataclass(frozen=True)
class Target:
    """A node's HTTP address (`host:port`), the file of CAs that the client trusts, and its password of `elastic`."""

    address: str
    ca: Path
    password: str = field(repr=False)

    def open(self) -> aiohttp.ClientSession:
        """Open what keeps one connection. The file of CAs is read now, and never again for this connection."""
        token = base64.b64encode(f"elastic:{self.password}".encode()).decode()
        return aiohttp.ClientSession(
            f"https://{self.address}",
            headers={"Authorization": f"Basic {token}"},
            connector=aiohttp.TCPConnector(
                ssl=ssl.create_default_context(cafile=self.ca), limit=1, keepalive_timeout=KEPT_SECONDS
            ),
            trace_configs=[_OneConnection().trace()],
        )


class Asker(Protocol):
    """What asks a node."""

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the JSON of the answer. Raises WrongAnswerError for another status than 200, aiohttp.ClientError."""

    async def close(self) -> None:
        """Let go of the connection, if one is kept."""


@dataclass(frozen=True)
class NewConnections:
    """A client that connects anew for each request, trusting what its file of CAs holds at that moment."""

    target: Target

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """See Asker."""
        async with self.target.open() as session:
            return await _ask(session, method, path, body)

    async def close(self) -> None:
        """Nothing is kept."""


class KeptConnection:
    """A client that connects once. If its connection is lost, the request fails, and the next one connects anew."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """See Asker."""
        if self._session is None:
            self._session = self._target.open()
        try:
            return await _ask(self._session, method, path, body)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """See Asker."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class _OneConnection:
    """Lets a session connect once only: aiohttp by itself would hide a connection that was lost by a second one."""

    def __init__(self) -> None:
        self._connected = False

    def trace(self) -> aiohttp.TraceConfig:
        found = aiohttp.TraceConfig()
        found.on_connection_create_start.append(self._connect)
        return found

    async def _connect(self, _session: aiohttp.ClientSession, _context: SimpleNamespace, _details: Any) -> None:
        if self._connected:
            raise WrongAnswerError("the node closed a connection that was to be kept")
        self._connected = True


async def _ask(session: aiohttp.ClientSession, method: str, path: str, body: object) -> Any:
    async with session.request(method, path, json=body) as answer:
        if answer.status != http.HTTPStatus.OK:
            raise WrongAnswerError(f"{method} {path} answered {answer.status}: {(await answer.text())[:SHOWN_BODY]}")
        return await answer.json()
