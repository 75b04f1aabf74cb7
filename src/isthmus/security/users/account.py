"""A user with the hash of a password, and what a realm of such users is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from isthmus.security.subject import RealmRef, User


@dataclass(frozen=True, slots=True)
class Account:
    """A user of a realm; `password_hash` is bcrypt's."""

    user: User
    realm: RealmRef
    password_hash: str = field(repr=False)


class PasswordRealm(Protocol):
    """Knows users by name. Asked for every request, so it must be quick and must not wait."""

    def find(self, username: str) -> Account | None:
        """Return the account of a user, or None if this realm has none of that name."""
