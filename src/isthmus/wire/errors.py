"""What is wrong with bytes that a peer sent."""

from __future__ import annotations

from isthmus.errors import IsthmusError


class MalformedError(IsthmusError):
    """The bytes are not what the protocol says they must be."""

    type = "transport_serialization_exception"
    status = 400
    exit_code = 65


class LimitExceededError(MalformedError):
    """The bytes are well formed so far, but announce or hold more than this side accepts."""

    type = "circuit_breaking_exception"
    status = 413
