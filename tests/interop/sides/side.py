"""One node of any engine, asked over HTTPS with a name and a password: what is compared and measured side by side."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

STARTS_WITHIN = 240.0
POLL_SECONDS = 0.05
ANSWERS_WITHIN = 60.0


class Missing(Exception):
    """An engine, or what it needs, is not on this machine; the text says what."""


@dataclass(frozen=True)
class Address:
    """Where a node answers, and as whom it is asked."""

    port: int
    trust: Path
    user: str
    password: str

    @property
    def url(self) -> str:
        """The node's address as clients take it."""
        return f"https://localhost:{self.port}"

    @property
    def authorization(self) -> str:
        """The value of the header."""
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()


class Process(Protocol):
    """A node's process."""

    @property
    def pid(self) -> int: ...

    @property
    def is_running(self) -> bool: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...

    def log(self) -> list[str]: ...


@dataclass(frozen=True)
class Side:
    """A node that is configured; `key` is the engine's name in files, `name` its name for people."""

    key: str
    name: str
    address: Address
    process: Process
    data: Path


MakeSide = Callable[[Path], Side]


@dataclass(frozen=True)
class Answer:
    """What a node answered: its status and its body, parsed if it is JSON."""

    status: int
    body: Any


class Line(AbstractContextManager["Line"]):
    """One kept connection to a node."""

    def __init__(self, address: Address) -> None:
        trust = ssl.create_default_context(cafile=str(address.trust))
        self._connection = http.client.HTTPSConnection("localhost", address.port, timeout=ANSWERS_WITHIN, context=trust)
        self._headers = {"Authorization": address.authorization}

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Send `body`, text as it stands, else as JSON. Raises OSError, HTTPException."""
        headers, data = dict(self._headers), None
        if body is not None:
            headers["Content-Type"] = "application/x-ndjson" if _takes_lines(path) else "application/json"
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self._connection.request(method, path, data, headers)
        answer = self._connection.getresponse()
        return Answer(answer.status, _parsed(answer.read(), answer.headers.get_content_type()))

    def must(self, method: str, path: str, body: object = None) -> Any:
        """The body of an answer that has to be a success."""
        answer = self.ask(method, path, body)
        if answer.status >= 400:
            raise AssertionError(f"{method} {path}: {answer.status} {str(answer.body)[:500]}")
        return answer.body

    def __exit__(self, *_: object) -> None:
        self._connection.close()


@contextmanager
def running(side: Side) -> Iterator[Line]:
    """Start the node, wait until it serves, and end it at the end."""
    side.process.start()
    try:
        wait_until_served(side)
        with Line(side.address) as line:
            yield line
    finally:
        side.process.stop()


def wait_until_served(side: Side) -> float:
    """Return the seconds until the first answer to a user who has the password. Raises AssertionError."""
    begun = time.monotonic()
    while not _is_served(side.address):
        if not side.process.is_running:
            raise AssertionError(f"{side.name} ended: {side.process.log()[-20:]}")
        if time.monotonic() > begun + STARTS_WITHIN:
            raise AssertionError(f"{side.name} does not answer: {side.process.log()[-20:]}")
        time.sleep(POLL_SECONDS)
    return time.monotonic() - begun


def _is_served(address: Address) -> bool:
    try:
        with Line(address) as line:
            return line.ask("GET", "/_cluster/health").status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


def _takes_lines(path: str) -> bool:
    return path.partition("?")[0].endswith(("/_bulk", "/_msearch"))


def _parsed(data: bytes, kind: str) -> Any:
    if kind.endswith("json") and data:
        return json.loads(data)
    return data.decode(errors="replace")
