"""The text of a bearer token: base64 for URLs, without padding, of a mark, a name, a colon and a secret. Pure."""

from __future__ import annotations

import base64
import binascii


def bearer_text(mark: bytes, name: str, secret: str) -> str:
    """Return the text of a token; `mark` tells which kind it is."""
    return base64.urlsafe_b64encode(mark + f"{name}:{secret}".encode()).decode().rstrip("=")


def read_bearer_text(mark: bytes, text: str) -> tuple[str, str] | None:
    """Return the name and the secret of a token's text; None if it is none of that kind, or has no secret."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        name, colon, secret = raw.removeprefix(mark).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (name, secret) if raw.startswith(mark) and colon and secret else None
