"""API keys over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api.html#security-api-keys
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from isthmus.errors import IsthmusError
from isthmus.query.mistakes import ValidationError
from isthmus.query.parsing import Bounds
from isthmus.rest.answers import Json
from isthmus.rest.indices.body import json_body
from isthmus.rest.routing import Request, Route
from isthmus.rest.security.api_key_grant import ACTION as GRANT
from isthmus.rest.security.api_key_grant import Grants
from isthmus.rest.security.api_key_json import key_json, made_json
from isthmus.rest.security.found_json import QUERY_LACKS, errors_json, found_json
from isthmus.security.acting import acting, config_changed
from isthmus.security.api_keys import orders
from isthmus.security.api_keys.orders import NewKey, Wanted
from isthmus.security.api_keys.owner import asks_of_own
from isthmus.security.api_keys.service import ApiKeyService
from isthmus.security.audit import changes
from isthmus.security.searched import KEYS
from isthmus.security.searching import parse_search, search
from isthmus.security.subject import Authentication

_ACTION: Final = "cluster:admin/xpack/security/api_key"
_CROSS_CLUSTER: Final = "cluster:admin/xpack/security/cross_cluster/api_key"
_PATH: Final = "/_security/api_key"
_REFRESH: Final = ("refresh",)
_SHOWN: Final = ("with_limited_by", "with_profile_uid")
_WANTED: Final = ("active_only", "id", "name", "owner", "realm_name", "username")


class ApiKeyHandlers:
    """The handlers; `clock` gives the milliseconds since 1970."""

    def __init__(self, keys: ApiKeyService, grants: Grants, clock: Callable[[], int]) -> None:
        self._keys = keys
        self._grants = grants
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of API keys."""
        cross_cluster = "/_security/cross_cluster/api_key"
        query = "/_security/_query/api_key"
        shown = (*_SHOWN, "typed_keys")
        return (
            *(
                Route(method, _PATH, f"{_ACTION}/create", self._create, _REFRESH, takes_body=True)
                for method in ("PUT", "POST")
            ),
            # Who came with a key may look at that one, whatever it grants: `_get` decides.
            Route("GET", _PATH, f"{_ACTION}/get", self._get, (*_WANTED, *_SHOWN), own=True),
            Route("DELETE", _PATH, f"{_ACTION}/invalidate", self._invalidate, takes_body=True),
            Route("POST", f"{_PATH}/_bulk_update", f"{_ACTION}/bulk_update", self._update_many, takes_body=True),
            Route("POST", f"{_PATH}/grant", GRANT, self._grant, _REFRESH, takes_body=True),
            Route("PUT", f"{_PATH}/{{id}}", f"{_ACTION}/update", self._update, takes_body=True),
            Route("POST", cross_cluster, f"{_CROSS_CLUSTER}/create", self._create_cross_cluster, takes_body=True),
            Route(
                "PUT",
                f"{cross_cluster}/{{id}}",
                f"{_CROSS_CLUSTER}/update",
                self._update_cross_cluster,
                takes_body=True,
            ),
            *(
                Route(method, query, f"{_ACTION}/query", self._query, shown, takes_body=True, lacks=QUERY_LACKS)
                for method in ("GET", "POST")
            ),
        )

    async def _create(self, request: Request) -> Json:
        return await self._made(orders.new_key(json_body(request.body)), request.authentication)

    async def _create_cross_cluster(self, request: Request) -> Json:
        return await self._made(orders.new_cross_cluster_key(json_body(request.body)), request.authentication)

    async def _grant(self, request: Request) -> Json:
        order, who = await self._grants.granted(json_body(request.body))
        return await self._made(order, who)

    async def _made(self, order: NewKey, who: Authentication) -> Json:
        made = await self._keys.create(order, who)
        config_changed(*changes.api_key_created(made.key, order))
        return Json(made_json(made))

    async def _get(self, request: Request) -> Json:
        wanted = _wanted(request)
        who = request.authentication
        owner = self._keys.owner(who)
        if not self._may_get(who, of_own=asks_of_own(wanted, who, owner), of_its=_is_of_its(wanted, who)):
            raise acting().refusal()
        found = self._keys.find(wanted, owner)
        if request.parameters.boolean("active_only"):
            now = self._clock()
            found = [key for key in found if key.is_active(now)]
        limited = request.parameters.boolean("with_limited_by")
        status = 404 if wanted.ids is not None and not found else 200
        return Json({"api_keys": [key_json(key, limited=limited) for key in found]}, status)

    @staticmethod
    def _may_get(who: Authentication, *, of_own: bool, of_its: bool) -> bool:
        actor = acting()
        if who.api_key is not None and of_its:
            return True
        return actor.permission.allows_cluster(actor.action) and (of_own or not actor.only_own)

    async def _invalidate(self, request: Request) -> Json:
        wanted = orders.to_invalidate(json_body(request.body))
        who = request.authentication
        owner = self._keys.owner(who)
        if acting().only_own and not asks_of_own(wanted, who, owner):
            raise acting().refusal()
        done, before = await self._keys.invalidate(wanted, owner)
        if done:
            config_changed(*changes.api_keys_invalidated(wanted))
        return Json({"invalidated_api_keys": done, "previously_invalidated_api_keys": before, "error_count": 0})

    async def _update(self, request: Request) -> Json:
        change = orders.key_change(json_body(request.body, default={}))
        return await self._updated(request, change, "rest")

    async def _update_cross_cluster(self, request: Request) -> Json:
        change = orders.cross_cluster_key_change(json_body(request.body))
        return await self._updated(request, change, "cross_cluster")

    async def _updated(self, request: Request, change: orders.KeyChange, kind: Any) -> Json:
        updated = await self._keys.update(request.variables["id"], change, request.authentication, kind)
        if updated:
            config_changed(*changes.api_key_changed(request.variables["id"], kind, change))
        return Json({"updated": updated})

    async def _update_many(self, request: Request) -> Json:
        ids, change = orders.key_changes(json_body(request.body))
        told = await self._keys.update_many(ids, change, request.authentication)
        answer: dict[str, Any] = {
            "updated": [id_ for id_, how in told.items() if how is True],
            "noops": [id_ for id_, how in told.items() if how is False],
        }
        if answer["updated"]:
            config_changed(*changes.api_keys_changed(answer["updated"], change))
        return Json(answer | errors_json({id_: how for id_, how in told.items() if isinstance(how, IsthmusError)}))

    async def _query(self, request: Request) -> Json:
        wanted = parse_search(json_body(request.body, default={}), "api_key", Bounds())
        owner = self._keys.owner(request.authentication)
        keys = self._keys.find(Wanted(owner=acting().only_own), owner)
        found = search(keys, KEYS, wanted, self._clock())
        limited = request.parameters.boolean("with_limited_by")
        return Json(found_json(found, "api_keys", lambda key: key_json(key, limited=limited)))


def _is_of_its(wanted: Wanted, who: Authentication) -> bool:
    return who.api_key is not None and wanted.ids == (who.api_key.id,)


def _wanted(request: Request) -> Wanted:
    given = request.parameters
    texts = {name: given.text(name) for name in ("id", "name", "username", "realm_name")}
    blank = next((name for name, value in texts.items() if value is not None and not value.strip()), None)
    if blank is not None:
        raise ValidationError(f"Validation Failed: 1: [{blank}] must not be blank;")
    wanted = Wanted(
        ids=None if texts["id"] is None else (texts["id"],),
        name=texts["name"],
        username=texts["username"],
        realm=texts["realm_name"],
        owner=given.boolean("owner"),
    )
    orders.check_wanted(wanted, "retrieving", "api key id")
    return wanted
