"""The routes of indices, their aliases and templates."""

from __future__ import annotations

from functools import partial
from typing import Any

from isthmus.cluster.indices.creation import Indices
from isthmus.errors import UsageError
from isthmus.index.metadata.aliases import CheckFilter
from isthmus.remote.outgoing.looking import OtherIndices
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.indices import aliases, blocks, cat, definitions, lifecycle, looking, templates
from isthmus.rest.indices.upkeep import LEVELS, METRICS, Upkeep, shards_told, statistics_told
from isthmus.rest.refused import refused_routes
from isthmus.rest.routing import Request, Route
from isthmus.state.dynamic_settings import DynamicSettings

_ADMIN = "indices:admin"


def index_routes(
    indices: Indices,
    upkeep: Upkeep,
    settings: DynamicSettings,
    check_filter: CheckFilter,
    members: cat.Members,
    others: OtherIndices,
) -> tuple[Route, ...]:
    """Return every route of indices; `others` knows those of other clusters."""
    return (
        *_lifecycle(indices, settings),
        *_definitions(indices),
        *_aliases(indices),
        *_upkeep(indices, upkeep),
        *templates.Templates(indices, check_filter, component=False).routes(),
        *templates.Templates(indices, check_filter, component=True).routes(),
        Route(
            "POST",
            "/_index_template/_simulate_index/{name}",
            "indices:admin/index_template/simulate_index",
            templates.simulate(indices),
            ("master_timeout",),
        ),
        *blocks.routes(indices),
        *looking.routes(indices, others),
        *cat.routes(indices, upkeep, members),
        *refused_routes(),
    )


def _lifecycle(indices: Indices, settings: DynamicSettings) -> tuple[Route, ...]:
    return (
        Route(
            "PUT",
            "/{index}",
            f"{_ADMIN}/create",
            partial(lifecycle.create, indices),
            lifecycle.CREATE_PARAMETERS,
            takes_body=True,
        ),
        Route(
            "GET",
            "/{index}",
            f"{_ADMIN}/get",
            partial(lifecycle.get, indices),
            lifecycle.GET_PARAMETERS,
            head=partial(lifecycle.exists, indices),
        ),
        Route(
            "DELETE",
            "/{index}",
            f"{_ADMIN}/delete",
            partial(lifecycle.delete, indices, settings),
            lifecycle.DELETE_PARAMETERS,
        ),
    )


def _definitions(indices: Indices) -> tuple[Route, ...]:
    get_mapping = partial(definitions.get_mapping, indices)
    get_settings = partial(definitions.get_settings, indices)
    put_settings = partial(definitions.put_settings, indices)
    field_mapping = partial(definitions.get_field_mapping, indices)
    return (
        *(
            Route("GET", path, f"{_ADMIN}/mappings/get", get_mapping, definitions.MAPPING_PARAMETERS)
            for path in ("/_mapping", "/_mappings", "/{index}/_mapping", "/{index}/_mappings")
        ),
        *(
            Route(
                method,
                path,
                f"{_ADMIN}/mapping/put",
                partial(definitions.put_mapping, indices),
                definitions.PUT_MAPPING_PARAMETERS,
                takes_body=True,
                lacks="`write_index_only`",
            )
            for method in ("PUT", "POST")
            for path in ("/{index}/_mapping", "/{index}/_mappings")
        ),
        *(
            Route("GET", path, f"{_ADMIN}/mappings/fields/get", field_mapping, definitions.FIELD_PARAMETERS)
            for path in ("/_mapping/field/{fields}", "/{index}/_mapping/field/{fields}")
        ),
        *(
            Route("GET", path, "indices:monitor/settings/get", get_settings, definitions.SETTINGS_PARAMETERS)
            for path in ("/_settings", "/_settings/{name}", "/{index}/_settings", "/{index}/_settings/{name}")
        ),
        *(
            Route(
                "PUT",
                path,
                f"{_ADMIN}/settings/update",
                put_settings,
                definitions.PUT_SETTINGS_PARAMETERS,
                takes_body=True,
            )
            for path in ("/_settings", "/{index}/_settings")
        ),
    )


def _aliases(indices: Indices) -> tuple[Route, ...]:
    get = partial(aliases.get, indices)
    exists = partial(aliases.exists, indices)
    change = f"{_ADMIN}/aliases"
    return (
        Route(
            "POST", "/_aliases", change, partial(aliases.update, indices), aliases.CHANGE_PARAMETERS, takes_body=True
        ),
        *(
            Route(method, path, change, partial(aliases.put, indices), aliases.CHANGE_PARAMETERS, takes_body=True)
            for method in ("PUT", "POST")
            for path in ("/{index}/_alias/{name}", "/{index}/_aliases/{name}")
        ),
        *(
            Route("DELETE", path, change, partial(aliases.delete, indices), aliases.CHANGE_PARAMETERS)
            for path in ("/{index}/_alias/{name}", "/{index}/_aliases/{name}")
        ),
        *(
            Route("GET", path, f"{change}/get", get, aliases.GET_PARAMETERS, head=exists)
            for path in ("/_alias", "/_alias/{name}", "/{index}/_alias", "/{index}/_alias/{name}")
        ),
    )


def _upkeep(indices: Indices, upkeep: Upkeep) -> tuple[Route, ...]:
    async def refresh(request: Request) -> Json:
        found = _named(indices, request)
        return Json({"_shards": shards_told(found, await upkeep.refresh(found))})

    async def flush(request: Request) -> Json:
        if "wait_if_ongoing" in request.parameters and not request.parameters.boolean("wait_if_ongoing"):
            raise UsageError("[wait_if_ongoing] of [false] is not supported", hint="a flush is done when answered")
        found = _named(indices, request)
        return Json({"_shards": shards_told(found, await upkeep.flush(found))})

    async def stats(request: Request) -> Json:
        sections = _metrics(request)
        level = request.parameters.choice("level", LEVELS) or "indices"
        found = _named(indices, request)
        return Json(statistics_told(found, await upkeep.statistics(found), sections, level))

    return (
        *(
            Route(method, path, f"{_ADMIN}/refresh", refresh, PARAMETERS)
            for method in ("GET", "POST")
            for path in ("/_refresh", "/{index}/_refresh")
        ),
        *(
            Route(
                method,
                path,
                f"{_ADMIN}/flush",
                flush,
                (*PARAMETERS, "force", "wait_if_ongoing"),
                lacks="`wait_if_ongoing=false`",
            )
            for method in ("GET", "POST")
            for path in ("/_flush", "/{index}/_flush")
        ),
        *(
            Route("GET", path, "indices:monitor/stats", stats, (*PARAMETERS, "level"))
            for path in ("/_stats", "/_stats/{metric}", "/{index}/_stats", "/{index}/_stats/{metric}")
        ),
    )


def _named(indices: Indices, request: Request) -> list[Any]:
    expression = request.variables.get("index", "_all")
    return [one.index for one in indices.catalogue.resolve(expression, options(request.parameters))]


def _metrics(request: Request) -> tuple[str, ...]:
    asked = tuple(one for one in request.variables.get("metric", "_all").split(",") if one)
    for one in asked:
        if one not in (*METRICS, "_all"):
            raise UsageError(
                f"request [{request.path}] contains unrecognized metric: [{one[:50]}]",
                hint=f"known: {', '.join(METRICS)}",
            )
    return METRICS if "_all" in asked else asked
