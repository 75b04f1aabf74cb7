"""A relay on loopback that keeps a copy of every byte, and a look at whether those bytes are TLS and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

# RFC 8446, section 5.1: change_cipher_spec, alert, handshake, application_data; a record holds at most 2^14 + 256
TLS_CONTENT_TYPES = {20, 21, 22, 23}
TLS_MAX_RECORD = 16_384 + 256


@dataclass
class Recording:
    """What went through the relay, each way."""

    to_server: bytearray = field(default_factory=bytearray)
    to_client: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.to_server) + len(self.to_client)

    def holds(self, marker: bytes) -> bool:
        """Say whether `marker` can be read in it."""
        return marker in self.to_server or marker in self.to_client

    @property
    def is_tls(self) -> bool:
        """Say whether it is whole TLS records from the first byte to the last."""
        return tls_records(self.to_server) is not None and tls_records(self.to_client) is not None


def tls_records(data: bytes | bytearray) -> int | None:
    """Return how many TLS records `data` consists of, or None if it is anything else (or nothing)."""
    count = offset = 0
    while offset < len(data):
        header = data[offset : offset + 5]
        length = int.from_bytes(header[3:5])
        if len(header) < 5 or header[0] not in TLS_CONTENT_TYPES or header[1] != 3 or length > TLS_MAX_RECORD:
            return None
        offset += 5 + length
        count += 1
    return count if count and offset == len(data) else None


class Relay:
    """Listens on a free port of loopback and relays each connection to `host`:`port`, recording both ways."""

    def __init__(self, host: str, port: int) -> None:
        self.recording = Recording()
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()

    async def start(self) -> tuple[str, int]:
        """Listen, and return the relay's own address."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return host, port

    async def stop(self) -> None:
        """Stop listening and wait until every byte of the open connections is recorded."""
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._pumps)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        for pump in (
            _pump(reader, far_writer, self.recording.to_server),
            _pump(far_reader, writer, self.recording.to_client),
        ):
            task = asyncio.get_running_loop().create_task(pump)
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, copy: bytearray) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            copy += data
            writer.write(data)
            await writer.drain()
    writer.close()
