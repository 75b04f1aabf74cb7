"""Transport services of one test, and raw peers that speak to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from isthmus.tls.config import ChannelConfig, PemConfig
from isthmus.tls.live import TlsChannel
from isthmus.transport.connection import Connection
from isthmus.transport.limits import TransportLimits
from isthmus.transport.refusals import RefusedConnection
from isthmus.transport.registry import ActionRegistry, RequestChannel
from isthmus.transport.service import TransportService
from isthmus.wire.frames import Buffer
from isthmus.wire.nodes import ROLES, DiscoveryNode
from tests.certificates import Authority, Issued

TIMEOUT = 5.0
BOTH = ("TLSv1.3", "TLSv1.2")


def discovery_node(name: str) -> DiscoveryNode:
    """A node whose ids follow from its name."""
    return DiscoveryNode(
        name=name,
        id=f"id-{name}",
        ephemeral_id=f"run-{name}",
        host_name="localhost",
        host_address="127.0.0.1",
        address=("127.0.0.1", 9300),
        roles=(ROLES["data"],),
    )


def registry() -> ActionRegistry:
    """Actions to try: `echo` answers on the spot, `later` in a task, `fail` not at all, `who` with the asker's name."""
    actions = ActionRegistry()
    actions.register("echo", lambda body, _channel: bytes(body))
    actions.register("later", _later)
    actions.register("fail", _fail)
    actions.register("who", _who)
    return actions


async def _later(body: Buffer, _channel: RequestChannel) -> bytes:
    await asyncio.sleep(0)
    return bytes(body)


def _fail(_body: Buffer, _channel: RequestChannel) -> bytes:
    raise ZeroDivisionError("a secret of the handler")


def _who(_body: Buffer, channel: RequestChannel) -> bytes:
    identity = channel.identity
    return identity.chain[0].subject.rfc4514_string().encode() if identity is not None else b"nobody"


class Refused:
    """What a service refused, in order."""

    def __init__(self) -> None:
        self.all: list[RefusedConnection] = []
        self._news = asyncio.Event()

    def hear(self, refused: RefusedConnection) -> None:
        """Take one."""
        self.all.append(refused)
        self._news.set()

    async def next(self) -> RefusedConnection:
        """Wait for the first that nobody has taken yet."""
        async with asyncio.timeout(TIMEOUT):
            while not self.all:
                self._news.clear()
                await self._news.wait()
        return self.all.pop(0)


@dataclass(frozen=True)
class Server:
    """A service that listens, and what it refused."""

    service: TransportService
    port: int
    refused: Refused

    async def refusal(self) -> RefusedConnection:
        """Wait for the first refusal that nobody has taken yet."""
        return await self.refused.next()


class Stage:
    """Makes services and closes them; `folder` takes their certificates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._services: list[TransportService] = []
        self._channels = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._impostors: list[asyncio.Server] = []

    def tls(
        self,
        issued: Issued | None,
        trusted: Sequence[Authority | Issued],
        *,
        client_authentication: str = "required",
        verification_mode: str = "full",
        protocols: tuple[str, ...] = BOTH,
    ) -> TlsChannel:
        """A channel with this certificate and these authorities."""
        self._channels += 1
        folder = self._folder / f"channel-{self._channels}"
        folder.mkdir()
        authorities = []
        for number, authority in enumerate(trusted):
            path = folder / f"ca-{number}.crt"
            path.write_bytes(authority.certificate_pem)
            authorities.append(path)
        identity = PemConfig("certificate", *issued.write(folder), None) if issued is not None else None
        return TlsChannel(
            ChannelConfig(
                prefix="xpack.security.transport.ssl",
                verification_mode=verification_mode,
                client_authentication=client_authentication,
                identity=identity,
                authorities=tuple(authorities),
                truststore=None,
                supported_protocols=protocols,
                cipher_suites=(),
            )
        )

    async def server(
        self,
        *,
        tls: TlsChannel | None = None,
        limits: TransportLimits | None = None,
        trust_network: bool = False,
        actions: ActionRegistry | None = None,
    ) -> Server:
        """A listening service named `server`."""
        refused = Refused()
        service = TransportService(
            local_node=lambda: discovery_node("server"),
            cluster_name="test",
            registry=actions or registry(),
            tls=tls,
            limits=limits,
            trust_network=trust_network,
            on_refused=refused.hear,
        )
        self._services.append(service)
        ((_, port),) = await service.bind(["127.0.0.1"], [0])
        return Server(service, port, refused)

    def client(
        self, *, tls: TlsChannel | None = None, cluster: str = "test", limits: TransportLimits | None = None
    ) -> TransportService:
        """A service that only dials, named `client`."""
        service = TransportService(
            local_node=lambda: discovery_node("client"),
            cluster_name=cluster,
            registry=ActionRegistry(),
            tls=tls,
            limits=limits,
        )
        self._services.append(service)
        return service

    async def connect(
        self, server: Server, *, tls: TlsChannel | None = None, limits: TransportLimits | None = None
    ) -> Connection:
        """A connection to `server` from a client of its own."""
        return await self.client(tls=tls, limits=limits).open_connection("127.0.0.1", server.port, timeout=TIMEOUT)

    async def open(
        self, server: Server, *, limit: int = 64 * 1024
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to `server` without any protocol."""
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=limit)
        self._writers.append(writer)
        return reader, writer

    async def impostor(self, speech: bytes | None) -> int:
        """Return the port of something that is no node: it says `speech` when spoken to, or closes if that is empty.

        With None it is silent.
        """

        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.append(writer)
            await reader.read(10)
            writer.write(speech or b"")
            if speech == b"":
                writer.close()

        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        self._impostors.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Close everything; each service must end with no connection."""
        for service in self._services:
            await service.close()
        for impostor in self._impostors:
            impostor.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)
        assert {service.connection_count for service in self._services} <= {(0, 0)}
