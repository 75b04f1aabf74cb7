"""Generations give way to each other under asyncio, uvloop and aiohttp, while connections go on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import peer_identity
from tests.certificates import Authority, make_ca
from tests.tls.handshakes import config, exchange, node, shake_hands

Run = Callable[[Coroutine[Any, Any, None]], None]
LOOPS = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


def subject(transport: asyncio.BaseTransport | None) -> str:
    """Who is on the other side of a connection."""
    assert transport is not None
    identity = peer_identity(transport.get_extra_info("ssl_object"))
    assert identity is not None
    assert identity.verified
    assert isinstance(identity.chain[0].public_key(), EllipticCurvePublicKey)
    return identity.chain[0].subject.rfc4514_string()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each line with the name of who sent it."""
    while await reader.readline():
        writer.write(subject(writer.transport).encode() + b"\n")
    writer.close()


@asynccontextmanager
async def serving(channel: TlsChannel) -> AsyncIterator[int]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=channel.server_context)
    async with server:
        yield server.sockets[0].getsockname()[1]


class Caller:
    """A connection that asks for its own name."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.server = subject(writer.transport)

    @classmethod
    async def to(cls, port: int, channel: TlsChannel) -> Caller:
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=channel.client_context))

    async def ask(self) -> str:
        self._writer.write(b"who am I?\n")
        return (await self._reader.readline()).decode().strip()

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def is_served(port: int, channel: TlsChannel) -> bool:
    """Whether a new connection gets an answer; with TLS 1.3 a refusal comes after the client's own handshake."""
    with suppress(ssl.SSLError, ConnectionError):
        caller = await Caller.to(port, channel)
        try:
            return bool(await caller.ask())
        finally:
            await caller.close()
    return False


@LOOPS
def test_new_connections_meet_the_new_certificate_and_open_ones_go_on(run: Run, ca: Authority, tmp_path: Path) -> None:
    channel = node(tmp_path / "node", ca.issue("old"), [ca.certificate])
    client = node(tmp_path / "client", ca.issue("client"), [ca.certificate])

    async def replace_under_load() -> None:
        async with serving(channel) as port:
            before = await Caller.to(port, client)
            channel.replace(node(tmp_path / "next", ca.issue("new"), [ca.certificate]).generation)
            after = await Caller.to(port, client)
            assert (before.server, after.server) == ("CN=old", "CN=new")
            assert [await before.ask(), await after.ask()] == ["CN=client", "CN=client"]
            await before.close()
            await after.close()

    run(replace_under_load())


@LOOPS
def test_who_dials_with_the_old_trust_is_refused_and_open_connections_go_on(
    run: Run, ca: Authority, tmp_path: Path
) -> None:
    channel = node(tmp_path / "node", ca.issue("node"), [ca.certificate])
    client = node(tmp_path / "client", ca.issue("client"), [ca.certificate])
    new_ca = make_ca("new CA")
    # its certificate is still the old one, so that the client of the old CA trusts it and is refused by it
    narrowed = node(tmp_path / "next", ca.issue("node"), [new_ca.certificate])

    async def narrow() -> None:
        async with serving(channel) as port:
            before = await Caller.to(port, client)
            channel.replace(narrowed.generation)
            assert not await is_served(port, client)
            assert await before.ask() == "CN=client"
            await before.close()

    run(narrow())


def test_a_dialler_uses_the_new_certificate_and_trust_too(ca: Authority, tmp_path: Path) -> None:
    new_ca = make_ca("new CA")
    channel = node(tmp_path / "node", ca.issue("node"), [ca.certificate])
    old = node(tmp_path / "old", ca.issue("peer"), [ca.certificate])
    new = node(tmp_path / "new", new_ca.issue("peer"), [new_ca.certificate])
    dialler, listener = shake_hands(channel.client_context, old.server_context)
    channel.replace(node(tmp_path / "next", new_ca.issue("node"), [new_ca.certificate]).generation)
    assert exchange(dialler.ssl_object, listener.ssl_object, b"goes on") == b"goes on"
    refused, _ = shake_hands(channel.client_context, old.server_context, [new_ca.certificate])
    assert refused.refusal is not None
    assert "no CA trusted here issued it" in refused.refusal.why
    sides = shake_hands(channel.client_context, new.server_context)
    assert [side.error for side in sides] == [None, None]


@asynccontextmanager
async def web_server(channel: TlsChannel) -> AsyncIterator[int]:
    """An aiohttp server that answers who asks."""

    async def who(request: web.Request) -> web.Response:
        return web.Response(text=subject(request.transport))

    app = web.Application()
    app.router.add_get("/", who)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=channel.server_context).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def get(port: int, channel: TlsChannel) -> str:
    connector = aiohttp.TCPConnector(ssl=channel.client_context)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(f"https://127.0.0.1:{port}/") as response,
    ):
        return await response.text()


@LOOPS
def test_aiohttp_serves_the_current_generation_and_sees_who_asks(run: Run, ca: Authority, tmp_path: Path) -> None:
    channel = node(tmp_path / "node", ca.issue("old"), [ca.certificate])
    client = node(tmp_path / "client", ca.issue("client"), [ca.certificate])

    async def serve_and_replace() -> None:
        async with web_server(channel) as port:
            for own in ("old", "new"):
                channel.replace(node(tmp_path / own, ca.issue(own), [ca.certificate]).generation)
                assert await get(port, client) == "CN=client"
                caller = await Caller.to(port, client)
                assert caller.server == f"CN={own}"
                await caller.close()

    run(serve_and_replace())


@LOOPS
def test_aiohttp_refuses_a_client_of_another_ca(run: Run, ca: Authority, tmp_path: Path) -> None:
    told: list[type[ssl.SSLError]] = []
    asked = config(tmp_path / "node", ca.issue("node"), [ca.certificate])
    channel = TlsChannel(asked, lambda error, _: told.append(type(error)))
    alien = node(tmp_path / "alien", make_ca("another CA").issue("alien"), [ca.certificate])

    async def serve() -> None:
        async with web_server(channel) as port:
            with pytest.raises(aiohttp.ClientError):
                await get(port, alien)

    run(serve())
    assert set(told) == {ssl.SSLCertVerificationError}  # aiohttp tries a GET twice
