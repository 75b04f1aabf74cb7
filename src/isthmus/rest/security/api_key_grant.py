"""API keys that somebody makes for another, whose credentials he has.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-grant-api-key.html
"""

from __future__ import annotations

from typing import Any, Final

from isthmus.errors import IsthmusError, UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ValidationError
from isthmus.security.api_keys.orders import NewKey, new_key
from isthmus.security.authenticator import Authenticator
from isthmus.security.credentials import Basic, BearerToken, is_username
from isthmus.security.subject import Authentication

_NEEDED: Final = {"password": ("username", "password"), "access_token": ("access_token",)}


class GrantError(IsthmusError):
    """The credentials of the other are wrong."""

    type = "security_exception"
    status = 403


class Grants:
    """`authenticator` checks the credentials that a request holds."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def granted(self, body: Any) -> tuple[NewKey, Authentication]:
        """Return the key that a body asks for, and whose it shall be. Raises UsageError, GrantError."""
        given = JsonObject(body, "grant_api_key_request")
        given.refuse("run_as")
        kind = given.text("grant_type")
        secrets = {name: given.text(name) for name in ("username", "password", "access_token")}
        asked = given.json("api_key")
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
        if who.api_key is not None:
            raise UsageError("an API key is granted to a user, not to another API key")
        return order, who

    async def _authenticated(self, kind: str, username: str, secret: str) -> Authentication | None:
        if kind == "password":
            credentials = Basic(username, secret)
            return await self._authenticator.password(credentials, "grant") if is_username(username) else None
        found = self._authenticator.token(BearerToken(secret))
        return None if isinstance(found, str) else found
