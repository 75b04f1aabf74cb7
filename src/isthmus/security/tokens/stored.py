"""How a pair of tokens stands in the cluster's state: `token/<id>`, as JSON; and the texts that clients get.

A text is base64 of a version, what it is, the id and a secret; only the hash of the secret is kept.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from isthmus.security.bearer_text import bearer_text, read_bearer_text
from isthmus.security.kept import Kept
from isthmus.security.subject import Authentication

Use = Literal["access", "refresh"]

_MARKS: dict[Use, bytes] = {"access": b"\x01isa", "refresh": b"\x01isr"}
_MAX_ID = 64


class TokenPair(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An access token and its refresh token; times are milliseconds since 1970.

    `authentication` is whom they act as. `refreshed` tells when the refresh token was used up.
    """

    format: int = 1
    id: str
    authentication: Authentication
    access_hash: str
    refresh_hash: str | None = None
    creation: int
    expiration: int
    refresh_expiration: int | None = None
    invalidation: int | None = None
    refreshed: int | None = None

    def __repr__(self) -> str:
        """The hashes stay out of logs."""
        return f"TokenPair(id={self.id!r}, user={self.authentication.user.username!r})"


TOKENS: Final = Kept("token", "token/", TokenPair)


def token_text(use: Use, id: str, secret: str) -> str:  # noqa: A002
    """Return the text of a token."""
    return bearer_text(_MARKS[use], id, secret)


def read_token(use: Use, text: str) -> tuple[str, str] | None:
    """Return the id and the secret of a token's text; None if it is none of that use."""
    read = read_bearer_text(_MARKS[use], text)
    return read if read is not None and 0 < len(read[0]) <= _MAX_ID else None
