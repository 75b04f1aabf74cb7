"""How a user stands in the cluster's state: `user/<name>`, as JSON."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.errors import DataError
from isthmus.security.credentials import is_username
from isthmus.security.kept import Kept


class StoredUser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user of the realms `reserved` and `native`. Of a reserved one only the password and `enabled` count."""

    format: int = 1
    password_hash: str
    roles: tuple[str, ...] = ()
    full_name: str | None = None
    email: str | None = None
    metadata: dict[str, Any] = {}
    enabled: bool = True

    def __repr__(self) -> str:
        """The hash stays out of logs."""
        return f"StoredUser(roles={self.roles}, enabled={self.enabled})"


USERS: Final = Kept("user", "user/", StoredUser)


def user_key(username: str) -> str:
    """Return the key of a user; raises DataError for what cannot be a user's name."""
    if not is_username(username):
        raise DataError("a user's name has 1 to 507 printable ASCII characters and no blank at either end")
    return USERS.key(username)
