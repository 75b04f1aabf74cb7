"""Contexts whose generation can be replaced while listeners and dialers go on using them.

asyncio, uvloop and aiohttp take an `SSLContext` once and call its `wrap_bio` for each connection. A `LiveContext`
hands that over to the context of the current generation, so new connections meet the new one and open ones go on.
Changing a context in place instead would be unsafe: `load_verify_locations` only ever adds trust.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

from isthmus.errors import ConfigError
from isthmus.tls.config import ChannelConfig
from isthmus.tls.generation import Generation, load_generation
from isthmus.tls.witness import Failed


class LiveContext(ssl.SSLContext):
    """A context that begins each connection with the one that `current()` returns."""

    _current: Callable[[], ssl.SSLContext]

    def __new__(cls, protocol: int, current: Callable[[], ssl.SSLContext]) -> LiveContext:
        self = super().__new__(cls, protocol)
        self._current = current
        return self

    def __init__(self, protocol: int, current: Callable[[], ssl.SSLContext]) -> None:
        super().__init__()

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin a connection with the current generation."""
        return self._current().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


class TlsChannel:
    """One channel's TLS: the current `generation`, and contexts that always follow it.

    `on_failed` hears of every inbound handshake that failed.
    """

    def __init__(self, config: ChannelConfig, on_failed: Failed | None = None) -> None:
        self.config = config
        self._on_failed = on_failed
        self.generation = load_generation(config, on_failed)
        self.server_context = LiveContext(ssl.PROTOCOL_TLS_SERVER, self._server)
        self.client_context = LiveContext(ssl.PROTOCOL_TLS_CLIENT, lambda: self.generation.client_context)

    def load(self) -> Generation:
        """Read the files anew, for `replace`. Raises ConfigError; takes a while: best done in a thread."""
        return load_generation(self.config, self._on_failed)

    def replace(self, generation: Generation) -> None:
        """Serve and trust `generation` from the next connection on."""
        self.generation = generation

    def _server(self) -> ssl.SSLContext:
        if self.generation.server_context is None:
            raise ConfigError(
                "this channel has no certificate to serve",
                where=self.config.prefix,
                hint="set certificate and key, or keystore.path",
            )
        return self.generation.server_context
