"""Indices made, shown and deleted.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices.html
"""

from __future__ import annotations

from typing import Any

from isthmus.cluster.indices.creation import Indices
from isthmus.errors import UsageError
from isthmus.index.metadata import index_settings
from isthmus.index.metadata.aliases import shown
from isthmus.index.metadata.expressions import Resolved
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.rest.answers import Json, Text
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.indices.body import json_body
from isthmus.rest.indices.changing import TIMEOUTS, within
from isthmus.rest.indices.seen import mapping_seen
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request
from isthmus.security.acting import check_seen
from isthmus.settings.index_cluster_settings import DESTRUCTIVE_REQUIRES_NAME
from isthmus.state.dynamic_settings import DynamicSettings

CREATE_PARAMETERS = (*TIMEOUTS, "wait_for_active_shards")
GET_PARAMETERS = (*PARAMETERS, "features", "flat_settings", "include_defaults", "local", "master_timeout")
DELETE_PARAMETERS = (*PARAMETERS, *TIMEOUTS)
EXISTS_PARAMETERS = (*PARAMETERS, "flat_settings", "include_defaults", "local")
VERSION = "8536000"
_FEATURES = ("aliases", "mappings", "settings")


async def create(indices: Indices, request: Request) -> Json:
    """`PUT /{index}`."""
    wanted = request.parameters.text("wait_for_active_shards")
    least = None if wanted == "all" else request.parameters.number("wait_for_active_shards", 1)
    making = indices.create(request.variables["index"], json_body(request.body, default={}))
    index = await within(request.parameters, making)
    # The only shard is there by now; copies that more would need never come.
    asked = 1 + index_settings.value_of(index.settings, "index.number_of_replicas") if least is None else least
    return Json({"acknowledged": True, "shards_acknowledged": asked <= 1, "index": index.name})


async def get(indices: Indices, request: Request) -> Json:
    """`GET /{index}`: settings, mappings and aliases."""
    features = request.parameters.texts("features") or list(_FEATURES)
    unknown = [one for one in features if one not in _FEATURES]
    if unknown:
        raise UsageError(f"[features] cannot be [{unknown[0][:50]}]", hint=f"known are {', '.join(_FEATURES)}")
    found = indices.catalogue.resolve(request.variables["index"], options(request.parameters))
    return Json({one.index.name: _told(one, features, request.parameters) for one in found})


async def exists(indices: Indices, request: Request) -> Text:
    """`HEAD /{index}`."""
    indices.catalogue.resolve(request.variables["index"], options(request.parameters))
    return Text("")


async def delete(indices: Indices, settings: DynamicSettings, request: Request) -> Json:
    """`DELETE /{index}`: patterns only where the cluster allows them; an alias names no index to delete."""
    expression = request.variables["index"]
    names = [name for name in expression.split(",") if name]
    if settings.get(DESTRUCTIVE_REQUIRES_NAME) and any("*" in name or name == "_all" for name in names):
        raise UsageError("Wildcard expressions or all indices are not allowed")
    chosen = options(request.parameters)
    for name in names:
        if "*" not in name and name not in indices.catalogue.indices:
            _refuse_alias(indices, name)
    found = [one.index for one in indices.catalogue.resolve(expression, chosen) if one.itself]
    await within(request.parameters, indices.delete(found))
    return Json({"acknowledged": True})


def settings_of(index: IndexMetadata, *, flat: bool) -> dict[str, Any]:
    """Return the settings of an index as they are told, with those that we give it."""
    own: dict[str, Any] = {
        **index.settings,
        "index.number_of_shards": index.settings.get("index.number_of_shards", "1"),
        "index.number_of_replicas": index.settings.get("index.number_of_replicas", "0"),
        "index.provided_name": index.name,
        "index.creation_date": str(index.creation_date),
        "index.uuid": index.uuid,
        "index.version.created": VERSION,
    }
    return dict(sorted(own.items())) if flat else index_settings.nest(own)


def _told(found: Resolved, features: list[str], parameters: Parameters) -> dict[str, Any]:
    index = found.index
    told: dict[str, Any] = {}
    if "aliases" in features:
        told["aliases"] = {name: shown(alias) for name, alias in sorted(index.aliases.items())}
    if "mappings" in features:
        told["mappings"] = mapping_seen(found)
    if "settings" in features:
        flat = parameters.boolean("flat_settings")
        told["settings"] = settings_of(index, flat=flat)
        if parameters.boolean("include_defaults"):
            defaults = index_settings.defaults(index.settings)
            told["defaults"] = defaults if flat else index_settings.nest(defaults)
    return told


def _refuse_alias(indices: Indices, name: str) -> None:
    check_seen([name])
    members = [one.name for one in indices.catalogue.indices.values() if name in one.aliases]
    if members:
        raise UsageError(
            f"The provided expression [{name}] matches an alias, specify the corresponding concrete indices instead.",
            hint=f"they are {', '.join(sorted(members))}",
        )
