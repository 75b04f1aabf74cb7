"""`GET /_security/_authenticate`: who is asking.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-authenticate.html
"""

from __future__ import annotations

from typing import Any

from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route
from isthmus.rest.security.users import user_json
from isthmus.security.subject import Authentication, RealmRef


def who_routes() -> tuple[Route, ...]:
    """Return the route by which somebody learns who he is."""
    return (
        Route(
            "GET",
            "/_security/_authenticate",
            "cluster:admin/xpack/security/user/authenticate",
            authenticate,
            own=True,
        ),
    )


async def authenticate(request: Request) -> Json:
    """Answer who is asking."""
    return Json(authentication_json(request.authentication))


def authentication_json(who: Authentication) -> dict[str, Any]:
    """Return an authentication as it is told."""
    told = user_json(who.user)
    if who.service_token is not None:
        told["token"] = {"name": who.service_token, "type": "_service_account_index"}
    told["authentication_realm"] = _realm(who.authenticated_by)
    told["lookup_realm"] = _realm(who.lookup_by or who.authenticated_by)
    told["authentication_type"] = who.type
    if who.api_key is not None:
        told["api_key"] = {"id": who.api_key.id, "name": who.api_key.name}
    return told


def _realm(realm: RealmRef) -> dict[str, str]:
    return {"name": realm.name, "type": realm.type}
