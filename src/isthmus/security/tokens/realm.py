"""From a bearer token that this cluster gave out to an authentication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from isthmus.security.random_secrets import is_secret
from isthmus.security.subject import Authentication
from isthmus.security.tokens.stored import TOKENS, TokenPair, read_token
from isthmus.security.watched import Watched
from isthmus.state.replicated import ReplicatedMap

_EXPIRED: Final = "token expired"


class AccessTokens:
    """The tokens of the cluster's state; `clock` gives the milliseconds since 1970."""

    def __init__(self, state: ReplicatedMap, clock: Callable[[], int]) -> None:
        self.pairs: Watched[TokenPair] = Watched(state, TOKENS)
        self._clock = clock

    def authenticate(self, token: str) -> Authentication | str | None:
        """See TokenRealm."""
        read = read_token("access", token)
        if read is None:
            return None
        id_, secret = read
        pair = self.pairs.get(id_)
        right = is_secret(secret, None if pair is None else pair.access_hash)
        if pair is None or not right:
            return "token is not known"
        if pair.invalidation is not None:
            return "token has been invalidated"
        if pair.expiration <= self._clock():
            return _EXPIRED
        return replace(pair.authentication, type="token")
