"""Clients whose certificate is no longer good lose their connection, once their request is answered."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from isthmus.rest.server import HttpServer, start
from isthmus.tls.config import ChannelConfig, PemConfig
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import PeerIdentity
from tests.certificates import Authority, make_ca

SOON = 10.0


class Page:
    """One slow page: it is answered when the test says so."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def serve(self, _request: web.Request) -> web.Response:
        self.asked.set()
        await self.go.wait()
        return web.Response(text="answered")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_ca("HTTP CA")


@pytest.fixture
async def page() -> Page:
    return Page()


@pytest.fixture
async def server(page: Page, authority: Authority, tmp_path: Path) -> AsyncIterator[HttpServer]:
    certificate, key = authority.issue("server").write(tmp_path)
    ca = tmp_path / "ca.crt"
    ca.write_bytes(authority.certificate_pem)
    identity = PemConfig("certificate", certificate, key, None)
    prefix, both = "xpack.security.http.ssl", ("TLSv1.3", "TLSv1.2")
    tls = TlsChannel(ChannelConfig(prefix, "full", "optional", identity, (ca,), None, both, ()))
    app = web.Application()
    app.router.add_get("/", page.serve)
    server = await start(app, ["127.0.0.1"], [0], tls)
    yield server
    await server.close()


def client(authority: Authority, folder: Path, name: str | None) -> aiohttp.ClientSession:
    """A client with keep-alive; with `name` it shows a certificate."""
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    if name is not None:
        context.load_cert_chain(*authority.issue(name).write(folder / name))
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


def away_with_bad(identity: PeerIdentity) -> str | None:
    return "away" if identity.chain[0].subject.rfc4514_string() == "CN=bad" else None


async def ask(session: aiohttp.ClientSession, server: HttpServer) -> tuple[int, str]:
    """Ask for the page; return the client's port, too, which tells one connection from another."""
    async with session.get(f"https://127.0.0.1:{server.bound[0][1]}/") as answer:
        connection = answer.connection
        port = connection.transport.get_extra_info("sockname")[1] if connection and connection.transport else 0
        return port, await answer.text()


@pytest.mark.parametrize("idle", [True, False])
async def test_a_client_that_is_no_longer_trusted_is_closed_after_its_answer_and_others_stay(
    server: HttpServer, page: Page, authority: Authority, tmp_path: Path, *, idle: bool
) -> None:
    bad, good, nobody = (client(authority, tmp_path, name) for name in ("bad", "good", None))
    async with bad, good, nobody, asyncio.timeout(SOON):
        if idle:
            page.go.set()
        pending = [asyncio.ensure_future(ask(one, server)) for one in (bad, good, nobody)]
        await (asyncio.gather(*pending) if idle else page.asked.wait())
        while server.connection_count < len(pending):
            await asyncio.sleep(0)
        assert server.expel(away_with_bad) == 1
        page.go.set()
        assert {text for _, text in await asyncio.gather(*pending)} == {"answered"}
        while server.connection_count == len(pending):
            await asyncio.sleep(0)
        assert [(await ask(one, server))[0] for one in (good, nobody)] == [(await one)[0] for one in pending[1:]]
