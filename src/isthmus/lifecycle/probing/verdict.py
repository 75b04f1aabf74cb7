"""What the end of a dial means. Pure."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509

from isthmus.pki.alerts import answer_to_message
from isthmus.pki.explain import explain_refusal
from isthmus.wire.foreign import recognise

Outcome = Literal["accepted", "refused_us", "refused_it", "unreachable", "no_tls"]

# RFC 8446 6.2: the alerts by which a server refuses a client's certificate, or the lack of one.
_OF_CERTIFICATES = re.compile(
    r"alert (bad certificate|unsupported certificate|certificate (revoked|expired|unknown|required)"
    r"|unknown ca|access denied)"
)
_HANDSHAKE_FAILURE = "alert handshake failure"


@dataclass(frozen=True)
class Progress:
    """How far a dial came: what was seen before it ended."""

    connected: bool = False
    first: bytes = b""
    served: Sequence[x509.Certificate] = ()
    asked: bool = False
    opened: bool = False


def judge_end(
    error: OSError, progress: Progress, trusted: Sequence[x509.Certificate], address: str
) -> tuple[Outcome, str]:
    """Tell what `error`, with which a dial of `address` ended, means, and why, for a person."""
    if not progress.connected:
        return "unreachable", _unreached(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        refusal = explain_refusal(error.verify_code, error.verify_message, progress.served, trusted, address)
        return "refused_it", str(refusal)
    foreign = recognise(progress.first) if progress.first else "TLS"
    if foreign != "TLS":
        return "no_tls", _foreign(foreign)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return _alerted(error, progress)
    return "unreachable", _hung_up(error, progress)


def _alerted(error: ssl.SSLError, progress: Progress) -> tuple[Outcome, str]:
    words = (error.reason or str(error)).lower().replace("_", " ")
    why, mend = answer_to_message(words)
    refused = _OF_CERTIFICATES.search(words) or (_HANDSHAKE_FAILURE in words and progress.asked)
    if not refused:
        return "no_tls", f"{why} ({mend})"
    if _HANDSHAKE_FAILURE in words:
        return "refused_us", "it asked for our certificate and ended the handshake: it refused ours, or misses one"
    return "refused_us", f"{why} ({mend})"


def _unreached(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"its name is not known: {error.strerror}"
    if isinstance(error, TimeoutError):
        return "it did not take the connection in time"
    return f"it takes no connection: {error.strerror or error}"


def _foreign(protocol: str | None) -> str:
    if protocol in (None, "unknown"):
        return "it does not speak TLS"
    return f"it speaks {protocol} without TLS"


def _hung_up(error: OSError, progress: Progress) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time" if progress.first else "it took the connection and said nothing"
    if not isinstance(error, ssl.SSLEOFError | ConnectionError):
        return str(error)
    if progress.asked:
        return "it asked for our certificate and then closed the connection without saying why; see its log"
    when = "after the handshake" if progress.opened else "during the handshake"
    return f"it closed the connection {when} without saying why"
