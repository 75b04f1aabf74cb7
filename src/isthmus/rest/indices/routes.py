"""The routes of indices, their aliases and templates."""

from __future__ import annotations

from functools import partial
from typing import Any

from isthmus.cluster.indices.creation import Indices
from isthmus.index.metadata.aliases import CheckFilter
from isthmus.rest.answers import Json
from isthmus.rest.indices import aliases, blocks, cat, definitions, lifecycle, looking, refused, stats, templates
from isthmus.rest.indices.options import PARAMETERS, options
from isthmus.rest.indices.upkeep import Upkeep, shards_told
from isthmus.rest.routing import Request, Route
from isthmus.rest.view import NodeView
from isthmus.state.dynamic_settings import DynamicSettings

_ADMIN = "indices:admin"


def index_routes(
    indices: Indices, upkeep: Upkeep, settings: DynamicSettings, check_filter: CheckFilter, view: NodeView
) -> tuple[Route, ...]:
    """Return every route of indices; `view` names the nodes that hold them."""
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
        *looking.routes(indices),
        *stats.routes(indices, upkeep),
        *cat.routes(indices, upkeep, view),
        *blocks.routes(indices),
        *refused.routes(),
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
        return Json({"_shards": shards_told(len(found), await upkeep.refresh(found))})

    async def flush(request: Request) -> Json:
        found = _named(indices, request)
        return Json({"_shards": shards_told(len(found), await upkeep.flush(found))})

    return (
        *(
            Route(method, path, f"{_ADMIN}/refresh", refresh, PARAMETERS)
            for method in ("GET", "POST")
            for path in ("/_refresh", "/{index}/_refresh")
        ),
        *(
            Route(method, path, f"{_ADMIN}/flush", flush, (*PARAMETERS, "force", "wait_if_ongoing"))
            for method in ("GET", "POST")
            for path in ("/_flush", "/{index}/_flush")
        ),
    )


def _named(indices: Indices, request: Request) -> list[Any]:
    expression = request.variables.get("index", "_all")
    return [one.index for one in indices.catalogue.resolve(expression, options(request.parameters))]
