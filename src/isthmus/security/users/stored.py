"""How a user stands in the cluster's state: `user/<name>`, as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from isthmus.errors import DataError
from isthmus.security.credentials import is_username
from isthmus.state.history import StoredEntry

FORMAT = 1
PREFIX = "user/"


class StoredUser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user of the realms `reserved` and `native`. Of a reserved one only the password and `enabled` count."""

    format: int = FORMAT
    password_hash: str
    roles: tuple[str, ...] = ()
    full_name: str | None = None
    email: str | None = None
    metadata: dict[str, Any] = {}
    enabled: bool = True

    def __repr__(self) -> str:
        """The hash stays out of logs."""
        return f"StoredUser(roles={self.roles}, enabled={self.enabled})"


class NewerUserError(DataError):
    """A user was written by a newer version."""


def user_key(username: str) -> str:
    """Return the key of a user; raises DataError for what cannot be a user's name."""
    if not is_username(username):
        raise DataError("a user's name has 1 to 507 printable ASCII characters and no blank at either end")
    return PREFIX + username


def encode_user(user: StoredUser) -> bytes:
    """Return a user as it is written."""
    return msgspec.json.encode(user)


def decode_user(entry: StoredEntry) -> StoredUser:
    """Return a user as it was written. Raises NewerUserError."""
    user = msgspec.json.decode(entry.value, type=StoredUser)
    if user.format > FORMAT:
        raise NewerUserError(f"the user is written in the newer format {user.format}", where=entry.key)
    return user
