"""Roles and privileges over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api.html#security-role-apis
"""

from __future__ import annotations

from typing import Final

from isthmus.rest.answers import Json
from isthmus.rest.indices.body import json_body
from isthmus.rest.routing import Request, Route
from isthmus.security.acting import acting
from isthmus.security.authorization.questions import has_privileges, user_privileges
from isthmus.security.privileges.cluster import CLUSTER
from isthmus.security.privileges.index import INDEX
from isthmus.security.roles.descriptor import render_role
from isthmus.security.roles.registry import Roles

_ROLE: Final = "cluster:admin/xpack/security/role"
_USER: Final = "cluster:admin/xpack/security/user"
_REFRESH: Final = ("refresh",)


class RoleHandlers:
    """The handlers."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of roles and privileges."""
        role = "/_security/role/{name}"
        mine = "/_security/user/_has_privileges"
        return (
            Route("GET", "/_security/role", f"{_ROLE}/get", self._get),
            Route("GET", role, f"{_ROLE}/get", self._get),
            Route("DELETE", role, f"{_ROLE}/delete", self._delete, _REFRESH),
            *(
                Route(method, role, f"{_ROLE}/put", self._put, _REFRESH, takes_body=True, lacks=LACKS)
                for method in ("PUT", "POST")
            ),
            *(
                Route(method, mine, f"{_USER}/has_privileges", _has_privileges, takes_body=True, own=True)
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
        created = await self._roles.put(request.variables["name"], json_body(request.body))
        return Json({"role": {"created": created}})

    async def _delete(self, request: Request) -> Json:
        found = await self._roles.delete(request.variables["name"])
        return Json({"found": found}, 200 if found else 404)


LACKS: Final = "`query` and `field_security`"


async def _has_privileges(request: Request) -> Json:
    username = request.authentication.user.username
    return Json(has_privileges(acting().permission, username, json_body(request.body)))


async def _user_privileges(_: Request) -> Json:
    return Json(user_privileges(acting().permission))


async def _builtin(_: Request) -> Json:
    return Json({"cluster": sorted(CLUSTER), "index": sorted(INDEX)})
