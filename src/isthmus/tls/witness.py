"""What the peer presented in a handshake, also when its certificate was refused.

An operator must be told who was turned away, but Python's `ssl` shows a certificate only after the handshake went
well. `SSLContext._msg_callback` (CPython 3.8 and later) hands the decrypted handshake messages to Python; it and
`get_unverified_chain` (public from 3.13 on) are the only private names that this project uses, and only here. After
the handshake the connection moves to a context without a callback, so that the data path does not pay for it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from isthmus.pki.distinguished import principal_text
from isthmus.pki.parsing import parse_certificate
from isthmus.pki.verify import MAX_CHAIN

_DER = 2  # _ssl.ENCODING_DER
_HANDSHAKE = 22
_CERTIFICATE = 11
_CERTIFICATE_REQUEST = 13
_CERTIFICATE_AUTHORITIES = 47  # an extension, RFC 8446 4.2.4
_HAS_EXPIRED = 10  # x509_vfy.h
_CHAIN_TOO_LONG = 22
REFUSED_HERE = 23  # revoked, in OpenSSL's words

Failed = Callable[[ssl.SSLError, "WitnessedObject"], None]


@dataclass(frozen=True)
class PeerIdentity:
    """Who the other side is. `chain` is what it presented, leaf first; `verified`: against this node's trust."""

    chain: tuple[x509.Certificate, ...]
    verified: bool
    protocol: str
    cipher: str

    @property
    def subject(self) -> str:
        """Whose certificate it is, as Elasticsearch writes it."""
        return principal_text(self.chain[0].subject)


class WitnessedObject(ssl.SSLObject):
    """A TLS connection that remembers what its peer presented, at most MAX_CHAIN certificates.

    `judge` has the last word on a peer whose chain is good; `on_ended` hears how the handshake ended.
    """

    judge: Callable[[WitnessedObject], str | None] | None = None
    _identity: PeerIdentity | None = None
    on_ended: Callable[[bool, ssl.SSLError | None], None] | None = None
    _certificates: tuple[bytes, ...] = ()
    _too_many: bool = False
    _verified: bool = False
    _request: tuple[int, bytes] | None = None

    def do_handshake(self) -> None:
        """Shake hands; a failure is told to the context's `on_failed` before it is raised."""
        context = self.context
        try:
            self._shake_hands()
            self._verified = context.verify_mode is not ssl.CERT_NONE
            self._face_judge()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            self._tell_end(error)
            if isinstance(context, WitnessContext) and context.on_failed is not None:
                context.on_failed(error, self)
            raise
        self._tell_end(None)
        if isinstance(context, WitnessContext):
            self.context = context.quiet

    def _shake_hands(self) -> None:
        try:
            super().do_handshake()
        finally:
            if self._too_many:
                raise _refused(_CHAIN_TOO_LONG, "certificate chain too long")
        if self.server_side and self.session_reused:
            self._judge_resumed()

    def _face_judge(self) -> None:
        reason = self.judge(self) if self.judge is not None else None
        if reason is not None:
            self._verified, self._identity = False, None
            raise _refused(REFUSED_HERE, reason)

    def _tell_end(self, error: ssl.SSLError | None) -> None:
        if self.on_ended is not None:
            self.on_ended(bool(self.server_side), error)

    def _judge_resumed(self) -> None:
        """Look at the clock again: a resumed session is not verified anew.

        TLS 1.3 resumes nothing here, but Python cannot switch off the session cache of TLS 1.2. It belongs to one
        context, thus to one generation: no session outlives the trust it began with, only dates can have passed.
        """
        leaf = self.getpeercert(binary_form=True)
        if leaf is None:
            return
        # The session remembers the chain too, and a CA of it may have been denied since.
        session: Any = self._sslobj  # type: ignore[attr-defined]
        self._certificates = tuple(one.public_bytes(_DER) for one in session.get_unverified_chain() or ()) or (leaf,)
        if x509.load_der_x509_certificate(leaf).not_valid_after_utc < _now():
            raise _refused(_HAS_EXPIRED, "certificate has expired")

    @property
    def presented(self) -> tuple[x509.Certificate, ...]:
        """The certificates that the peer sent, leaf first; those that cannot be parsed are left out."""
        found = []
        for der in self._certificates:
            try:
                found.append(parse_certificate(der))
            except ValueError:
                continue
        return tuple(found)

    def identity(self) -> PeerIdentity | None:
        """Return who the peer is after a handshake that went well; None if it showed none, or has ended it since."""
        try:
            leaf = self.getpeercert(binary_form=True)
        except ValueError:  # its alert came right behind the handshake: what it showed is not asked for any more
            return self._identity
        if self._identity is None and leaf is not None:
            chain = self.presented or (x509.load_der_x509_certificate(leaf),)
            cipher = self.cipher()
            self._identity = PeerIdentity(chain, self._verified, self.version() or "", cipher[0] if cipher else "")
        return self._identity

    @property
    def asked_for_certificate(self) -> bool:
        """Whether the server asked this client for a certificate."""
        return self._request is not None

    @property
    def accepted_authorities(self) -> tuple[bytes, ...]:
        """The names (DER) of the CAs whose certificates the server said it takes; none if it named none."""
        return () if self._request is None else authorities_of_request(self._request[1], self._request[0])

    def note_request(self, version: int, message: bytes) -> None:
        """Remember the server's CertificateRequest."""
        self._request = (version, message)

    def note(self, version: int, message: bytes) -> None:
        """Remember what is in the peer's Certificate message (OpenSSL takes one of at most 100 KiB)."""
        found = certificates_of_message(message, version)
        self._certificates, self._too_many = tuple(found[:MAX_CHAIN]), len(found) > MAX_CHAIN


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
    """Take the DER certificates out of a Certificate message (RFC 5246 7.4.2, RFC 8446 4.4.2), up to a broken place.

    At most one more than MAX_CHAIN is taken: enough to see that there are too many.
    """
    tls13 = version >= ssl.TLSVersion.TLSv1_3
    offset = 4 + (1 + message[4] if tls13 and len(message) > 4 else 0) + 3
    found: list[bytes] = []
    while offset + 3 <= len(message) and len(found) <= MAX_CHAIN:
        end = offset + 3 + int.from_bytes(message[offset : offset + 3])
        if end > len(message):
            break
        found.append(message[offset + 3 : end])
        offset = end + (2 + int.from_bytes(message[end : end + 2]) if tls13 else 0)
    return found


def authorities_of_request(message: bytes, version: int) -> tuple[bytes, ...]:
    """Take the DER names of CAs out of a CertificateRequest (RFC 5246 7.4.4, RFC 8446 4.3.2), up to a broken place."""
    if version >= ssl.TLSVersion.TLSv1_3:
        names = _authorities_extension(_vector(_after(message[4:], 1), 2))
    else:
        names = _vector(_after(_after(message[4:], 1), 2), 2)
    found = []
    while len(name := _vector(names, 2)) > 0:
        found.append(name)
        names = names[2 + len(name) :]
    return tuple(found)


def _authorities_extension(extensions: bytes) -> bytes:
    while len(extensions) >= 4:
        content = _vector(extensions[2:], 2)
        if int.from_bytes(extensions[:2]) == _CERTIFICATE_AUTHORITIES:
            return _vector(content, 2)
        extensions = extensions[4 + len(content) :]
    return b""


def _vector(data: bytes, size: int) -> bytes:
    """The content of a vector whose length stands before it in `size` bytes; empty if it is cut short."""
    end = size + int.from_bytes(data[:size])
    return data[size:end] if end <= len(data) else b""


def _after(data: bytes, size: int) -> bytes:
    return data[size + int.from_bytes(data[:size]) :]


def _listen(conn: Any, direction: str, version: int, content_type: int, message_type: int, data: bytes) -> None:
    if direction != "read" or content_type != _HANDSHAKE:
        return
    if message_type == _CERTIFICATE:
        conn.note(version, data)
    elif message_type == _CERTIFICATE_REQUEST:
        conn.note_request(version, data)


def _refused(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(ssl.SSL_ERROR_SSL, f"certificate verify failed: {message}")
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    error.verify_code, error.verify_message = code, message
    return error


def _now() -> datetime:
    return datetime.now(UTC)
