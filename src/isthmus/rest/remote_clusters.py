"""`GET /_remote/info`: the other clusters that are known here, and how the links to them are.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-remote-info.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.expressions import Options
from isthmus.remote.linking.link import Link
from isthmus.remote.linking.registry import RemoteClusters
from isthmus.remote.outgoing.asking import Asking
from isthmus.remote.outgoing.clusters import LOCAL
from isthmus.remote.outgoing.expressions import split
from isthmus.remote.outgoing.presence import Presence
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.routing import Request, Route
from isthmus.rest.units import Duration
from isthmus.search.service import Resolve
from isthmus.wire.version import RELEASE

REDACTED: Final = "::es_redacted::"
TIMEOUT: Final = 30.0


def remote_routes(clusters: RemoteClusters, asking: Asking, resolve: Resolve) -> tuple[Route, ...]:
    """Return the routes about other clusters, which `asking` asks; `resolve` knows the indices of this one."""
    presence = partial(resolve_cluster, clusters, Presence(asking), resolve)
    return (
        Route("GET", "/_remote/info", "cluster:monitor/remote/info", partial(remote_info, clusters)),
        Route("GET", "/_resolve/cluster", "indices:admin/resolve/cluster", presence, ("timeout",)),
        Route("GET", "/_resolve/cluster/{index}", "indices:admin/resolve/cluster", presence, (*PARAMETERS, "timeout")),
    )


async def resolve_cluster(clusters: RemoteClusters, presence: Presence, resolve: Resolve, request: Request) -> Json:
    """`GET /_resolve/cluster`: which clusters are there, and have what is named."""
    timeout = request.parameters.seconds("timeout", TIMEOUT, TIMEOUT)
    if "index" not in request.variables:
        return Json(await presence.of(dict.fromkeys(clusters.links), Options(), timeout))
    given = options(request.parameters)
    meant = split(request.variables["index"], list(clusters.links))
    told: dict[str, Any] = {} if meant.local is None else {LOCAL: _here(resolve, meant.local, given)}
    return Json(told | await presence.of(meant.remote, given, timeout))


def _here(resolve: Resolve, expression: str, given: Options) -> dict[str, Any]:
    told: dict[str, Any] = {"connected": True, "skip_unavailable": False}
    version = {
        "number": RELEASE,
        "build_flavor": "default",
        "minimum_wire_compatibility_version": "7.17.0",
        "minimum_index_compatibility_version": "7.0.0",
    }
    try:
        return told | {"matching_indices": bool(resolve(expression, given)), "version": version}
    except IndexNotFoundError as error:
        return told | {"error": error.reason}


async def remote_info(clusters: RemoteClusters, _request: Request) -> Json:
    """Tell of each cluster how it is reached. What Elasticsearch does not tell stands under `isthmus`."""
    return Json({alias: _told(clusters, link) for alias, link in sorted(clusters.links.items())})


def _told(clusters: RemoteClusters, link: Link) -> dict[str, Any]:
    config, connected = link.config, len(link.connections)
    told: dict[str, Any] = {"connected": connected > 0, "mode": config.mode}
    if config.mode == "proxy":
        told |= {
            "proxy_address": config.addresses[0],
            "server_name": config.server_name or "",
            "num_proxy_sockets_connected": connected,
            "max_proxy_socket_connections": config.connections,
        }
    else:
        told |= {
            "seeds": list(config.addresses),
            "num_nodes_connected": connected,
            "max_connections_per_cluster": config.connections,
        }
    told |= {
        "initial_connect_timeout": Duration(link.connect_timeout).text(),
        "skip_unavailable": config.skip_unavailable,
    }
    if clusters.has_credentials(config.alias):
        told["cluster_credentials"] = REDACTED
    return told | {"isthmus": _more(link)}


def _more(link: Link) -> dict[str, Any]:
    told: dict[str, Any] = {"cluster_name": link.cluster_name}
    connection = next(iter(link.connections), None)
    if connection is not None:
        told["transport_version"] = connection.version
        if connection.identity is not None:
            told["certificate_not_after"] = _written(connection.identity.chain[0].not_valid_after_utc)
    if link.trouble is not None:
        error = link.trouble.error
        told |= {
            "last_error": f"{error.where}: {error.reason}" if error.where else error.reason,
            "hint": error.hint,
            "since": _written(datetime.fromtimestamp(link.trouble.since, UTC)),
        }
    return told


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
