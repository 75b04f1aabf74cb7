"""Tokens of service accounts made and deleted.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-create-service-token.html
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from isthmus.errors import DataError
from isthmus.security.acting import config_changed
from isthmus.security.audit import changes
from isthmus.security.random_secrets import hash_secret, new_secret
from isthmus.security.service_accounts.accounts import check_account, check_token_name
from isthmus.security.service_accounts.realm import StateTokens
from isthmus.security.service_accounts.stored import (
    SERVICE_TOKENS,
    ServiceToken,
    service_token_text,
)
from isthmus.state.errors import VersionConflictError
from isthmus.state.replicated import ReplicatedMap


class TokenExistsError(DataError):
    """There is a token of that name."""

    type = "version_conflict_engine_exception"
    status = 409


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token; its text is shown this once."""

    name: str
    text: str = field(repr=False)


class ServiceTokenService:
    """Writes the tokens of `state`, which `tokens` reads; `clock` gives the milliseconds since 1970."""

    def __init__(self, state: ReplicatedMap, tokens: StateTokens, clock: Callable[[], int]) -> None:
        self._state = state
        self._tokens = tokens.tokens
        self._clock = clock

    async def create(self, account: str, name: str | None) -> MadeToken:
        """Make a token, of a name that is made too if there is none. Raises UsageError, TokenExistsError."""
        name = f"token_{secrets.token_urlsafe(15)}" if name is None else name
        check_account(account)
        check_token_name(name)
        secret = new_secret()
        token = ServiceToken(hash=hash_secret(secret), creation=self._clock())
        try:
            await self._state.put(SERVICE_TOKENS.key(f"{account}/{name}"), SERVICE_TOKENS.encode(token), expected=0)
        except VersionConflictError as cause:
            raise TokenExistsError(f"token [{name}] of service account [{account}] exists already") from cause
        config_changed(*changes.service_token_created(account, name))
        return MadeToken(name, service_token_text(account, name, secret))

    async def delete(self, account: str, name: str) -> bool:
        """Delete a token; tell whether there was one."""
        if self._tokens.get(f"{account}/{name}") is None:
            return False
        await self._state.delete(SERVICE_TOKENS.key(f"{account}/{name}"))
        config_changed(*changes.service_token_deleted(account, name))
        return True

    def names_of(self, account: str) -> list[str]:
        """Return the names of an account's tokens, in order."""
        return sorted(name.removeprefix(f"{account}/") for name in self._tokens.all() if name.startswith(f"{account}/"))
