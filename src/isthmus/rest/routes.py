"""The table of all routes of the node's HTTP interface."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from isthmus.rest import certificates, health, info, nodes, reload
from isthmus.rest.cat import health as cat_health
from isthmus.rest.cat import index as cat_index
from isthmus.rest.cat import nodes as cat_nodes
from isthmus.rest.cat.table import PARAMETERS as TABLE_PARAMETERS
from isthmus.rest.routing import Route
from isthmus.rest.view import NodeView


def node_routes(view: NodeView, indices: health.Indices, others: Iterable[str] = ()) -> tuple[Route, ...]:
    """Return the routes, served from `view`.

    `indices()` are those of the cluster by name; `others` are the paths of the node's other routes.
    """
    cat = _cat_routes(view, indices)
    tables = {path for path in (*(c.path for c in cat), *others) if path.startswith("/_cat/") and "{" not in path}
    nodes_info = partial(nodes.nodes, view)
    return (
        Route("GET", "/", "cluster:monitor/main", partial(info.info, view)),
        Route("GET", "/_cat", "cluster:monitor/main", partial(cat_index.index, tables), kinds=("text",)),
        *cat,
        *(
            Route("GET", path, "cluster:monitor/health", partial(health.health, view, indices), health.PARAMETERS)
            for path in ("/_cluster/health", "/_cluster/health/{index}")
        ),
        Route("GET", "/_nodes", "cluster:monitor/nodes/info", nodes_info),
        Route("GET", "/_nodes/{node_id}", "cluster:monitor/nodes/info", nodes_info),
        Route("GET", "/_nodes/{node_id}/{metric}", "cluster:monitor/nodes/info", nodes_info),
        Route(
            "GET",
            "/_ssl/certificates",
            "cluster:monitor/xpack/ssl/certificates/get",
            partial(certificates.certificates, view),
        ),
        *(
            Route("POST", path, "cluster:admin/isthmus/reload_certificates", partial(reload.reload_certificates, view))
            for path in ("/_nodes/reload_certificates", "/_nodes/{node_id}/reload_certificates")
        ),
        *(
            Route(
                "POST",
                path,
                "cluster:admin/nodes/reload_secure_settings",
                partial(reload.reload_secure_settings, view),
                takes_body=True,
            )
            for path in ("/_nodes/reload_secure_settings", "/_nodes/{node_id}/reload_secure_settings")
        ),
    )


def _cat_routes(view: NodeView, indices: health.Indices) -> tuple[Route, ...]:
    return (
        Route(
            "GET",
            "/_cat/health",
            "cluster:monitor/health",
            partial(cat_health.health, view, indices),
            TABLE_PARAMETERS,
            kinds=("text", "json"),
        ),
        Route(
            "GET",
            "/_cat/nodes",
            "cluster:monitor/nodes/info",
            partial(cat_nodes.nodes, view),
            cat_nodes.PARAMETERS,
            kinds=("text", "json"),
        ),
    )
