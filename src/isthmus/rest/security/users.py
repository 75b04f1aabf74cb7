"""Users over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api.html#security-user-apis
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.parsing import Bounds
from isthmus.rest.answers import Json
from isthmus.rest.indices.body import json_body
from isthmus.rest.routing import Request, Route
from isthmus.rest.security.found_json import QUERY_LACKS, found_json
from isthmus.security.searched import USERS
from isthmus.security.searching import parse_search, search
from isthmus.security.subject import User
from isthmus.security.users.native import RESERVED
from isthmus.security.users.orders import new_password, put_user
from isthmus.security.users.service import UserService

_ADMIN: Final = "cluster:admin/xpack/security/user"
_QUERY: Final = "/_security/_query/user"
_REFRESH: Final = ("refresh",)


class UserHandlers:
    """The handlers; `clock` gives the milliseconds since 1970."""

    def __init__(self, users: UserService, clock: Callable[[], int]) -> None:
        self._users = users
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of users."""
        user = "/_security/user/{username}"
        return (
            Route("GET", "/_security/user", f"{_ADMIN}/get", self._get, ("with_profile_uid",)),
            Route("GET", user, f"{_ADMIN}/get", self._get, ("with_profile_uid",)),
            Route("DELETE", user, f"{_ADMIN}/delete", self._delete, _REFRESH),
            *(
                Route(
                    method, "/_security/_query/user", f"{_ADMIN}/query", self._query, takes_body=True, lacks=QUERY_LACKS
                )
                for method in ("GET", "POST")
            ),
            *(
                route
                for method in ("PUT", "POST")
                for route in (
                    Route(method, user, f"{_ADMIN}/put", self._put, _REFRESH, takes_body=True),
                    *(
                        Route(
                            method,
                            path,
                            f"{_ADMIN}/change_password",
                            self._password,
                            _REFRESH,
                            takes_body=True,
                            own=True,
                        )
                        for path in (f"{user}/_password", "/_security/user/_password")
                    ),
                    Route(method, f"{user}/_enable", f"{_ADMIN}/set_enabled", self._enable, _REFRESH),
                    Route(method, f"{user}/_disable", f"{_ADMIN}/set_enabled", self._disable, _REFRESH),
                )
            ),
        )

    async def _get(self, request: Request) -> Json:
        if request.parameters.boolean("with_profile_uid"):
            raise UsageError("[with_profile_uid] is not supported: there are no user profiles")
        names = [one for one in request.variables.get("username", "").split(",") if one]
        found = self._users.users(names)
        return Json({user.username: user_json(user) for user in found}, 200 if found or not names else 404)

    async def _query(self, request: Request) -> Json:
        wanted = parse_search(json_body(request.body, default={}), "user", Bounds())
        native = [user for user in self._users.users([]) if user.username not in RESERVED]
        return Json(found_json(search(native, USERS, wanted, self._clock()), "users", user_json))

    async def _put(self, request: Request) -> Json:
        order = put_user(request.variables["username"], json_body(request.body))
        return Json({"created": await self._users.put(order)})

    async def _delete(self, request: Request) -> Json:
        found = await self._users.delete(request.variables["username"])
        return Json({"found": found}, 200 if found else 404)

    async def _password(self, request: Request) -> Json:
        username = request.variables.get("username") or request.authentication.user.username
        await self._users.set_password(username, new_password(json_body(request.body)))
        return Json({})

    async def _enable(self, request: Request) -> Json:
        return await self._set_enabled(request, enabled=True)

    async def _disable(self, request: Request) -> Json:
        return await self._set_enabled(request, enabled=False)

    async def _set_enabled(self, request: Request, *, enabled: bool) -> Json:
        username = request.variables["username"]
        if username == request.authentication.user.username:
            raise UsageError("users may not update the enabled status of their own account")
        await self._users.set_enabled(username, enabled=enabled)
        return Json({})


def user_json(user: User) -> dict[str, Any]:
    """Return a user as it is told."""
    return {
        "username": user.username,
        "roles": list(user.roles),
        "full_name": user.full_name,
        "email": user.email,
        "metadata": user.metadata,
        "enabled": user.enabled,
    }
