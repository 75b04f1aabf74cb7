"""The realms of the cluster's state: `reserved`, whose users are built in, and `native`, whose users are made by API.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/built-in-users.html
"""

from __future__ import annotations

from typing import Final

from isthmus.security.credentials import is_username
from isthmus.security.subject import RealmRef, User
from isthmus.security.users.account import Account
from isthmus.security.users.stored import USERS, StoredUser
from isthmus.security.watched import Watched
from isthmus.state.replicated import ReplicatedMap

SUPERUSER: Final = "elastic"
RESERVED: Final = {SUPERUSER: ("superuser",), "kibana_system": ("kibana_system",)}
"""The built-in users and their roles."""

RESERVED_REALM: Final = "reserved"
NATIVE_REALM: Final = "default_native"


class StateUsers:
    """The users of the cluster's state, as this node's copy has them; `node` is the name of this node."""

    def __init__(self, state: ReplicatedMap, node: str = "") -> None:
        self.users: Watched[StoredUser] = Watched(state, USERS)
        self._reserved = RealmRef(RESERVED_REALM, RESERVED_REALM, node)
        self._native = RealmRef(NATIVE_REALM, "native", node)

    def find(self, username: str) -> Account | None:
        """See PasswordRealm."""
        stored = self.users.get(username) if is_username(username) else None
        if stored is None:
            return None
        realm = self._reserved if username in RESERVED else self._native
        return Account(shown(username, stored), realm, stored.password_hash)


def shown(username: str, stored: StoredUser) -> User:
    """Return a stored user as it is shown and acts."""
    if username in RESERVED:
        return User(username=username, roles=RESERVED[username], metadata={"_reserved": True}, enabled=stored.enabled)
    return User(
        username=username,
        roles=stored.roles,
        full_name=stored.full_name,
        email=stored.email,
        metadata=stored.metadata,
        enabled=stored.enabled,
    )
