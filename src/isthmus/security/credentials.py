"""The Authorization header as values (RFC 7617). Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

MAX_USERNAME = 507  # Elasticsearch's bound for the name of a user


@dataclass(frozen=True)
class Basic:
    """A user name and a password, as sent."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Unreadable:
    """A header that holds no credentials that could be checked; `reason` is for the client and holds none of it."""

    reason: str


def read_authorization(header: str | None) -> Basic | Unreadable | None:
    """Return what an Authorization header says; None if there is no header."""
    if header is None or not header.strip():
        return None
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return Unreadable(f"credentials of the scheme [{_name_of(scheme)}] are not supported")
    return _read_basic(rest.strip())


def _read_basic(encoded: str) -> Basic | Unreadable:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return Unreadable("invalid basic authentication header encoding")
    username, colon, password = text.partition(":")
    if not colon:
        return Unreadable("invalid basic authentication header value")
    if not is_username(username):
        return Unreadable("invalid user name in the basic authentication header")
    return Basic(username, password)


def is_username(text: str) -> bool:
    """Tell whether `text` could name a user: 1 to 507 printable characters of ASCII, no blank at either end."""
    return 0 < len(text) <= MAX_USERNAME and text.isascii() and text.isprintable() and text == text.strip()


def _name_of(scheme: str) -> str:
    # Somebody who sends a bare token puts the secret where the scheme belongs: only known names are repeated.
    known = {"apikey": "ApiKey", "bearer": "Bearer", "negotiate": "Negotiate", "digest": "Digest"}
    return known.get(scheme.lower(), "unknown")
