"""What TLS knows of a peer, and why trust failed, in words for a person."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

    from isthmus.pki.explain import Refusal
    from isthmus.tls.live import TlsChannel
    from isthmus.tls.witness import PeerIdentity


def identify(transport: asyncio.BaseTransport) -> PeerIdentity | None:
    """Return what the peer of an open connection presented, or None without TLS or a certificate."""
    ssl_object = transport.get_extra_info("ssl_object")
    if ssl_object is None:
        return None
    from isthmus.tls.witness import peer_identity

    return peer_identity(ssl_object)


def presented(ssl_object: ssl.SSLObject | None) -> Sequence[x509.Certificate]:
    """Return the certificates that the peer of a failed handshake showed before it failed."""
    from isthmus.tls.witness import presented_by

    return presented_by(ssl_object)


def explain(error: Exception | None, presented: Sequence[x509.Certificate], tls: TlsChannel, address: str) -> Refusal:
    """Explain why TLS did not come about with a peer that presented `presented`.

    `error` is what the handshake raised, or None if the peer just closed. If it was the peer that refused us, it is
    told what we presented.
    """
    from isthmus.pki.explain import Refusal, explain_refusal

    code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else None
    message = _message(error)
    refusal = explain_refusal(code, message, presented, tls.generation.trusted, address)
    if code is None and _is_refusal(error):
        who = refusal.who if presented else f"peer [{address}]"
        return Refusal(who, f"{refusal.why}; {_what_we_presented(tls)}", refusal.mend)
    if refusal.why == message:
        words = message.lower().replace("_", " ")
        return Refusal(f"peer [{address}]", f"the TLS handshake failed: {words}", refusal.mend)
    return refusal


def _is_refusal(error: Exception | None) -> bool:
    """Whether the peer ended it: by an alert, or by closing without a word."""
    return error is None or isinstance(error, ConnectionError) or "alert" in str(error).lower()


def _what_we_presented(tls: TlsChannel) -> str:
    from isthmus.pki.explain import fingerprint
    from isthmus.pki.names import distinguished_name_text

    if not tls.generation.chain:
        return "we presented no certificate"
    ours = tls.generation.chain[0]
    return (
        f"we presented [{distinguished_name_text(ours.subject)}] (sha256 {fingerprint(ours)}) "
        f"issued by [{distinguished_name_text(ours.issuer)}]"
    )


def _message(error: Exception | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason
    if isinstance(error, ConnectionAbortedError | TimeoutError):
        return "it did not finish the TLS handshake in time"
    if error is None or isinstance(error, ConnectionError | ssl.SSLError):
        return "closed"
    return str(error)
