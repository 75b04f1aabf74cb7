"""Privileges of applications over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api.html#security-application-privileges-apis
"""

from __future__ import annotations

from typing import Any, Final

from isthmus.rest.answers import Json
from isthmus.rest.indices.body import json_body
from isthmus.rest.routing import Request, Route
from isthmus.security.application_privileges.kept import ApplicationPrivileges
from isthmus.security.application_privileges.orders import new_privileges

_ACTION: Final = "cluster:admin/xpack/security/privilege"
_PATH: Final = "/_security/privilege"
_REFRESH: Final = ("refresh",)


class ApplicationPrivilegeHandlers:
    """The handlers."""

    def __init__(self, privileges: ApplicationPrivileges) -> None:
        self._privileges = privileges

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of applications' privileges."""
        one = f"{_PATH}/{{application}}/{{name}}"
        return (
            *(
                Route(method, _PATH, f"{_ACTION}/put", self._put, _REFRESH, takes_body=True)
                for method in ("PUT", "POST")
            ),
            *(Route("GET", path, f"{_ACTION}/get", self._get) for path in (_PATH, f"{_PATH}/{{application}}", one)),
            Route("DELETE", one, f"{_ACTION}/delete", self._delete, _REFRESH),
        )

    async def _put(self, request: Request) -> Json:
        order = new_privileges(json_body(request.body))
        told: dict[str, dict[str, Any]] = {}
        for one, created in zip(order, await self._privileges.put(order), strict=True):
            told.setdefault(one.application, {})[one.name] = {"created": created}
        return Json(told)

    async def _get(self, request: Request) -> Json:
        names = _names(request)
        told: dict[str, dict[str, Any]] = {}
        for one in self._privileges.find(request.variables.get("application"), names):
            told.setdefault(one.application, {})[one.name] = {
                "application": one.application,
                "name": one.name,
                "actions": list(one.actions),
                "metadata": one.metadata,
            }
        return Json(told, 404 if names and not told else 200)

    async def _delete(self, request: Request) -> Json:
        application = request.variables["application"]
        there = await self._privileges.delete(application, _names(request))
        told = {name: {"found": was} for name, was in there.items()}
        return Json({application: told}, 200 if any(there.values()) else 404)


def _names(request: Request) -> list[str]:
    return [one for one in request.variables.get("name", "").split(",") if one]
