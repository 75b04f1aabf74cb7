"""API keys that somebody makes for another, whose credentials he has.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-grant-api-key.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from isthmus.errors import IsthmusError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ValidationError
from isthmus.security.api_keys.orders import NewKey, new_key
from isthmus.security.authenticator import Authenticator
from isthmus.security.authorization.denial import run_as_denied
from isthmus.security.authorization.permission import Permission
from isthmus.security.credentials import Basic, BearerToken, is_username
from isthmus.security.subject import Authentication

ACTION: Final = "cluster:admin/xpack/security/api_key/grant"
_NEEDED: Final = {"password": ("username", "password"), "access_token": ("access_token",)}


class GrantError(IsthmusError):
    """The credentials of the other are wrong."""

    type = "security_exception"
    status = 403


class Grants:
    """`authenticator` checks the credentials that a request holds, `permissions` tells what somebody may do."""

    def __init__(self, authenticator: Authenticator, permissions: Callable[[Authentication], Permission]) -> None:
        self._authenticator = authenticator
        self._permissions = permissions

    async def granted(self, body: Any) -> tuple[NewKey, Authentication]:
        """Return the key that a body asks for, and whose it shall be.

        Raises UsageError, GrantError for wrong credentials, and AuthorizationError for who may not act as another.
        """
        given = JsonObject(body, "grant_api_key_request")
        kind = given.text("grant_type")
        secrets = {name: given.text(name) for name in ("username", "password", "access_token")}
        asked, run_as = given.json("api_key"), given.text("run_as")
        given.end()
        if kind not in _NEEDED:
            raise ValidationError(f"Validation Failed: 1: grant_type [{str(kind)[:50]}] is not supported;")
        for name, value in secrets.items():
            if name in _NEEDED[kind] and not value:
                raise ValidationError(f"Validation Failed: 1: [{name}] is required for grant_type [{kind}];")
            if name not in _NEEDED[kind] and value is not None:
                raise ValidationError(f"Validation Failed: 1: [{name}] is not supported for grant_type [{kind}];")
        if asked is None:
            raise ValidationError("Validation Failed: 1: api key name is required;")
        order = new_key(asked)
        username = secrets["username"] or ""
        who = await self._authenticated(kind, username, secrets["password"] or secrets["access_token"] or "")
        if who is None:
            named = f" user [{username[:100]}]" if kind == "password" else ""
            raise GrantError(f"Failed to authenticate api key grant: unable to authenticate{named}")
        return order, who if run_as is None else self._acting_as(who, run_as)

    def _acting_as(self, who: Authentication, username: str) -> Authentication:
        acting = self._authenticator.look_up(who, username)
        himself = self._permissions(who)
        if acting is None or acting.lookup_by is None or not himself.allows_run_as(username):
            raise run_as_denied(acting or who, himself, ACTION)
        return acting

    async def _authenticated(self, kind: str, username: str, secret: str) -> Authentication | None:
        if kind == "password":
            credentials = Basic(username, secret)
            return await self._authenticator.password(credentials, "grant") if is_username(username) else None
        found = self._authenticator.token(BearerToken(secret))
        return None if isinstance(found, str) else found
