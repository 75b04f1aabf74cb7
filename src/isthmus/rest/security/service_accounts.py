"""Service accounts and their tokens over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-get-service-credentials.html
"""

from __future__ import annotations

from typing import Final

from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route
from isthmus.security.roles.descriptor import render_role
from isthmus.security.roles.reserved import service_account_roles
from isthmus.security.service_accounts.accounts import check_account
from isthmus.security.service_accounts.file import FileTokens
from isthmus.security.service_accounts.service import ServiceTokenService

_ADMIN: Final = "cluster:admin/xpack/security/service_account"
_ACCOUNT: Final = "/_security/service/{namespace}/{service}"
_TOKEN: Final = f"{_ACCOUNT}/credential/token"


class ServiceAccountHandlers:
    """The handlers; `files` are the tokens of this node's file, `node` is its name."""

    def __init__(self, tokens: ServiceTokenService, files: FileTokens, node: str) -> None:
        self._tokens = tokens
        self._files = files
        self._node = node

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of service accounts."""
        return (
            *(
                Route(method, f"{_TOKEN}/{{name}}", f"{_ADMIN}/token/create", self._create, ("refresh",))
                for method in ("PUT", "POST")
            ),
            Route("POST", _TOKEN, f"{_ADMIN}/token/create", self._create, ("refresh",)),
            Route("DELETE", f"{_TOKEN}/{{name}}", f"{_ADMIN}/token/delete", self._delete, ("refresh",)),
            Route("GET", f"{_ACCOUNT}/credential", f"{_ADMIN}/credential/get", self._credentials),
            *(
                Route("GET", path, f"{_ADMIN}/get", _get)
                for path in ("/_security/service", "/_security/service/{namespace}", _ACCOUNT)
            ),
        )

    async def _create(self, request: Request) -> Json:
        made = await self._tokens.create(_account(request), request.variables.get("name"))
        return Json({"created": True, "token": {"name": made.name, "value": made.text}})

    async def _delete(self, request: Request) -> Json:
        found = await self._tokens.delete(_account(request), request.variables["name"])
        return Json({"found": found}, 200 if found else 404)

    async def _credentials(self, request: Request) -> Json:
        account = _account(request)
        check_account(account)
        tokens = self._tokens.names_of(account)
        in_file = {name: {"nodes": [self._node]} for name in self._files.names_of(account)}
        return Json(
            {
                "service_account": account,
                "count": len(tokens) + len(in_file),
                "tokens": {name: {} for name in tokens},
                "nodes_credentials": {
                    "_nodes": {"total": 1, "successful": 1, "failed": 0},
                    "file_tokens": in_file,
                },
            }
        )


async def _get(request: Request) -> Json:
    """Tell what the accounts that the path means may do."""
    meant = "/".join(request.variables[name] for name in ("namespace", "service") if name in request.variables)
    roles = {
        name: role for name, role in service_account_roles().items() if not meant or f"{name}/".startswith(f"{meant}/")
    }
    return Json({name: {"role_descriptor": render_role(role)} for name, role in sorted(roles.items())})


def _account(request: Request) -> str:
    return f"{request.variables['namespace']}/{request.variables['service']}"
