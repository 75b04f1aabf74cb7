"""What is told of connections that did not come about or were dropped, and how often."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from isthmus.wire.errors import MalformedError
from isthmus.wire.foreign import ForeignProtocolError

if TYPE_CHECKING:
    from isthmus.pki.explain import Refusal

log = logging.getLogger(__name__)

LINES = 50
PERIOD = 10.0


@dataclass(frozen=True)
class RefusedConnection:
    """An inbound connection that was refused or dropped: from where, why, and who it was as far as that is known.

    `kind` sorts the reasons: no TLS came about, or what was sent was none, or no message; or the peer was one too many,
    silent, or expelled. `is_denied`: its certificate is good, and refused here, by the deny list or as revoked.
    """

    address: str
    reason: str
    refusal: Refusal | None = None
    kind: Literal["tls", "not_tls", "malformed", "crowd", "silence", "expelled"] = "malformed"
    is_denied: bool = False


class RefusalLog:
    """Logs refusals, at most LINES in PERIOD seconds, and says how many it left out."""

    def __init__(self, on_refused: Callable[[RefusedConnection], None]) -> None:
        self._on_refused = on_refused
        self._since = 0.0
        self._lines = 0
        self._left_out = 0

    def tell(self, refused: RefusedConnection) -> None:
        """Log one refusal and hand it on."""
        self._on_refused(refused)
        if time.monotonic() - self._since > PERIOD:
            self.begin_period()
        self._lines += 1
        if self._lines > LINES:
            self._left_out += 1
            return
        more = f" (and {self._left_out} more since the last line)" if self._left_out else ""
        self._left_out = 0
        log.warning("refused the connection from [%s]: %s%s", refused.address, refused.reason, more)

    def begin_period(self) -> None:
        """Begin to count lines anew."""
        self._since = time.monotonic()
        self._lines = 0


_FOREIGN = {
    "HTTP": "it speaks plain HTTP, and this is the transport port (the REST API is on the HTTP port)",
    "TLS": "it speaks TLS, and TLS is off here (set xpack.security.transport.ssl.enabled: true here, or off there)",
    "SSH": "it speaks SSH, and this is the transport port",
}
_FOREIGN_ON_TLS = {
    "HTTP": "it speaks plain HTTP, and this is the transport port, with TLS (the REST API is on the HTTP port)",
    "transport": "it speaks the transport protocol without TLS, and TLS is on here "
    "(set xpack.security.transport.ssl.enabled: true there)",
    "SSH": "it speaks SSH, and this is the transport port, with TLS",
}


def why_dropped(error: MalformedError) -> str:
    """Say for a person why a peer was dropped that sent what it must not."""
    if isinstance(error, ForeignProtocolError):
        return _FOREIGN.get(error.protocol, "it does not speak the transport protocol")
    return str(error)


def why_not_tls(protocol: str | None) -> str:
    """Say for a person why a peer was refused that did not begin with TLS; `protocol` as `recognise` names it."""
    return _FOREIGN_ON_TLS.get(protocol or "", "it does not speak TLS, and TLS is on here")
