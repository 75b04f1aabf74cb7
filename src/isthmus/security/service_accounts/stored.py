"""How a token of a service account stands in the cluster's state: `service_token/<account>/<name>`; and its text.

A text is base64 of a version, the token's full name and a secret, as Elasticsearch makes it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from isthmus.security.bearer_text import bearer_text, read_bearer_text
from isthmus.security.kept import Kept

_MARK: Final = b"\x00\x01\x00\x01"
_SLASHES: Final = 2


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
    return bearer_text(_MARK, f"{account}/{name}", secret)


def read_service_token(text: str) -> tuple[str, str, str] | None:
    """Return the account, the name and the secret of a token's text; None if it is none."""
    read = read_bearer_text(_MARK, text)
    if read is None or read[0].count("/") != _SLASHES:
        return None
    account, _, name = read[0].rpartition("/")
    return account, name, read[1]
