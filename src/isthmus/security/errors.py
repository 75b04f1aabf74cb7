"""What is told to somebody who may not pass."""

from __future__ import annotations

from isthmus.errors import IsthmusError

CHALLENGES = ('Basic realm="security", charset="UTF-8"', "ApiKey")


class AuthenticationError(IsthmusError):
    """It is not known who is asking. `challenges` are the values of WWW-Authenticate (RFC 9110 §11.6.1).

    `claimed` is whose certificate it was that did not do.
    """

    type = "security_exception"
    status = 401
    exit_code = 77
    challenges = CHALLENGES
    claimed: str | None = None


class OverloadedError(IsthmusError):
    """Too many passwords wait to be checked; the same request may pass later."""

    type = "es_rejected_execution_exception"
    status = 429
    exit_code = 75
