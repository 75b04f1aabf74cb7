"""HTTP clients whose certificate is denied: refused, named in the log, and cut off at once where they are connected."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from isthmus.rest.handshakes import HandshakeLog
from isthmus.rest.server import HttpServer, start
from isthmus.tls.config import ChannelConfig, PemConfig
from isthmus.tls.live import TlsChannel
from tests.certificates import Authority, Issued, make_ca

SOON = 10.0


@pytest.fixture
def authority() -> Authority:
    return make_ca("HTTP CA")


@pytest.fixture
def tls(authority: Authority, tmp_path: Path) -> TlsChannel:
    identity = PemConfig("certificate", *authority.issue("server").write(tmp_path), None)
    ca = tmp_path / "ca.crt"
    ca.write_bytes(authority.certificate_pem)
    both = ("TLSv1.3", "TLSv1.2")
    asked = ChannelConfig("xpack.security.http.ssl", "full", "required", identity, (ca,), None, both, ())
    return TlsChannel(asked, HandshakeLog())


@pytest.fixture
async def server(tls: TlsChannel) -> AsyncIterator[HttpServer]:
    async def never(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="answered")

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/never", never)
    server = await start(app, ["127.0.0.1"], [0], tls)
    yield server
    await server.close()


def client(authority: Authority, folder: Path, issued: Issued) -> aiohttp.ClientSession:
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    context.load_cert_chain(*issued.write(folder))
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


async def test_a_denied_client_is_cut_off_in_the_middle_of_a_request_and_not_let_in_again(
    server: HttpServer, tls: TlsChannel, authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"https://127.0.0.1:{server.bound[0][1]}"
    stolen = authority.issue("stolen")
    thief = client(authority, tmp_path / "thief", stolen)
    friend = client(authority, tmp_path / "friend", authority.issue("friend"))
    async with thief, friend, asyncio.timeout(SOON):
        waiting = asyncio.ensure_future(thief.get(f"{url}/never"))
        while server.connection_count == 0:
            await asyncio.sleep(0)
        tls.denied = frozenset({f"serial:{stolen.certificate.serial_number:x}"})
        assert server.expel(tls.judge, at_once=True) == 1
        for attempt in (waiting, asyncio.ensure_future(thief.get(url))):
            with pytest.raises(aiohttp.ClientError):
                await attempt
        async with friend.get(url) as answer:
            assert await answer.text() == "answered"
    told = [message for message in caplog.messages if "it is refused although its CA is trusted" in message]
    assert len(told) == 1
    assert "[CN=stolen]" in told[0]
    assert "is denied by the entry [serial:" in told[0]
