"""From credentials to who is asking."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from isthmus.errors import UsageError
from isthmus.security.api_keys.realm import ApiKeys
from isthmus.security.checking import PasswordChecker, VerifiedCache
from isthmus.security.credentials import ApiKeyCredentials, Basic, BearerToken, Unreadable, read_authorization
from isthmus.security.errors import AuthenticationError
from isthmus.security.pki_realms.realm import PkiRealm
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.security.throttle import Throttle
from isthmus.security.users.account import PasswordRealm

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity

MAX_TARGET = 256
RUN_AS = "es-security-runas-user"
"""The header that names the user to act as."""

ANONYMOUS = RealmRef("__anonymous", "__anonymous")
# A bcrypt hash of cost 10 of a random password that nobody kept: unknown users take as long as known ones.
_NOBODY = "$2b$10$rn9cYYNXosBioexO3G.mVeepXWTrKpsatqAiv2G9teBpvM.mHatrm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a request brings to tell who asks.

    `target` is the path and query asked for, told back in errors; `origin` the client's address; `run_as` names the
    user to act as; `certificate` is what the client showed in the handshake.
    """

    authorization: str | None = field(default=None, repr=False)
    run_as: str | None = None
    target: str = "/"
    origin: str = ""
    certificate: PeerIdentity | None = None


class TokenRealm(Protocol):
    """Knows bearer tokens."""

    def authenticate(self, token: str) -> Authentication | str | None:
        """Return who came with a token, a sentence that says why it does not do, or None for one of another realm."""


@dataclass(frozen=True, kw_only=True)
class Realms:
    """Everything that knows who is asking; passwords and certificates are tried in this order.

    `anonymous` is who brings nothing.
    """

    passwords: Sequence[PasswordRealm]
    api_keys: ApiKeys | None = None
    tokens: Sequence[TokenRealm] = ()
    certificates: Sequence[PkiRealm] = ()
    anonymous: User | None = None


class Authenticator:
    """Asks `realms` who is asking."""

    def __init__(
        self, realms: Realms, checker: PasswordChecker | None = None, throttle: Throttle | None = None
    ) -> None:
        self.realms = realms
        self._checker = checker or PasswordChecker()
        self._throttle = throttle or Throttle(time.monotonic)
        self._cache = VerifiedCache()

    async def authenticate(self, asking: Asking) -> Authentication:
        """Return who asks, and as whom. Whether he may act as another is not known here.

        Raises AuthenticationError, UsageError for one who cannot act as another, and OverloadedError when too many
        passwords wait for a check.
        """
        request = f"REST request [{asking.target[:MAX_TARGET]}]"
        found = await self._authenticated(asking, request)
        return found if asking.run_as is None else self._run_as(found, asking.run_as, request)

    async def _authenticated(self, asking: Asking, request: str) -> Authentication:
        claimed: str | None = None
        match read_authorization(asking.authorization):
            case None if (claimed := self._claimed(asking.certificate)) is not None:
                found = self._certificate(asking.certificate)
                refusal = f"unable to authenticate user [{claimed}] for {request}"
            case None if self.realms.anonymous is not None:
                return Authentication(user=self.realms.anonymous, authenticated_by=ANONYMOUS, type="anonymous")
            case None:
                raise AuthenticationError(f"missing authentication credentials for {request}")
            case Unreadable(reason):
                raise AuthenticationError(f"{reason}, for {request}")
            case Basic() as basic:
                found = await self.password(basic, asking.origin)
                refusal = f"unable to authenticate user [{basic.username}] for {request}"
            case ApiKeyCredentials() as credentials:
                found, refusal = self._api_key(credentials, request)
            case BearerToken() as bearer:
                found, refusal = self._token(bearer, request)
        if found is None:
            await asyncio.sleep(self._throttle.failed(asking.origin))
            error = AuthenticationError(refusal)
            error.claimed = claimed
            raise error
        return found

    def look_up(self, found: Authentication, username: str) -> Authentication | None:
        """Return `found` acting as the user `username`, be there one or not; None if he must not be let in.

        Raises UsageError for one who cannot act as another.
        """
        if found.type not in ("realm", "token") or found.service_token is not None or found.authenticating is not None:
            raise UsageError(
                f"[{RUN_AS}] is not supported for who comes with an API key or the token of a service account, comes "
                "anonymously, or acts as another already",
                hint="ask with a user's own credentials",
            )
        accounts = (account for realm in self.realms.passwords if (account := realm.find(username)) is not None)
        account = next(accounts, None)
        if not username or (account is not None and not account.user.enabled):
            return None
        user, realm = (User(username=username), None) if account is None else (account.user, account.realm)
        return replace(found, user=user, lookup_by=realm, authenticating=found.user)

    def _run_as(self, found: Authentication, username: str, request: str) -> Authentication:
        acting = self.look_up(found, username)
        if acting is None:
            raise AuthenticationError(f"unable to authenticate user [{found.user.username}] for {request}")
        return acting

    async def password(self, basic: Basic, origin: str) -> Authentication | None:
        """Return whose name and password these are, None if nobody's. Raises OverloadedError."""
        accounts = [found for realm in self.realms.passwords if (found := realm.find(basic.username)) is not None]
        if not accounts:
            self._cache.forget(basic.username)
            await self._is_right(basic, _NOBODY, origin)
            return None
        for account in accounts:
            if await self._is_right(basic, account.password_hash, origin) and account.user.enabled:
                return Authentication(user=account.user, authenticated_by=account.realm)
        return None

    def forget(self) -> None:
        """Drop what is kept of passwords that were right, and of certificates."""
        self._cache.clear()
        for realm in self.realms.certificates:
            realm.forget()

    def close(self) -> None:
        """End the threads."""
        self._checker.close()

    def _claimed(self, identity: PeerIdentity | None) -> str | None:
        names = (realm.name_in(identity) for realm in self.realms.certificates if identity is not None)
        return next((name for name in names if name is not None), None)

    def _certificate(self, identity: PeerIdentity | None) -> Authentication | None:
        known = (realm.authenticate(identity) for realm in self.realms.certificates if identity is not None)
        return next((one for one in known if one is not None), None)

    def _api_key(self, credentials: ApiKeyCredentials, request: str) -> tuple[Authentication | None, str]:
        if self.realms.api_keys is None:
            return None, f"API keys are not enabled, for {request}"
        found = self.realms.api_keys.authenticate(credentials)
        return (None, f"{found}, for {request}") if isinstance(found, str) else (found, "")

    def token(self, bearer: BearerToken) -> Authentication | str:
        """Return who came with a token, or a sentence that says why it does not do."""
        found = (realm.authenticate(bearer.token) for realm in self.realms.tokens)
        return next((one for one in found if one is not None), "unable to authenticate with provided credentials")

    def _token(self, bearer: BearerToken, request: str) -> tuple[Authentication | None, str]:
        found = self.token(bearer)
        return (None, f"{found}, for {request}") if isinstance(found, str) else (found, "")

    async def _is_right(self, basic: Basic, hashed: str, origin: str) -> bool:
        digest = self._cache.digest(basic.username, basic.password, hashed)
        if self._cache.holds(basic.username, hashed, digest):
            return True
        if not await self._checker.matches(basic.password, hashed, digest=digest, origin=origin):
            return False
        if hashed == _NOBODY:
            return False
        self._cache.remember(basic.username, hashed, digest)
        return True
