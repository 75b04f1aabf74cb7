"""From credentials to a user."""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.security.checking import PasswordChecker, VerifiedCache
from isthmus.security.credentials import Basic, Unreadable, read_authorization
from isthmus.security.errors import AuthenticationError
from isthmus.security.users import UserStore

MAX_TARGET = 256
# A bcrypt hash of cost 10 of a random password that nobody kept: unknown users take as long as known ones.
_NOBODY = "$2b$10$rn9cYYNXosBioexO3G.mVeepXWTrKpsatqAiv2G9teBpvM.mHatrm"


@dataclass(frozen=True)
class User:
    """Who asks."""

    username: str


class Authenticator:
    """Checks Basic credentials against `users`."""

    def __init__(self, users: UserStore, checker: PasswordChecker | None = None) -> None:
        self._users = users
        self._checker = checker or PasswordChecker()
        self._cache = VerifiedCache()

    async def authenticate(self, authorization: str | None, *, target: str, origin: str) -> User:
        """Return the user of an Authorization header.

        `target` is the path and query asked for, told back in errors; `origin` the client's address. Raises
        AuthenticationError, and OverloadedError when too many passwords wait to be checked.
        """
        request = f"REST request [{target[:MAX_TARGET]}]"
        match read_authorization(authorization):
            case None:
                raise AuthenticationError(f"missing authentication credentials for {request}")
            case Unreadable(reason):
                raise AuthenticationError(f"{reason}, for {request}")
            case Basic() as basic:
                if not await self._is_right(basic, origin):
                    raise AuthenticationError(f"unable to authenticate user [{basic.username}] for {request}")
                return User(basic.username)

    def close(self) -> None:
        """End the threads."""
        self._checker.close()

    async def _is_right(self, basic: Basic, origin: str) -> bool:
        hashed = self._users.password_hash(basic.username)
        if hashed is None:
            self._cache.forget(basic.username)
        digest = self._cache.digest(basic.username, basic.password, hashed or _NOBODY)
        if hashed is not None and self._cache.holds(basic.username, hashed, digest):
            return True
        right = await self._checker.matches(basic.password, hashed or _NOBODY, digest=digest, origin=origin)
        if hashed is None or not right:
            return False
        self._cache.remember(basic.username, hashed, digest)
        return True
