"""Role mappings over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api.html#security-role-mapping-apis
"""

from __future__ import annotations

from typing import Any, Final

from isthmus.rest.answers import Json
from isthmus.rest.indices.body import json_body
from isthmus.rest.routing import Request, Route
from isthmus.security.role_mappings.kept import RoleMappings
from isthmus.security.role_mappings.orders import new_role_mapping
from isthmus.security.role_mappings.stored import RoleMapping

_ACTION: Final = "cluster:admin/xpack/security/role_mapping"
_PATH: Final = "/_security/role_mapping"
_ONE: Final = f"{_PATH}/{{name}}"
_REFRESH: Final = ("refresh",)


class RoleMappingHandlers:
    """The handlers."""

    def __init__(self, mappings: RoleMappings) -> None:
        self._mappings = mappings

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of role mappings."""
        return (
            *(
                Route(method, _ONE, f"{_ACTION}/put", self._put, _REFRESH, takes_body=True)
                for method in ("PUT", "POST")
            ),
            *(Route("GET", path, f"{_ACTION}/get", self._get) for path in (_PATH, _ONE)),
            Route("DELETE", _ONE, f"{_ACTION}/delete", self._delete, _REFRESH),
        )

    async def _put(self, request: Request) -> Json:
        name = request.variables["name"]
        created = await self._mappings.put(name, new_role_mapping(name, json_body(request.body)))
        return Json({"role_mapping": {"created": created}})

    async def _get(self, request: Request) -> Json:
        names = [name for name in request.variables.get("name", "").split(",") if name]
        found = self._mappings.find(names)
        return Json({name: _shown(one) for name, one in found.items()}, 404 if names and not found else 200)

    async def _delete(self, request: Request) -> Json:
        found = await self._mappings.delete(request.variables["name"])
        return Json({"found": found}, 200 if found else 404)


def _shown(mapping: RoleMapping) -> dict[str, Any]:
    return {
        "enabled": mapping.enabled,
        "roles": list(mapping.roles),
        "rules": mapping.rules,
        "metadata": mapping.metadata,
    }
