"""A client that sends bytes as they are, and tells what came back."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import time
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_connection

from tests.live.fuzzing.making import Wire


@dataclass(frozen=True)
class Reply:
    """What came back, and after how many seconds."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    seconds: float


class DroppedError(Exception):
    """The connection ended without an answer."""


class Asker:
    """One connection to a node at a time, made anew when the node closes it; no answer may take longer than `bound`."""

    def __init__(self, address: str, ca: Path, password: str, bound: float) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._tls = ssl.create_default_context(cafile=str(ca))
        self._own = (
            ("Host", address),
            ("Authorization", "Basic " + b64encode(f"elastic:{password}".encode()).decode()),
        )
        self._bound = bound
        self._socket: ssl.SSLSocket | None = None

    def ask(self, wire: Wire) -> Reply:
        """Send a request and return its answer. Raises DroppedError, TimeoutError."""
        fresh = self._socket is None
        try:
            return self._ask(wire)
        except DroppedError:
            if fresh:
                raise
            return self._ask(wire)  # the node may close a connection that waits

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ask(self, wire: Wire) -> Reply:
        sock = self._connected()
        length = (
            ()
            if any(name == "Content-Length" for name, _ in wire.headers)
            else (("Content-Length", str(len(wire.body))),)
        )
        began = time.monotonic()
        response = http.client.HTTPResponse(sock, method=wire.method)
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read all
                sock.sendall(wire.head((*self._own, *length)) + wire.body)
            response.begin()
            body = response.read()
        except TimeoutError:
            self.close()
            raise
        except (OSError, http.client.HTTPException) as cause:
            self.close()
            raise DroppedError(repr(cause)) from cause
        if response.will_close:
            self.close()
        response.close()
        return Reply(response.status, response.getheader("Content-Type", ""), body, time.monotonic() - began)

    def _connected(self) -> ssl.SSLSocket:
        if self._socket is None:
            plain = create_connection((self._host, self._port), timeout=self._bound)
            self._socket = self._tls.wrap_socket(plain, server_hostname=self._host)
        return self._socket
