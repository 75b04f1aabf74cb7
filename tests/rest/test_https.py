"""HTTPS as clients use it: Elasticsearch's own Python client, unmodified, and what a wrong client is told."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from elastic_transport import NodeConfig
from elasticsearch import AsyncElasticsearch, AuthenticationException, BadRequestError, Elasticsearch

from isthmus.rest import acceptor
from isthmus.rest.handshakes import HandshakeLog
from isthmus.rest.server import HttpServer, Patience, start
from isthmus.rest.view import Bound, NodeReport
from isthmus.settings import load
from isthmus.settings.ssl_settings import HTTP_SSL
from isthmus.tls.config import ChannelConfig
from isthmus.tls.generation import load_generation
from isthmus.tls.live import TlsChannel
from tests.certificates import SERVER, Authority, make_ca
from tests.rest.node import FIRST, REPORT, SECOND, ANode
from tests.security.doubles import PASSWORD, basic


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_ca("HTTP CA")


@pytest.fixture
def tls(tmp_path: Path, authority: Authority) -> TlsChannel:
    authority.issue("node-0001", usages=[SERVER]).write(tmp_path, "http")
    (tmp_path / "isthmus.yml").write_text(
        "xpack.security.http.ssl: {enabled: true, certificate: http.crt, key: http.key}\n"
    )
    settings = load(tmp_path, environ={})
    return TlsChannel(ChannelConfig.from_settings(settings, HTTP_SSL), HandshakeLog())


@pytest.fixture
def ca(tmp_path: Path, authority: Authority) -> str:
    path = tmp_path / "ca.crt"
    path.write_bytes(authority.certificate_pem)
    return str(path)


@pytest.fixture
async def server(app: web.Application, tls: TlsChannel) -> AsyncIterator[HttpServer]:
    server = await start(app, ["127.0.0.1"], [0], tls, Patience(handshake=0.3))
    yield server
    await server.close()


def url(server: HttpServer) -> str:
    return f"https://127.0.0.1:{server.bound[0][1]}"


async def test_the_official_client_connects_unmodified(server: HttpServer, ca: str) -> None:
    async with AsyncElasticsearch(url(server), ca_certs=ca, basic_auth=("elastic", PASSWORD)) as client:
        assert (await client.info())["cluster_name"] == "demo"
        assert await client.ping()
        assert (await client.cluster.health(wait_for_nodes=2, timeout="5s"))["status"] == "green"
        assert "node-0002" in await client.cat.nodes(v=True, h=["name", "ip"], s="name:desc")
        assert (await client.cat.nodes(format="json", h="name", s="name")).body[0] == {"name": "node-0001"}
        assert (await client.nodes.info(node_id="_local", metric="http"))["nodes"][FIRST.id]["name"] == "node-0001"
        assert (await client.ssl.certificates()).body[0]["serial_number"] == "1f"


async def test_the_official_client_tells_errors_in_its_own_terms(server: HttpServer, ca: str) -> None:
    async with AsyncElasticsearch(url(server), ca_certs=ca, basic_auth=("elastic", "wrong")) as client:
        with pytest.raises(AuthenticationException, match="unable to authenticate user"):
            await client.info()
        assert not await client.ping()
    async with AsyncElasticsearch(url(server), ca_certs=ca, basic_auth=("elastic", PASSWORD)) as client:
        with pytest.raises(BadRequestError, match="no handler found"):
            await client.search(index="anything")


async def test_the_official_client_sniffs_the_nodes_that_speak_http(server: HttpServer, node: ANode, ca: str) -> None:
    address = f"127.0.0.1:{server.bound[0][1]}"
    node.answers = {FIRST.id: reporting(Bound((address,), address)), SECOND.id: reporting(None)}

    # The client sends its own credentials only after the first sniff: these belong to the connection.
    logged_in = {"authorization": basic("elastic", PASSWORD)}
    configured = NodeConfig("https", "127.0.0.1", server.bound[0][1], headers=logged_in, ca_certs=ca)

    def sniff() -> list[int]:
        with Elasticsearch([configured], sniff_on_start=True, sniff_timeout=5) as client:
            assert client.info()["name"] == "node-0001"
            return [one.config.port for one in client.transport.node_pool.all()]

    assert await asyncio.to_thread(sniff) == [server.bound[0][1]]


async def test_plain_http_on_the_https_port_is_said_in_the_log_once(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await exchange(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    (record,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert "plain HTTP to the HTTPS port" in record.getMessage()


async def test_a_client_that_lacks_the_ca_is_said_in_the_log(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(distrust, server)
    async with asyncio.timeout(10):
        while "lacks the CA" not in caplog.text:
            await asyncio.sleep(0)


async def test_a_client_that_does_not_shake_hands_in_time_is_closed(server: HttpServer) -> None:
    assert await exchange(server, b"") == b""
    assert await exchange(server, b"\x16\x03\x01\x02\x00\x01") == b""


async def test_who_does_not_shake_hands_cannot_keep_others_out(
    app: web.Application, tls: TlsChannel, ca: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Handshakes count as connections do, from accept on; the oldest gives way."""
    monkeypatch.setattr(acceptor, "MAX_CONNECTIONS", 3)
    server = await start(app, ["127.0.0.1"], [0], tls, Patience(handshake=60))
    silent = [await asyncio.open_connection(*server.bound[0]) for _ in range(4)]
    async with asyncio.timeout(10):
        assert await silent[0][0].read() == b""
        context = ssl.create_default_context(cafile=ca)
        reader, writer = await asyncio.open_connection(*server.bound[0], ssl=context, server_hostname="localhost")
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
        assert await silent[1][0].read() == b""
    for _, one in (*silent, (reader, writer)):
        one.close()
    await server.close()


@pytest.mark.parametrize(("files", "most"), [(1024, 512), (1 << 20, 8192), (resource.RLIM_INFINITY, 8192)])
def test_connections_never_take_more_than_half_of_the_files(
    monkeypatch: pytest.MonkeyPatch, files: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (files, files))
    assert acceptor.most_connections() == most


async def test_the_certificate_is_replaced_without_closing_the_port(
    server: HttpServer, tls: TlsChannel, authority: Authority, tmp_path: Path
) -> None:
    before = await asyncio.to_thread(ssl.get_server_certificate, server.bound[0])
    for old in tmp_path.glob("http.*"):
        old.unlink()
    authority.issue("node-0001", usages=[SERVER]).write(tmp_path, "http")
    tls.replace(load_generation(tls.config))
    assert await asyncio.to_thread(ssl.get_server_certificate, server.bound[0]) != before


def reporting(http: Bound | None) -> NodeReport:
    return msgspec.structs.replace(REPORT, http=http)


def distrust(server: HttpServer) -> None:
    """Shake hands without the CA; unlike asyncio's, a client with a socket of its own says why it goes."""
    with socket.create_connection(server.bound[0]) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


async def exchange(server: HttpServer, sent: bytes) -> bytes:
    """Send bytes in clear and return all that comes until the server closes."""
    reader, writer = await asyncio.open_connection(*server.bound[0])
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    writer.write(sent)
    async with asyncio.timeout(10):
        try:
            answer = await reader.read()
        except ConnectionResetError:
            answer = b""
    writer.close()
    return answer
