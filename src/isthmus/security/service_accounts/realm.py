"""From a bearer token of a service account to an authentication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from isthmus.security.random_secrets import is_secret
from isthmus.security.service_accounts.accounts import ACCOUNTS, account_user
from isthmus.security.service_accounts.stored import SERVICE_TOKENS, ServiceToken, read_service_token
from isthmus.security.subject import Authentication, RealmRef
from isthmus.security.watched import Watched
from isthmus.state.replicated import ReplicatedMap

REALM: Final = "_service_account"


class Tokens(Protocol):
    """Where tokens stand."""

    def hash_of(self, full_name: str) -> str | None:
        """Return the hash of the secret of `account/name`, or None."""


class StateTokens:
    """The tokens of the cluster's state."""

    def __init__(self, state: ReplicatedMap) -> None:
        self.tokens: Watched[ServiceToken] = Watched(state, SERVICE_TOKENS)

    def hash_of(self, full_name: str) -> str | None:
        """See Tokens."""
        found = self.tokens.get(full_name)
        return None if found is None else found.hash


class ServiceAccountRealm:
    """Knows the tokens of `places`, tried in this order; `node` is the name of this node."""

    def __init__(self, places: Sequence[Tokens], node: str = "") -> None:
        self._places = places
        self._realm = RealmRef(REALM, REALM, node)

    def authenticate(self, token: str) -> Authentication | str | None:
        """See TokenRealm."""
        read = read_service_token(token)
        if read is None:
            return None
        account, name, secret = read
        full_name = f"{account}/{name}"
        hashes = (place.hash_of(full_name) for place in self._places)
        right = is_secret(secret, next(filter(None, hashes), None))
        if not right or account not in ACCOUNTS:
            return f"failed to authenticate service account [{account[:100]}] with token name [{name[:100]}]"
        return Authentication(
            user=account_user(account), authenticated_by=self._realm, type="token", service_token=name
        )
