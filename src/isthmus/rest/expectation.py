"""The Expect header (RFC 9110 section 10.1.1), answered after authentication: aiohttp would answer it before."""

from __future__ import annotations

from typing import Any

from aiohttp import hdrs, web
from multidict import CIMultiDict, CIMultiDictProxy

from isthmus.errors import IsthmusError

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ExpectationFailedError(IsthmusError):
    """The request expects what no server here does."""

    type = "illegal_argument_exception"
    status = 417


def hide_expectations(server: web.Server) -> None:
    """Keep Expect from aiohttp, for every request of `server`; `Request.raw_headers` still has it."""
    make = server.request_factory
    server.request_factory = lambda message, *others: make(_without(message), *others)


def _without(message: Any) -> Any:
    if hdrs.EXPECT not in message.headers:
        return message
    headers = CIMultiDict(message.headers)
    headers.popall(hdrs.EXPECT)
    return message._replace(headers=CIMultiDictProxy(headers))


def check_expectation(request: web.Request) -> None:
    """Raise ExpectationFailedError for anything but `100-continue`."""
    if any(expected != b"100-continue" for expected in _expected(request)):
        raise ExpectationFailedError("the request's [Expect] is none that is met here, which is [100-continue]")


async def meet_expectation(request: web.Request) -> None:
    """Tell a client that waits for it to send its body."""
    if _expected(request) and request.version >= (1, 1):
        await request.writer.write(CONTINUE)
        request.writer.output_size = 0  # the answer itself has not begun


def _expected(request: web.Request) -> list[bytes]:
    return [value.strip().lower() for name, value in request.raw_headers if name.lower() == b"expect"]
