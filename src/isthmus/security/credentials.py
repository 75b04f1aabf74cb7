"""The Authorization header as values (RFC 7617, RFC 6750, and Elasticsearch's `ApiKey`). Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

MAX_USERNAME = 507  # Elasticsearch's bound for the name of a user
MAX_API_KEY = 512
MAX_TOKEN = 8192


@dataclass(frozen=True)
class Basic:
    """A user name and a password, as sent."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class ApiKeyCredentials:
    """The id and the secret of an API key, as sent."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class BearerToken:
    """A token of a service account, or one that this cluster gave out."""

    token: str = field(repr=False)


Credentials = Basic | ApiKeyCredentials | BearerToken


@dataclass(frozen=True)
class Unreadable:
    """A header that holds no credentials that could be checked; `reason` is for the client and holds none of it."""

    reason: str


def read_authorization(header: str | None) -> Credentials | Unreadable | None:
    """Return what an Authorization header says; None if there is no header."""
    if header is None or not header.strip():
        return None
    scheme, _, rest = header.strip().partition(" ")
    match scheme.lower():
        case "basic":
            return _read_basic(rest.strip())
        case "apikey":
            return _read_api_key(rest.strip())
        case "bearer":
            return _read_bearer(rest.strip())
    return Unreadable(f"credentials of the scheme [{_name_of(scheme)}] are not supported")


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


def _read_api_key(encoded: str) -> ApiKeyCredentials | Unreadable:
    try:
        text = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return Unreadable("invalid ApiKey value: it is not base64 of [id:api_key]")
    id_, colon, secret = text.partition(":")
    if not (colon and id_ and secret) or not text.isprintable() or len(text) > MAX_API_KEY:
        return Unreadable("invalid ApiKey value: it is not base64 of [id:api_key]")
    return ApiKeyCredentials(id_, secret)


def _read_bearer(token: str) -> BearerToken | Unreadable:
    if not token or len(token) > MAX_TOKEN or not token.isascii() or not token.isprintable():
        return Unreadable("invalid bearer token")
    return BearerToken(token)


def is_username(text: str) -> bool:
    """Tell whether `text` could name a user: 1 to 507 printable characters of ASCII, no blank at either end."""
    return 0 < len(text) <= MAX_USERNAME and text.isascii() and text.isprintable() and text == text.strip()


def _name_of(scheme: str) -> str:
    # Somebody who sends a bare token puts the secret where the scheme belongs: only known names are repeated.
    known = {"negotiate": "Negotiate", "digest": "Digest"}
    return known.get(scheme.lower(), "unknown")
