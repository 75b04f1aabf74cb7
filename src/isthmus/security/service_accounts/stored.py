"""How a token of a service account stands in the cluster's state: `service_token/<account>/<name>`; and its text.

A text is base64 of a version, the token's full name and a secret, as Elasticsearch makes it.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec

from isthmus.security.kept import Kept

_MARK: Final = b"\x00\x01\x00\x01"
_PARTS: Final = 3


class ServiceToken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A token; `creation` in milliseconds since 1970."""

    format: int = 1
    hash: str
    creation: int

    def __repr__(self) -> str:
        """The hash stays out of logs."""
        return "ServiceToken()"


SERVICE_TOKENS: Final = Kept("token", "service_token/", ServiceToken)
"""By `account/name`."""


def service_token_text(account: str, name: str, secret: str) -> str:
    """Return the text of a token."""
    return base64.urlsafe_b64encode(_MARK + f"{account}/{name}:{secret}".encode()).decode().rstrip("=")


def read_service_token(text: str) -> tuple[str, str, str] | None:
    """Return the account, the name and the secret of a token's text; None if it is none."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        full, colon, secret = raw.removeprefix(_MARK).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    parts = full.split("/")
    if not raw.startswith(_MARK) or not colon or not secret or len(parts) != _PARTS:
        return None
    return f"{parts[0]}/{parts[1]}", parts[2], secret
