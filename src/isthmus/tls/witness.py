"""What the peer presented in a handshake, also when its certificate was refused.

An operator must be told who was turned away, but Python's `ssl` shows a certificate only after the handshake went
well. `SSLContext._msg_callback` (CPython 3.8 and later) hands the decrypted handshake messages to Python; it is the
one private name that this project uses, and only here. After the handshake the connection moves to a context without
a callback, so that the data path does not pay for it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509

MAX_MESSAGE_BYTES = 128 * 1024  # OpenSSL itself takes 100 KiB
MAX_CERTIFICATES = 100
_HANDSHAKE = 22
_CERTIFICATE = 11

Failed = Callable[[ssl.SSLError, "WitnessedObject"], None]


@dataclass(frozen=True)
class PeerIdentity:
    """Who the other side is. `chain` is what it presented, leaf first; `verified`: against this node's trust."""

    chain: tuple[x509.Certificate, ...]
    verified: bool
    protocol: str
    cipher: str


class WitnessedObject(ssl.SSLObject):
    """A TLS connection that remembers what its peer presented."""

    _message: bytes = b""
    _version: int = 0
    _verified: bool = False

    def do_handshake(self) -> None:
        """Shake hands; a failure is told to the context's `on_failed` before it is raised."""
        context = self.context
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            if isinstance(context, WitnessContext) and context.on_failed is not None:
                context.on_failed(error, self)
            raise
        if isinstance(context, WitnessContext):
            self._verified = context.verify_mode is not ssl.CERT_NONE
            self.context = context.quiet

    @property
    def presented(self) -> tuple[x509.Certificate, ...]:
        """The certificates that the peer sent, leaf first; those that cannot be parsed are left out."""
        found = []
        for der in certificates_of_message(self._message, self._version):
            try:
                found.append(x509.load_der_x509_certificate(der))
            except ValueError:
                continue
        return tuple(found)

    def identity(self) -> PeerIdentity | None:
        """Return who the peer is after a handshake that went well; None if it showed no certificate."""
        leaf = self.getpeercert(binary_form=True)
        if leaf is None:
            return None
        chain = self.presented or (x509.load_der_x509_certificate(leaf),)
        cipher = self.cipher()
        return PeerIdentity(chain, self._verified, self.version() or "", cipher[0] if cipher else "")

    def note(self, version: int, message: bytes) -> None:
        """Remember the peer's Certificate message."""
        self._version = version
        self._message = message[:MAX_MESSAGE_BYTES]


class WitnessContext(ssl.SSLContext):
    """A context whose connections are witnessed. `on_failed` hears of every handshake that failed."""

    sslobject_class = WitnessedObject
    quiet: ssl.SSLContext
    on_failed: Failed | None

    def __new__(cls, protocol: int, on_failed: Failed | None = None) -> WitnessContext:
        self = super().__new__(cls, protocol)
        self.quiet = ssl.SSLContext(protocol)
        self.on_failed = on_failed
        self._msg_callback = _listen  # type: ignore[attr-defined]
        return self

    def __init__(self, protocol: int, on_failed: Failed | None = None) -> None:
        super().__init__()


def peer_identity(ssl_object: ssl.SSLObject | None) -> PeerIdentity | None:
    """Return who is on the other side of a connection whose handshake is done; None without a certificate."""
    return ssl_object.identity() if isinstance(ssl_object, WitnessedObject) else None


def presented_by(ssl_object: ssl.SSLObject | None) -> tuple[x509.Certificate, ...]:
    """Return what the other side presented so far, be the handshake done, failed or under way."""
    return ssl_object.presented if isinstance(ssl_object, WitnessedObject) else ()


def certificates_of_message(message: bytes, version: int) -> list[bytes]:
    """Take the DER certificates out of a Certificate message (RFC 5246 7.4.2, RFC 8446 4.4.2); [] if it is broken."""
    tls13 = version >= ssl.TLSVersion.TLSv1_3
    offset = 4 + (1 + message[4] if tls13 and len(message) > 4 else 0) + 3
    found: list[bytes] = []
    while offset + 3 <= len(message) and len(found) < MAX_CERTIFICATES:
        end = offset + 3 + int.from_bytes(message[offset : offset + 3])
        if end > len(message):
            break
        found.append(message[offset + 3 : end])
        offset = end + (2 + int.from_bytes(message[end : end + 2]) if tls13 else 0)
    return found


def _listen(conn: Any, direction: str, version: int, content_type: int, message_type: int, data: bytes) -> None:
    if direction == "read" and content_type == _HANDSHAKE and message_type == _CERTIFICATE:
        conn.note(version, data)
