"""Elasticsearch's transport protocol as values: bytes in, bytes out, no sockets, no clock.

Numbers, strings and generic values stand in `primitives` and `generic`; `frames` cuts the stream into messages
within limits; `compression` and `exceptions` read what a message may hold; `handshake`, `nodes` and `version` say
who is speaking. Layouts are those of TransportVersion 8841064. Every decode ends on "no bytes left".
"""

from isthmus.wire.errors import LimitExceededError, MalformedError

__all__ = ["LimitExceededError", "MalformedError"]
