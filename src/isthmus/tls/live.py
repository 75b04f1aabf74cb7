"""Contexts whose generation can be replaced while listeners and dialers go on using them.

asyncio, uvloop and aiohttp take an `SSLContext` once and call its `wrap_bio` for each connection. A `LiveContext`
hands that over to the context of the current generation, so new connections meet the new one and open ones go on.
Changing a context in place instead would be unsafe: `load_verify_locations` only ever adds trust.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from cryptography import x509

from isthmus.errors import ConfigError
from isthmus.pki.denial import denial, implicated
from isthmus.pki.revocation import revocation
from isthmus.tls.config import ChannelConfig
from isthmus.tls.generation import Generation, load_generation
from isthmus.tls.witness import REFUSED_HERE, Failed, PeerIdentity, WitnessedObject

Begun = Callable[[WitnessedObject], None]
Ended = Callable[[str, str], None]
"""Hears how a handshake ended: its direction (inbound, outbound) and its result."""


class LiveContext(ssl.SSLContext):
    """A context that begins each connection with the one that `current()` returns, and tells `begun` of it."""

    _current: Callable[[], ssl.SSLContext]
    _begun: Begun

    def __new__(cls, protocol: int, current: Callable[[], ssl.SSLContext], begun: Begun) -> LiveContext:
        self = super().__new__(cls, protocol)
        self._current = current
        self._begun = begun
        return self

    def __init__(self, protocol: int, current: Callable[[], ssl.SSLContext], begun: Begun) -> None:
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
        begun = self._current().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        if isinstance(begun, WitnessedObject):
            self._begun(begun)
        return begun


class TlsChannel:
    """One channel's TLS: the current `generation`, and contexts that always follow it.

    `on_failed` hears of every inbound handshake that failed, `on_ended` of every handshake. Certificates that are
    `denied` (as `isthmus.pki.denial` takes them), or revoked by a list of the generation, are refused at the end of the
    handshake, whichever side began it.
    """

    def __init__(self, config: ChannelConfig, on_failed: Failed | None = None) -> None:
        self.config = config
        self._on_failed = on_failed
        self.generation = load_generation(config, on_failed)
        self.server_context = LiveContext(ssl.PROTOCOL_TLS_SERVER, self._server, self._begun)
        self.client_context = LiveContext(ssl.PROTOCOL_TLS_CLIENT, lambda: self.generation.client_context, self._begun)
        self.denied: Collection[str] = frozenset()
        self.on_ended: Ended = _ignore

    def load(self) -> Generation:
        """Read the files anew, for `replace`. Raises ConfigError; takes a while: best done in a thread."""
        return load_generation(self.config, self._on_failed)

    def replace(self, generation: Generation) -> None:
        """Serve and trust `generation` from the next connection on."""
        self.generation = generation

    def judge(self, identity: PeerIdentity) -> str | None:
        """Say why a peer whose chain is good is refused all the same now, or None."""
        return self.refusal_of(identity.chain)

    def refusal_of(self, chain: Sequence[x509.Certificate]) -> str | None:
        """Say why who presents `chain` is refused although a trusted CA may vouch for it, or None."""
        generation = self.generation
        if not (self.denied or generation.revocations):
            return None
        certificates = implicated(chain, generation.trusted)
        return denial(certificates, self.denied) or revocation(certificates, generation.revocations, datetime.now(UTC))

    def _judge_newcomer(self, connection: WitnessedObject) -> str | None:
        """Judge at the end of a handshake; a certificate is parsed only if there is something to judge it by."""
        if not (self.denied or self.generation.revocations):
            return None
        identity = connection.identity()
        return None if identity is None else self.judge(identity)

    def _begun(self, connection: WitnessedObject) -> None:
        connection.judge = self._judge_newcomer
        connection.on_ended = self._ended

    def _ended(self, server_side: bool, error: ssl.SSLError | None) -> None:
        self.on_ended("inbound" if server_side else "outbound", result_of(error))

    def _server(self) -> ssl.SSLContext:
        if self.generation.server_context is None:
            raise ConfigError(
                "this channel has no certificate to serve",
                where=self.config.prefix,
                hint="set certificate and key, or keystore.path",
            )
        return self.generation.server_context


def result_of(error: ssl.SSLError | None) -> str:
    """Name how a handshake ended: success, denied (a good chain), untrusted (no good chain) or failure."""
    if error is None:
        return "success"
    if not isinstance(error, ssl.SSLCertVerificationError):
        return "failure"
    return "denied" if error.verify_code == REFUSED_HERE else "untrusted"


def _ignore(_direction: str, _result: str) -> None:
    """Nobody counts handshakes."""
