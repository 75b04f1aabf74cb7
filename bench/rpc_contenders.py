"""Three ways to ask a peer over mTLS: our transport, grpc.aio, and a bare length-prefixed echo on asyncio streams.

Each has a server, run by `python -m bench.rpc_contenders NAME FOLDER` in a process of its own, which prints its port,
and a client, which gives a function that makes one call over one connection.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

Call = Callable[[bytes], Awaitable[object]]
Client = Callable[[Path, int], AbstractAsyncContextManager[Call]]
Server = Callable[[Path], Awaitable[None]]

LOOPBACK = "127.0.0.1"
TIMEOUT = 60.0
_METHOD = "/bench.Echo/Echo"


@dataclass(frozen=True)
class Contender:
    """`uvloop`: whether it runs on uvloop (grpc.aio has a poller of its own)."""

    name: str
    serve: Server
    connect: Client
    uvloop: bool = True

    def run(self, work: Awaitable[float | None]) -> float | None:
        """Run `work` on this contender's event loop."""
        import uvloop

        async def main() -> float | None:
            return await work

        factory = uvloop.new_event_loop if self.uvloop else asyncio.new_event_loop
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(main())


# Our transport


async def _serve_isthmus(folder: Path) -> None:
    from isthmus.transport.registry import ActionRegistry

    actions = ActionRegistry()
    actions.register("echo", lambda body, _channel: bytes(body))
    service = _service(folder, "server", actions)
    ((_, port),) = await service.bind([LOOPBACK], [0])
    await _announce(port)


@asynccontextmanager
async def _connect_isthmus(folder: Path, port: int) -> AsyncIterator[Call]:
    from isthmus.transport.registry import ActionRegistry

    service = _service(folder, "client", ActionRegistry())
    connection = await service.open_connection(LOOPBACK, port, timeout=TIMEOUT)
    try:
        yield lambda body: connection.request("echo", body, timeout=TIMEOUT)
    finally:
        await service.close()


def _service(folder: Path, name: str, actions):  # type: ignore[no-untyped-def]  # imported only where it is measured
    from isthmus.tls.config import ChannelConfig, PemConfig
    from isthmus.tls.live import TlsChannel
    from isthmus.transport.service import TransportService
    from isthmus.wire.nodes import DiscoveryNode

    tls = TlsChannel(
        ChannelConfig(
            prefix="xpack.security.transport.ssl",
            verification_mode="full",
            client_authentication="required",
            identity=PemConfig("certificate", folder / f"{name}.crt", folder / f"{name}.key", None),
            authorities=(folder / "ca.crt",),
            truststore=None,
            supported_protocols=("TLSv1.3",),
            cipher_suites=(),
        )
    )
    node = DiscoveryNode(name, name, name, "localhost", LOOPBACK, (LOOPBACK, 9300))
    return TransportService(local_node=lambda: node, cluster_name="bench", registry=actions, tls=tls)


# grpc.aio


async def _serve_grpc(folder: Path) -> None:
    import grpc

    async def echo(body: bytes, _context: object) -> bytes:
        return body

    handler = grpc.unary_unary_rpc_method_handler(echo)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Echo", {"Echo": handler}),))
    pair = [((folder / "server.key").read_bytes(), (folder / "server.crt").read_bytes())]
    credentials = grpc.ssl_server_credentials(pair, (folder / "ca.crt").read_bytes(), require_client_auth=True)
    port = server.add_secure_port(f"{LOOPBACK}:0", credentials)
    await server.start()
    await _announce(port)


@asynccontextmanager
async def _connect_grpc(folder: Path, port: int) -> AsyncIterator[Call]:
    import grpc

    credentials = grpc.ssl_channel_credentials(
        (folder / "ca.crt").read_bytes(), (folder / "client.key").read_bytes(), (folder / "client.crt").read_bytes()
    )
    async with grpc.aio.secure_channel(f"{LOOPBACK}:{port}", credentials) as channel:
        yield channel.unary_unary(_METHOD)


# A bare echo: eight bytes of id, four of length, the body


async def _serve_bare(folder: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(12)
                writer.write(head + await reader.readexactly(int.from_bytes(head[8:])))
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(echo, LOOPBACK, 0, ssl=_context(folder, "server", ssl.PROTOCOL_TLS_SERVER))
    await _announce(server.sockets[0].getsockname()[1])


@asynccontextmanager
async def _connect_bare(folder: Path, port: int) -> AsyncIterator[Call]:
    context = _context(folder, "client", ssl.PROTOCOL_TLS_CLIENT)
    reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=context)
    ids = itertools.count()
    waiting: dict[int, asyncio.Future[bytes]] = {}
    loop = asyncio.get_running_loop()

    async def listen() -> None:
        while True:
            head = await reader.readexactly(12)
            body = await reader.readexactly(int.from_bytes(head[8:]))
            waiting.pop(int.from_bytes(head[:8])).set_result(body)

    async def call(body: bytes) -> bytes:
        number = next(ids)
        future: asyncio.Future[bytes] = loop.create_future()
        waiting[number] = future
        writer.write(number.to_bytes(8) + len(body).to_bytes(4) + body)
        return await future

    listening = loop.create_task(listen())
    try:
        yield call
    finally:
        listening.cancel()
        writer.close()
        await asyncio.gather(listening, writer.wait_closed(), return_exceptions=True)


def _context(folder: Path, name: str, protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    context.load_verify_locations(folder / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def _announce(port: int) -> None:
    print(port, flush=True)
    await asyncio.Event().wait()


CONTENDERS = {
    "isthmus": Contender("Isthmus transport", _serve_isthmus, _connect_isthmus),
    "grpc": Contender("grpc.aio", _serve_grpc, _connect_grpc, uvloop=False),
    "bare": Contender("bare echo (asyncio streams, uvloop)", _serve_bare, _connect_bare),
}


if __name__ == "__main__":
    chosen = CONTENDERS[sys.argv[1]]
    chosen.run(chosen.serve(Path(sys.argv[2])))
