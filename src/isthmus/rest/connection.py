"""One HTTP connection: aiohttp's, with bounds on the crowd and on patience, and errors in our form."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from isthmus.errors import IsthmusError, UsageError
from isthmus.rest.answers import encode_json
from isthmus.rest.errors import UnexpectedError, error_body
from isthmus.tls.judging import GRACE_SECONDS, Judge, Latecomers
from isthmus.transport.trust import identify

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 8_192
MAX_LINE = 8_190
MAX_HEADERS = 128
HANDSHAKE_SECONDS = 15.0
FIRST_REQUEST_SECONDS = 30.0
KEEPALIVE_SECONDS = 75.0
SERVER = "Isthmus"


class MalformedRequestError(UsageError):
    """What came is no HTTP, or more of it than is read."""


@dataclass
class Crowd:
    """The connections of one server, at most `most`: those that are open, and those that still shake hands."""

    most: int = MAX_CONNECTIONS
    open: int = 0
    arriving: dict[asyncio.Task[None], None] = field(default_factory=dict)
    latecomers: Latecomers = field(default_factory=lambda: Latecomers(HANDSHAKE_SECONDS))
    members: set[Connection] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many connections there are."""
        return self.open + len(self.arriving)

    def make_room(self) -> bool:
        """Say whether one more may come; the oldest that has not shaken hands gives way to it."""
        if self.count < self.most:
            return True
        if not self.arriving:
            return False
        oldest = next(iter(self.arriving))
        del self.arriving[oldest]
        oldest.cancel()
        return True

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """See HttpServer.expel."""
        self.latecomers.face(judge)
        expelled = [one for one in list(self.members) if one.judge(judge)]
        for one in expelled if at_once else ():
            one.force_close()
        return len(expelled)


class Connection(web.RequestHandler):
    """Closes at once when the crowd is full, and when the first request's head does not arrive in time.

    aiohttp itself closes a connection whose next request does not arrive within the keep-alive time.
    """

    __slots__ = ("_crowd", "_first", "_grace", "_identity", "_patience")

    def __init__(self, crowd: Crowd, first_request_seconds: float, manager: web.Server, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._crowd = crowd
        self._first = first_request_seconds
        self._patience: asyncio.TimerHandle | None = None
        self._grace: asyncio.TimerHandle | None = None
        self._identity: PeerIdentity | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take part in the crowd."""
        super().connection_made(transport)
        self._crowd.open += 1
        self._identity = identify(transport)
        if self._identity is not None:
            self._crowd.members.add(self)
            self.judge(self._crowd.latecomers.judge)
        if self._crowd.open > self._crowd.most:
            self.force_close()
            return
        self._patience = asyncio.get_running_loop().call_later(self._first, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Leave the crowd."""
        self._crowd.open -= 1
        self._crowd.members.discard(self)
        if self._grace is not None:
            self._grace.cancel()
        self.request_began()
        super().connection_lost(exc)

    @property
    def identity(self) -> PeerIdentity | None:
        """What the client showed in the handshake."""
        return self._identity

    def request_began(self) -> None:
        """Note that a request's head has arrived."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def judge(self, judge: Judge) -> bool:
        """Close after the request in flight if `judge` gives a reason, at most GRACE_SECONDS later; say whether so."""
        reason = judge(self._identity) if self._identity is not None else None
        if reason is None:
            return False
        if self._grace is None:
            peer = self.transport.get_extra_info("peername") if self.transport is not None else None
            log.warning("ends the connection of the client [%s]: %s", peer[0] if peer else "unknown", reason)
            self._grace = asyncio.get_running_loop().call_later(GRACE_SECONDS, self.force_close)
            # aiohttp's close() would leave a connection open that waits for its next request
            (self.force_close if self._current_request is None else self.close)()
        return True

    def log_exception(self, *said: Any, **how: Any) -> None:
        """Log what aiohttp could not handle; a body that its sender broke is no fault of this node."""
        if isinstance(how.get("exc_info"), web.RequestPayloadError):
            log.debug("the rest of a request's body cannot be read: %s", how["exc_info"])
        else:
            super().log_exception(*said, **how)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not become a request, or failed outside the pipeline, and close."""
        error = _explain(status, exc)
        if error.status >= web.HTTPInternalServerError.status_code:
            log.error("answering [%s] failed", request.remote, exc_info=exc)
        else:
            log.debug("[%s] sent a malformed request: %s", request.remote, error)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        body = encode_json(error_body(error), pretty=False)
        headers = {"Content-Type": "application/json", "Server": SERVER}
        response = web.Response(status=error.status, body=body, headers=headers)
        response.force_close()
        return response


def _explain(status: int, cause: BaseException | None) -> IsthmusError:
    if isinstance(cause, LineTooLong):
        return MalformedRequestError(f"a line of the request's head is longer than [{MAX_LINE}] bytes")
    if status < web.HTTPInternalServerError.status_code:
        return MalformedRequestError("the request is not valid HTTP, or its head is too large")
    return UnexpectedError("the request failed for an unexpected reason, see the node's log")
