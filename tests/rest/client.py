"""A client that gives answers as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy


@dataclass(frozen=True)
class Answered:
    """An answer, read whole."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def reason(self) -> str:
        """The reason of an error, whose shape is checked on the way."""
        body = self.json
        assert set(body) == {"error", "status"}
        assert body["status"] == self.status
        error = body["error"]
        (cause,) = error["root_cause"]
        assert (cause["type"], cause["reason"]) == (error["type"], error["reason"])
        return str(error["reason"])

    @property
    def type(self) -> str:
        """The type of an error."""
        return str(self.json["error"]["type"])


class Client:
    """Asks the server at `base` in `session`."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.base = base
        self._session = session

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, data: object = None
    ) -> Answered:
        async with self._session.request(method, self.base + path, headers=headers, data=data) as answer:
            return Answered(answer.status, answer.headers, await answer.text())

    async def send(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Ask with a JSON body; None: without one."""
        given = {} if body is None else {"Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        return await self.ask(method, path, headers={**given, **(headers or {})}, data=data)

    async def get(self, path: str, **headers: str) -> Answered:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("GET", path, headers=named)
