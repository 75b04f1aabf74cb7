"""Passwords: the rules they obey, how one is made, and how it is hashed.

The hash is bcrypt of cost 10, as in Elasticsearch's `users` file and native realm. bcrypt reads 72 bytes and no more:
a longer password is refused when it is set, rather than cut (then two passwords would be one) or hashed first (then no
other tool could read the hash).
"""

from __future__ import annotations

import asyncio
import secrets
import string

from isthmus.errors import DataError

COST = 10
MIN_LENGTH = 6
MAX_BYTES = 72
GENERATED_LENGTH = 20
HASH_PREFIXES = ("$2a$", "$2b$", "$2y$")
_LETTERS = string.ascii_letters + string.digits + "-_"


class WeakPasswordError(DataError):
    """A password breaks the rules; neither the password nor its length is told."""

    type = "validation_exception"


def generate_password() -> str:
    """Return a new password of 20 characters (120 bits) that needs no quotes in a shell's argument."""
    return "".join(secrets.choice(_LETTERS) for _ in range(GENERATED_LENGTH))


def check_password(password: str) -> None:
    """Raise WeakPasswordError unless `password` has at least 6 characters and at most 72 bytes in UTF-8."""
    if len(password) < MIN_LENGTH:
        raise WeakPasswordError(f"passwords must be at least [{MIN_LENGTH}] characters long")
    if len(_bytes_of(password)) > MAX_BYTES:
        raise WeakPasswordError(f"passwords must be at most [{MAX_BYTES}] bytes long", hint="bcrypt reads no further")


async def hash_password(password: str) -> str:
    """Return the bcrypt hash of `password`, computed in a thread; raises WeakPasswordError."""
    check_password(password)
    return await asyncio.to_thread(_hash, _bytes_of(password))


def _bytes_of(password: str) -> bytes:
    try:
        return password.encode()
    except UnicodeEncodeError:
        # The cause would hold the password.
        raise WeakPasswordError("passwords must be valid Unicode text") from None


def _hash(password: bytes) -> str:
    import bcrypt

    return bcrypt.hashpw(password, bcrypt.gensalt(COST)).decode()
