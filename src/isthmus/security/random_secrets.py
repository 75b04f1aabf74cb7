"""Secrets that are random and long: made here, and kept as a salted SHA-256, which nobody can guess back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "{SSHA256}"
_SALT_BYTES = 16
_SECRET_BYTES = 16


def new_secret() -> str:
    """Return 22 characters that hold 128 random bits."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """Return what is kept of a secret."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return PREFIX + base64.b64encode(salt + _digest(salt, secret)).decode()


def is_secret(secret: str, hashed: str) -> bool:
    """Tell, in constant time, whether `secret` is the one that `hashed` was kept of."""
    raw = base64.b64decode(hashed.removeprefix(PREFIX))
    salt, digest = raw[:_SALT_BYTES], raw[_SALT_BYTES:]
    return hmac.compare_digest(digest, _digest(salt, secret))


def _digest(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode(errors="surrogatepass")).digest()
