"""Whose an API key is: its owner is a user of a realm. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.security.api_keys.orders import Wanted
from isthmus.security.api_keys.stored import ApiKey
from isthmus.security.subject import Authentication


@dataclass(frozen=True, slots=True)
class Owner:
    """A user's name and that of his realm."""

    username: str
    realm: str

    def owns(self, key: ApiKey) -> bool:
        """Whether a key is his."""
        return (key.creator.username, key.realm.name) == (self.username, self.realm)


def owner_of(who: Authentication, key: ApiKey | None) -> Owner:
    """Return whose keys are the own ones of who asks; `key` is the one that he came with."""
    if key is not None:
        return Owner(key.creator.username, key.realm.name)
    return Owner(who.user.username, (who.lookup_by or who.authenticated_by).name)


def asks_of_own(wanted: Wanted, who: Authentication, owner: Owner) -> bool:
    """Whether a request can only mean keys of who asks: all of them, or the one that he came with."""
    if who.api_key is not None and wanted.ids == (who.api_key.id,):
        return True
    return wanted.owner or (wanted.username, wanted.realm) == (owner.username, owner.realm)
