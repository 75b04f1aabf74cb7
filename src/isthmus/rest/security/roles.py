"""Roles and privileges over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api.html#security-role-apis
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from isthmus.errors import IsthmusError, UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.parsing import Bounds
from isthmus.rest.answers import Json
from isthmus.rest.indices.body import json_body
from isthmus.rest.routing import Request, Route
from isthmus.rest.security.found_json import QUERY_LACKS, errors_json, found_json
from isthmus.security.acting import acting
from isthmus.security.application_privileges.kept import ApplicationPrivileges
from isthmus.security.authorization.questions import has_privileges, user_privileges
from isthmus.security.privileges.cluster import CLUSTER
from isthmus.security.privileges.index import INDEX
from isthmus.security.roles.descriptor import render_role
from isthmus.security.roles.registry import Roles
from isthmus.security.roles.reserved import reserved_roles
from isthmus.security.searched import ROLES
from isthmus.security.searching import parse_search, search

_ROLE: Final = "cluster:admin/xpack/security/role"
_USER: Final = "cluster:admin/xpack/security/user"
_REFRESH: Final = ("refresh",)
MAX_AT_ONCE: Final = 10_000


class RoleHandlers:
    """The handlers; `clock` gives the milliseconds since 1970."""

    def __init__(self, roles: Roles, applications: ApplicationPrivileges, clock: Callable[[], int]) -> None:
        self._roles = roles
        self._applications = applications
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of roles and privileges."""
        role = "/_security/role/{name}"
        mine = "/_security/user/_has_privileges"
        return (
            Route("GET", "/_security/role", f"{_ROLE}/get", self._get),
            Route("GET", role, f"{_ROLE}/get", self._get),
            Route("DELETE", role, f"{_ROLE}/delete", self._delete, _REFRESH),
            Route("DELETE", "/_security/role", f"{_ROLE}/bulk_delete", self._delete_many, _REFRESH, takes_body=True),
            Route("POST", "/_security/role", f"{_ROLE}/bulk_put", self._put_many, _REFRESH, takes_body=True),
            *(
                Route(
                    method, "/_security/_query/role", f"{_ROLE}/query", self._query, takes_body=True, lacks=QUERY_LACKS
                )
                for method in ("GET", "POST")
            ),
            *(Route(method, role, f"{_ROLE}/put", self._put, _REFRESH, takes_body=True) for method in ("PUT", "POST")),
            *(
                Route(method, mine, f"{_USER}/has_privileges", self._has_privileges, takes_body=True, own=True)
                for method in ("GET", "POST")
            ),
            Route("GET", "/_security/user/_privileges", f"{_USER}/list_privileges", _user_privileges, own=True),
            Route(
                "GET", "/_security/privilege/_builtin", "cluster:admin/xpack/security/privilege/builtin/get", _builtin
            ),
        )

    async def _get(self, request: Request) -> Json:
        names = [one for one in request.variables.get("name", "").split(",") if one]
        if not names:
            return Json({name: render_role(role) for name, role in self._roles.all().items()})
        found = {name: role for name in names if (role := self._roles.find(name)) is not None}
        return Json({name: render_role(role) for name, role in found.items()}, 200 if found else 404)

    async def _put(self, request: Request) -> Json:
        done = await self._roles.put(request.variables["name"], json_body(request.body))
        return Json({"role": {"created": done == "created"}})

    async def _put_many(self, request: Request) -> Json:
        given = JsonObject(json_body(request.body), "bulk_update_roles_request_payload")
        roles = given.json("roles")
        given.end()
        if not isinstance(roles, dict) or len(roles) > MAX_AT_ONCE:
            raise UsageError(f"[roles] is an object of at most {MAX_AT_ONCE} roles by their names")
        return _each(await self._roles.put_many(roles))

    async def _delete_many(self, request: Request) -> Json:
        given = JsonObject(json_body(request.body), "bulk_delete_roles_request")
        names = given.texts("names")
        given.end()
        if len(names) > MAX_AT_ONCE:
            raise UsageError(f"[names] has at most {MAX_AT_ONCE} entries")
        reserved: dict[str, str | IsthmusError] = {
            name: UsageError(f"role [{name}] is reserved and cannot be deleted")
            for name in names
            if name in reserved_roles()
        }
        return _each(reserved | await self._roles.delete_many(name for name in names if name not in reserved))

    async def _query(self, request: Request) -> Json:
        wanted = parse_search(json_body(request.body, default={}), "role", Bounds())
        stored = [role for name, role in self._roles.all().items() if name not in reserved_roles()]
        found = search(stored, ROLES, wanted, self._clock())
        return Json(found_json(found, "roles", lambda role: {"name": role.name, **render_role(role)}))

    async def _has_privileges(self, request: Request) -> Json:
        username = request.authentication.user.username
        question = json_body(request.body)
        return Json(has_privileges(acting().permission, username, question, self._applications.actions))

    async def _delete(self, request: Request) -> Json:
        found = await self._roles.delete(request.variables["name"])
        return Json({"found": found}, 200 if found else 404)


def _each(done: Mapping[str, str | IsthmusError]) -> Json:
    """Tell what came of each of some roles, and why nothing did where nothing did."""
    told: dict[str, list[str]] = {}
    errors: dict[str, IsthmusError] = {}
    for name, result in done.items():
        if isinstance(result, IsthmusError):
            errors[name] = result
        else:
            told.setdefault(result, []).append(name)
    return Json(told | errors_json(errors))


async def _user_privileges(_: Request) -> Json:
    return Json(user_privileges(acting().permission))


async def _builtin(_: Request) -> Json:
    return Json({"cluster": sorted(CLUSTER), "index": sorted(INDEX)})
