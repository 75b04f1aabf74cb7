"""Secrets that are random and long: made here, and kept as a salted SHA-256, which nobody can guess back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "{SSHA256}"
_SALT_BYTES = 16
_SECRET_BYTES = 16
_DIGEST_BYTES = 32
# What a secret is compared with where nothing is kept.
_NOBODYS = PREFIX + base64.b64encode(bytes(_SALT_BYTES + _DIGEST_BYTES)).decode()


def new_secret() -> str:
    """Return 22 characters that hold 128 random bits."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """Return what is kept of a secret."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return PREFIX + base64.b64encode(salt + _digest(salt, secret)).decode()


def is_secret(secret: str, hashed: str | None) -> bool:
    """Tell whether `secret` is the one that `hashed` was kept of; none is that of None.

    The time is the same for each answer, and where there is nothing to compare with.
    """
    raw = base64.b64decode((_NOBODYS if hashed is None else hashed).removeprefix(PREFIX))
    salt, digest = raw[:_SALT_BYTES], raw[_SALT_BYTES:]
    return hmac.compare_digest(digest, _digest(salt, secret)) and hashed is not None


def _digest(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode(errors="surrogatepass")).digest()
