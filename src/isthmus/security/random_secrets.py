"""Secrets that are random and long: made here, and kept as a salted SHA-256, which nobody can guess back.

What is kept has the form that Elasticsearch calls SSHA256, and reads: base64 of the salt, base64 of the digest.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

PREFIX = "{SSHA256}"
_SALT_BYTES = 8
_SALT_CHARACTERS = 12
_SECRET_BYTES = 16
_FORM = re.compile(r"\{SSHA256\}[A-Za-z0-9+/]{11}=[A-Za-z0-9+/]{43}=", re.ASCII)
# What a secret is compared with where nothing is kept.
_NOBODYS = PREFIX + "A" * 11 + "=" + "A" * 43 + "="


def new_secret() -> str:
    """Return 22 characters that hold 128 random bits."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """Return what is kept of a secret."""
    salt = base64.b64encode(secrets.token_bytes(_SALT_BYTES)).decode()
    return PREFIX + salt + _digest(salt, secret)


def is_hash(hashed: str) -> bool:
    """Tell whether a text has the form of what `hash_secret` returns."""
    return _FORM.fullmatch(hashed) is not None


def is_secret(secret: str, hashed: str | None) -> bool:
    """Tell whether `secret` is the one that `hashed` was kept of; none is that of None.

    The time is the same for each answer, and where there is nothing to compare with.
    """
    kept = (_NOBODYS if hashed is None else hashed).removeprefix(PREFIX)
    salt, digest = kept[:_SALT_CHARACTERS], kept[_SALT_CHARACTERS:]
    return hmac.compare_digest(digest, _digest(salt, secret)) and hashed is not None


def _digest(salt: str, secret: str) -> str:
    digest = hashlib.sha256(secret.encode(errors="surrogatepass") + base64.b64decode(salt))
    return base64.b64encode(digest.digest()).decode()
