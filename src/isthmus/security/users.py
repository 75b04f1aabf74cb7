"""Where users stand in the cluster's state: `user/<name>` holds the bcrypt hash of the user's password."""

from __future__ import annotations

from typing import Protocol

from isthmus.errors import DataError
from isthmus.security.credentials import is_username
from isthmus.state.replicated import ReplicatedMap

RESERVED_USER = "elastic"
_PREFIX = "user/"


class UserStore(Protocol):
    """What is known of users. Read for every request, so it must be quick and must not wait."""

    def password_hash(self, username: str) -> str | None:
        """Return the bcrypt hash of the user's password, or None if there is no such user."""


class StateUserStore:
    """The users of the cluster's state, as this node's copy has them."""

    def __init__(self, state: ReplicatedMap) -> None:
        self._state = state

    def password_hash(self, username: str) -> str | None:
        entry = self._state.get(user_key(username))
        return None if entry is None else entry.value.decode()


def user_key(username: str) -> str:
    """Return the key of a user; raises DataError for what cannot be a user's name."""
    if not is_username(username):
        raise DataError("a user's name has 1 to 507 printable ASCII characters and no blank at either end")
    return _PREFIX + username
