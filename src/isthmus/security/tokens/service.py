"""Tokens given, refreshed and invalidated.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-get-token.html
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from isthmus.errors import UsageError
from isthmus.security.random_secrets import hash_secret, is_secret, new_secret
from isthmus.security.subject import Authentication
from isthmus.security.tokens.realm import AccessTokens
from isthmus.security.tokens.stored import TOKENS, TokenPair, read_token, token_text
from isthmus.state.errors import VersionConflictError
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap

ACCESS_SECONDS: Final = 20 * 60
REFRESH_SECONDS: Final = 24 * 60 * 60
# What is over stays for a while, so that its holder is told so rather than that it is not known.
_FORGOTTEN_AFTER_MS: Final = 60 * 60 * 1000
_MAX_FORGOTTEN: Final = 1_000
_GRANTS_BETWEEN: Final = 100
_ID_BYTES: Final = 15


class InvalidGrantError(UsageError):
    """What was offered for a token is worth none (RFC 6749 §5.2)."""

    type = "invalid_grant"


@dataclass(frozen=True, slots=True)
class Granted:
    """New tokens; there is no `refresh` for a client's own credentials."""

    authentication: Authentication
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_in: int = ACCESS_SECONDS


@dataclass(frozen=True, slots=True)
class Invalidated:
    """How many tokens were invalidated, now and before."""

    now: int
    before: int


class TokenService:
    """Writes the tokens of `state`, which `tokens` reads; `clock` gives the milliseconds since 1970."""

    def __init__(self, state: ReplicatedMap, tokens: AccessTokens, clock: Callable[[], int]) -> None:
        self._state = state
        self._pairs = tokens.pairs
        self._clock = clock
        self._grants = 0

    async def grant(self, authentication: Authentication, *, refreshable: bool = True) -> Granted:
        """Give out tokens by which to act as `authentication`."""
        pair, granted = self._make(authentication, refreshable=refreshable)
        await self._state.write([Write(TOKENS.key(pair.id), TOKENS.encode(pair), 0), *self._forgotten()])
        return granted

    async def refresh(self, token: str) -> Granted:
        """Give out new tokens for a refresh token, which is good once. Raises InvalidGrantError."""
        old = self._of_refresh(token)
        now = self._clock()
        if old.refreshed is not None:
            raise InvalidGrantError("token has already been refreshed")
        if old.invalidation is not None:
            raise InvalidGrantError("token has been invalidated")
        if old.refresh_expiration is None or old.refresh_expiration <= now:
            raise InvalidGrantError("refresh token is expired")
        pair, granted = self._make(old.authentication, refreshable=True)
        entry = self._state.get(TOKENS.key(old.id))
        if entry is None:
            raise InvalidGrantError("token is not known")
        used = Write(TOKENS.key(old.id), TOKENS.encode(replace(old, refreshed=now, invalidation=now)), entry.revision)
        try:
            await self._state.write([used, Write(TOKENS.key(pair.id), TOKENS.encode(pair), 0)])
        except VersionConflictError as cause:
            raise InvalidGrantError("token has already been refreshed") from cause
        return granted

    async def invalidate(self, wanted: Callable[[TokenPair], bool]) -> Invalidated:
        """Invalidate every pair that is `wanted`."""
        found = [pair for pair in self._pairs.all().values() if wanted(pair)]
        now = self._clock()
        valid = [pair for pair in found if pair.invalidation is None]
        if valid:
            changed = (replace(pair, invalidation=now) for pair in valid)
            await self._state.write([Write(TOKENS.key(pair.id), TOKENS.encode(pair), None) for pair in changed])
        return Invalidated(len(valid), len(found) - len(valid))

    def owner_of(self, token: str, *, refresh: bool) -> str | None:
        """Return the id of the pair that a token's text is of; None if it is of none."""
        read = read_token("refresh" if refresh else "access", token)
        pair = None if read is None else self._pairs.get(read[0])
        if read is None or pair is None:
            return None
        hashed = pair.refresh_hash if refresh else pair.access_hash
        return pair.id if is_secret(read[1], hashed) else None

    def _of_refresh(self, token: str) -> TokenPair:
        id_ = self.owner_of(token, refresh=True)
        pair = None if id_ is None else self._pairs.get(id_)
        if pair is None:
            raise InvalidGrantError("could not refresh the requested token")
        return pair

    def _make(self, authentication: Authentication, *, refreshable: bool) -> tuple[TokenPair, Granted]:
        id_, now = secrets.token_urlsafe(_ID_BYTES), self._clock()
        access, refresh = new_secret(), new_secret() if refreshable else None
        pair = TokenPair(
            id=id_,
            authentication=authentication,
            access_hash=hash_secret(access),
            refresh_hash=None if refresh is None else hash_secret(refresh),
            creation=now,
            expiration=now + ACCESS_SECONDS * 1000,
            refresh_expiration=None if refresh is None else now + REFRESH_SECONDS * 1000,
        )
        refresh_text = None if refresh is None else token_text("refresh", id_, refresh)
        return pair, Granted(authentication, token_text("access", id_, access), refresh_text)

    def _forgotten(self) -> list[Write]:
        """What has been over for long is deleted with a later grant."""
        self._grants += 1
        if self._grants % _GRANTS_BETWEEN != 1:
            return []
        before = self._clock() - _FORGOTTEN_AFTER_MS
        over = (
            pair.id
            for pair in self._pairs.all().values()
            if max(pair.expiration, pair.refresh_expiration or 0) < before
        )
        return [Write(TOKENS.key(id_), None, None) for id_, _ in zip(over, range(_MAX_FORGOTTEN), strict=False)]
