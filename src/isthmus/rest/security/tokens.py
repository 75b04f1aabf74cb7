"""Access tokens over HTTP; what is refused is told as RFC 6749 §5.2 has it.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-get-token.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route
from isthmus.rest.security.body import UnknownFieldError, fields_of, text
from isthmus.rest.security.who import authentication_json
from isthmus.security.authenticator import Authenticator
from isthmus.security.credentials import Basic, is_username
from isthmus.security.subject import Authentication
from isthmus.security.tokens.service import Granted, InvalidGrantError, TokenService
from isthmus.security.tokens.stored import TokenPair
from isthmus.security.users.orders import ValidationError

_PATH: Final = "/_security/oauth2/token"
_CREATE: Final = ("grant_type", "kerberos_ticket", "password", "refresh_token", "scope", "username")
_INVALIDATE: Final = ("realm_name", "refresh_token", "token", "username")


class TokenHandlers:
    """The handlers; `authenticator` checks the passwords of the grant of that name."""

    def __init__(self, tokens: TokenService, authenticator: Authenticator) -> None:
        self._tokens = tokens
        self._authenticator = authenticator

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of tokens."""
        action = "cluster:admin/xpack/security/token"
        return (
            Route("POST", _PATH, f"{action}/create", self._create, takes_body=True),
            Route("DELETE", _PATH, f"{action}/invalidate", self._invalidate, takes_body=True),
        )

    async def _create(self, request: Request) -> Json:
        try:
            return await self._granted(request)
        except (InvalidGrantError, ValidationError, UnknownFieldError) as error:
            kind = error.type if isinstance(error, InvalidGrantError) else "invalid_request"
            return Json({"error": kind, "error_description": str(error)}, error.status)

    async def _granted(self, request: Request) -> Json:
        given = fields_of(request.body, _CREATE, "token_request")
        match text(given, "grant_type"):
            case "password":
                granted = await self._tokens.grant(await self._by_password(given))
            case "client_credentials":
                _only(given, ())
                granted = await self._tokens.grant(request.authentication, refreshable=False)
            case "refresh_token":
                _only(given, ("refresh_token",))
                granted = await self._tokens.refresh(_needed(given, "refresh_token"))
            case other:
                supported = "[password], [refresh_token], [client_credentials]"
                raise ValidationError(f"grant_type only supports the values: {supported} but was [{str(other)[:50]}]")
        return Json(_granted_json(granted, text(given, "scope")))

    async def _by_password(self, given: Mapping[str, Any]) -> Authentication:
        _only(given, ("username", "password"))
        username, password = _needed(given, "username"), _needed(given, "password")
        found = None
        if is_username(username):
            found = await self._authenticator.password(Basic(username, password), origin="token")
        if found is None:
            raise InvalidGrantError(f"unable to authenticate user [{username[:100]}]")
        return found

    async def _invalidate(self, request: Request) -> Json:
        given = fields_of(request.body, _INVALIDATE, "invalidate_token")
        done = await self._tokens.invalidate(self._wanted(given))
        told = {"invalidated_tokens": done.now, "previously_invalidated_tokens": done.before, "error_count": 0}
        return Json(told, 200 if done.now + done.before else 404)

    def _wanted(self, given: Mapping[str, Any]) -> Callable[[TokenPair], bool]:
        token, refresh = text(given, "token"), text(given, "refresh_token")
        username, realm = text(given, "username"), text(given, "realm_name")
        if token is None and refresh is None:
            if username is None and realm is None:
                raise ValidationError("one of [token], [refresh_token], [username] or [realm_name] must be given")
            return lambda pair: _is_of(pair, username, realm)
        if username is not None or realm is not None or (token is not None and refresh is not None):
            raise ValidationError("[token] and [refresh_token] must be given alone")
        id_ = self._tokens.owner_of(token or refresh or "", refresh=refresh is not None)
        return lambda pair: pair.id == id_


def _is_of(pair: TokenPair, username: str | None, realm: str | None) -> bool:
    who = pair.authentication
    return username in (None, who.user.username) and realm in (None, (who.lookup_by or who.authenticated_by).name)


def _granted_json(granted: Granted, scope: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"access_token": granted.access, "type": "Bearer", "expires_in": granted.expires_in}
    if granted.refresh is not None:
        told["refresh_token"] = granted.refresh
    if scope is not None:
        told["scope"] = "FULL"
    return {**told, "authentication": authentication_json(granted.authentication)}


def _needed(given: Mapping[str, Any], name: str) -> str:
    found = text(given, name)
    if not found:
        raise ValidationError(f"{name} is missing")
    return found


def _only(given: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name, value in given.items():
        if value is not None and name not in ("grant_type", "scope", *names):
            raise ValidationError(f"{name} is not supported with the [{given['grant_type']}] grant_type")
