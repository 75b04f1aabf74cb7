"""The listeners: where they bind, what they take from a client, how they end."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from isthmus.errors import ConfigError
from isthmus.rest import acceptor
from isthmus.rest.answers import Answer, Text
from isthmus.rest.app import make_app
from isthmus.rest.routing import Request, Route
from isthmus.rest.server import HttpServer, Patience, start
from isthmus.security.subject import Authentication, RealmRef, User

IMPATIENT = Patience(first_request=0.2, keepalive=0.2)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
Start = Callable[..., Awaitable[HttpServer]]


async def anybody(_request: web.Request) -> Authentication:
    return Authentication(
        user=User(username="anybody", roles=("superuser",)), authenticated_by=RealmRef("none", "none")
    )


@pytest.fixture
def gate_open() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def begin(gate_open: asyncio.Event) -> AsyncIterator[Start]:
    servers: list[HttpServer] = []

    async def quick(_request: Request) -> Answer:
        return Text("quick")

    async def slow(_request: Request) -> Answer:
        await gate_open.wait()
        return Text("slow")

    async def start_one(hosts: tuple[str, ...] = ("127.0.0.1",), patience: Patience | None = None) -> HttpServer:
        routes = [
            Route("GET", "/", "cluster:monitor/test/quick", quick, kinds=("text",)),
            Route("GET", "/slow", "cluster:monitor/test/slow", slow, kinds=("text",)),
        ]
        servers.append(await start(make_app(routes, anybody, max_content_length=1024), hosts, [0], None, patience))
        return servers[-1]

    yield start_one
    for server in servers:
        await server.close()


async def exchange(server: HttpServer, sent: bytes) -> bytes:
    """Send bytes and return all that comes until the server closes."""
    reader, writer = await asyncio.open_connection(*server.bound[0])
    writer.write(sent)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


async def test_all_addresses_share_one_port(begin: Start) -> None:
    server = await begin(("127.0.0.11", "127.0.0.12", "127.0.0.11"))
    (first, port), (second, other) = server.bound
    assert (first, second) == ("127.0.0.11", "127.0.0.12")
    assert port == other > 0


async def test_of_a_range_the_first_free_port_is_taken(begin: Start) -> None:
    with socket.socket() as busy, socket.socket() as other:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        other.bind(("127.0.0.1", 0))
        ports = [busy.getsockname()[1], other.getsockname()[1]]
        other.close()
        app = make_app([], anybody, max_content_length=1)
        server = await start(app, ["127.0.0.1"], ports, None)
        assert server.bound == (("127.0.0.1", ports[1]),)
        await server.close()


async def test_a_busy_port_is_named_with_its_setting() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with pytest.raises(ConfigError, match=r"http\.port: cannot listen on 127\.0\.0\.1"):
            await start(make_app([], anybody, max_content_length=1), ["127.0.0.1"], [busy.getsockname()[1]], None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
async def test_without_tls_only_loopback_is_bound(host: str) -> None:
    with pytest.raises(ConfigError, match="without TLS") as refused:
        await start(make_app([], anybody, max_content_length=1), ["127.0.0.1", host], [0], None)
    assert "xpack.security.http.ssl.enabled" in str(refused.value)


async def test_a_host_without_an_address_is_named() -> None:
    with pytest.raises(ConfigError, match=r"\[no\.such\.host\.invalid\]"):
        await start(make_app([], anybody, max_content_length=1), ["no.such.host.invalid"], [0], None)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", GET, GET + b"X-Slow: dr"])
async def test_a_client_that_does_not_finish_its_first_head_is_closed(begin: Start, sent: bytes) -> None:
    assert await exchange(await begin(patience=IMPATIENT), sent) == b""


async def test_a_connection_kept_alive_is_closed_when_no_whole_request_follows(begin: Start) -> None:
    server = await begin(patience=IMPATIENT)
    answer = await exchange(server, GET + b"\r\n" + b"GET / HTTP/1.1\r\nHost")
    assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_request_that_takes_long_to_answer_is_not_cut(begin: Start, gate_open: asyncio.Event) -> None:
    server = await begin(patience=Patience(first_request=0.05, keepalive=0.05))
    reader, writer = await asyncio.open_connection(*server.bound[0])
    writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    for _ in range(3):
        assert await exchange(server, b"") == b""  # one that says nothing loses patience's time, and is closed
    assert not reader.at_eof()
    gate_open.set()
    assert b"slow" in await reader.read()
    writer.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        GET + b"X: " + b"x" * 20_000 + b"\r\n\r\n",
        GET + b"X: 1\r\n" * 2_000 + b"\r\n",
        GET + b"Content-Length: -1\r\n\r\n",
        GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_http_or_too_much_of_it_is_a_bad_request_and_the_rest_goes_on(
    begin: Start, sent: bytes
) -> None:
    server = await begin()
    head, _, body = (await exchange(server, sent)).partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == b"400"
    error = json.loads(body)
    assert (error["status"], error["error"]["type"]) == (400, "illegal_argument_exception")
    assert b"aiohttp" not in head
    assert b"quick" in await exchange(server, GET + b"Connection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nAccept: a/b;c=\xff\xfe\r\n", 406),
        (b"GET /?\x80=1 HTTP/1.1\r\nHost: x\r\n", 400),
        (b"GET /?%ff=%fe HTTP/1.1\r\nHost: x\r\n", 400),
        (b"GET /%ff%00%0a HTTP/1.1\r\nHost: x\r\n", 400),
    ],
)
async def test_bytes_that_are_no_text_are_told_back_as_valid_json(begin: Start, sent: bytes, status: int) -> None:
    answer = await exchange(await begin(), sent + b"Connection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == str(status).encode()
    assert "error" in json.loads(body)


async def test_connections_over_the_bound_are_closed_at_once(begin: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptor, "MAX_CONNECTIONS", 2)
    server = await begin()
    kept = [await asyncio.open_connection(*server.bound[0]) for _ in range(2)]
    assert await exchange(server, GET + b"\r\n") == b""
    for reader, writer in kept:
        writer.write(GET + b"Connection: close\r\n\r\n")
        assert b"quick" in await reader.read()
        writer.close()
        await writer.wait_closed()
    assert b"quick" in await exchange(server, GET + b"Connection: close\r\n\r\n")


async def test_closing_lets_requests_in_flight_end_and_takes_no_new_ones(
    begin: Start, gate_open: asyncio.Event
) -> None:
    server = await begin()
    asking = asyncio.create_task(exchange(server, b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"))
    idle_reader, idle_writer = await asyncio.open_connection(*server.bound[0])
    idle_writer.write(GET + b"\r\n")
    await idle_reader.readuntil(b"quick")
    closing = asyncio.create_task(server.close())
    await idle_reader.read()
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        await asyncio.open_connection(*server.bound[0])
    gate_open.set()
    assert b"slow" in await asking
    await closing
    idle_writer.close()
