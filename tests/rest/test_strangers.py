"""What who is not known can send: it is answered as everybody's is, and leaves nothing in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from isthmus.rest.answers import Answer, Text
from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.routing import Request, Route
from isthmus.rest.server import HttpServer, start
from isthmus.security.authenticator import Authenticator
from tests.security.doubles import PASSWORD, basic

POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
KNOWN = f"Authorization: {basic('elastic', PASSWORD)}\r\n".encode()


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[HttpServer]:
    server = await start(app, ["127.0.0.1"], [0], None)
    yield server
    await server.close()


async def exchange(server: HttpServer, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*server.bound[0])
    writer.write(sent)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_broken_compressed_body_of_a_stranger_leaves_no_trace_in_the_log(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    head = POST + b"Content-Encoding: gzip\r\nContent-Type: application/json\r\n"
    answer = await exchange(server, head + b"Content-Length: 9\r\n\r\nnot gzip!")
    assert b" 401 " in answer or b" 400 " in answer
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("path", [b"/", b"/nothing"])
async def test_an_expectation_of_a_stranger_is_not_looked_at(server: HttpServer, path: bytes) -> None:
    for expected in (b"foo", b"100-continue"):
        head = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: " + expected
        assert (await exchange(server, head + b"\r\n\r\n")).startswith(b"HTTP/1.1 401 ")


async def test_an_expectation_that_nobody_meets_is_refused_in_our_form(server: HttpServer) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: foo\r\n" + KNOWN
    answer = await exchange(server, head + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 417 ")
    assert b'"illegal_argument_exception"' in answer


async def test_who_waits_to_send_a_body_is_told_to(authenticator: Authenticator) -> None:
    async def echo(request: Request) -> Answer:
        return Text(request.body.decode())

    route = Route("POST", "/", "cluster:monitor/test/echo", echo, kinds=("text",), takes_body=True)
    server = await start(make_app([route], basic_gate(authenticator), max_content_length=9), ["127.0.0.1"], [0], None)
    head = POST + b"Connection: close\r\nContent-Type: application/json\r\n"
    reader, writer = await asyncio.open_connection(*server.bound[0])
    writer.write(head + KNOWN + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    async with asyncio.timeout(10):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"{}")
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"{}")
    writer.close()
    await server.close()


@pytest.mark.parametrize("second", [KNOWN, b"Authorization: ApiKey abc\r\n", b"Authorization:\r\n"])
async def test_two_authorization_headers_are_refused_whichever_is_good(server: HttpServer, second: bytes) -> None:
    answer = await exchange(server, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + KNOWN + second + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert PASSWORD.encode() not in answer
