"""Recognises what a peer speaks when it does not speak the transport protocol."""

from __future__ import annotations

from isthmus.wire.errors import MalformedError

ENOUGH = 8

_HTTP = (
    b"GET ",
    b"HEAD ",
    b"POST ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"TRACE ",
    b"CONNECT ",
    b"PRI ",
    b"HTTP/",
)
_TLS_RECORDS = (b"\x16", b"\x15")  # a handshake, an alert


class ForeignProtocolError(MalformedError):
    """The peer's first bytes belong to another protocol; `protocol` names it (HTTP, TLS, SSH, transport, unknown)."""

    def __init__(self, protocol: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(reason, hint=hint)
        self.protocol = protocol


def recognise(first: bytes) -> str | None:
    """Name the protocol that the `first` bytes of a stream begin, or None if they are too few to tell.

    The names: HTTP, TLS, SSH, transport (this protocol without TLS), unknown.
    """
    if first.startswith(_TLS_RECORDS):
        return "TLS"
    for protocol, openings in (("HTTP", _HTTP), ("SSH", (b"SSH-",)), ("transport", (b"ES",))):
        if any(first.startswith(opening) for opening in openings):
            return protocol
        if any(opening.startswith(first) for opening in openings):
            return None
    return "unknown"
