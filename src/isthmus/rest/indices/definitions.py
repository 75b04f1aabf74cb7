"""Mappings and settings of indices, shown and changed.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-put-mapping.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.cluster.indices.creation import Indices
from isthmus.errors import UsageError
from isthmus.index.metadata import index_settings
from isthmus.index.metadata.expressions import matches
from isthmus.query.mistakes import ValidationError
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.indices.body import json_body
from isthmus.rest.indices.changing import TIMEOUTS, within
from isthmus.rest.indices.lifecycle import settings_of
from isthmus.rest.indices.seen import mapping_seen
from isthmus.rest.routing import Request
from isthmus.security.acting import acting

MAPPING_PARAMETERS = (*PARAMETERS, "local", "master_timeout")
PUT_MAPPING_PARAMETERS = (*PARAMETERS, *TIMEOUTS, "write_index_only")
FIELD_PARAMETERS = (*PARAMETERS, "local")
SETTINGS_PARAMETERS = (*PARAMETERS, "flat_settings", "include_defaults", "local", "master_timeout")
PUT_SETTINGS_PARAMETERS = (*PARAMETERS, *TIMEOUTS, "flat_settings", "preserve_existing")


async def get_mapping(indices: Indices, request: Request) -> Json:
    """`GET /{index}/_mapping`."""
    chosen = options(request.parameters)
    found = indices.catalogue.resolve(request.variables.get("index", "_all"), chosen)
    return Json({one.index.name: {"mappings": mapping_seen(one)} for one in found})


async def put_mapping(indices: Indices, request: Request) -> Json:
    """`PUT /{index}/_mapping`: add fields; what is there already stays what it is."""
    if request.parameters.boolean("write_index_only"):
        raise UsageError("[write_index_only] is not supported", hint="name the index itself")
    body = json_body(request.body)
    found = indices.catalogue.resolve(request.variables["index"], options(request.parameters, allow_no_indices=False))
    await within(request.parameters, indices.put_mapping([one.index for one in found], body))
    return Json({"acknowledged": True})


async def get_field_mapping(indices: Indices, request: Request) -> Json:
    """`GET /{index}/_mapping/field/{fields}`."""
    chosen = options(request.parameters)
    found = indices.catalogue.resolve(request.variables.get("index", "_all"), chosen)
    patterns = [one for one in request.variables["fields"].split(",") if one]
    return Json(
        {
            one.index.name: {
                "mappings": {
                    path: {"full_name": path, "mapping": {path.rpartition(".")[2]: definition}}
                    for path, definition in sorted(_leaves(one.index.mappings, ""))
                    if acting().access(*one.names).sees(path) and any(matches(pattern, path) for pattern in patterns)
                }
            }
            for one in found
        }
    )


async def get_settings(indices: Indices, request: Request) -> Json:
    """`GET /{index}/_settings/{name}`."""
    parameters = request.parameters
    chosen = options(parameters)
    found = indices.catalogue.resolve(request.variables.get("index", "_all"), chosen)
    patterns = [one for one in request.variables.get("name", "").split(",") if one and one != "_all"]
    flat = parameters.boolean("flat_settings")
    told: dict[str, Any] = {}
    for one in found:
        settings = _kept(settings_of(one.index, flat=True), patterns)
        told[one.index.name] = {"settings": settings if flat else index_settings.nest(settings)}
        if parameters.boolean("include_defaults"):
            defaults = _kept(index_settings.defaults(one.index.settings), patterns)
            told[one.index.name]["defaults"] = defaults if flat else index_settings.nest(defaults)
    return Json(told)


async def put_settings(indices: Indices, request: Request) -> Json:
    """`PUT /{index}/_settings`."""
    body = json_body(request.body)
    if isinstance(body, Mapping) and set(body) == {"settings"}:
        body = body["settings"]
    chosen = options(request.parameters, allow_no_indices="index" not in request.variables)
    found = indices.catalogue.resolve(request.variables.get("index", "_all"), chosen)
    if not body:
        raise ValidationError("Validation Failed: 1: no settings to update;")
    preserve = request.parameters.boolean("preserve_existing")
    changing = indices.put_settings([one.index for one in found], body, preserve_existing=preserve)
    await within(request.parameters, changing)
    return Json({"acknowledged": True})


def _kept(settings: dict[str, Any], patterns: list[str]) -> dict[str, Any]:
    if not patterns:
        return settings
    return {name: value for name, value in settings.items() if any(matches(one, name) for one in patterns)}


def _leaves(mapping: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, definition in mapping.get("properties", {}).items():
        path = f"{prefix}{name}"
        if "properties" in definition:
            found += _leaves(definition, f"{path}.")
            continue
        found.append((path, definition))
        found += [(f"{path}.{inner}", one) for inner, one in definition.get("fields", {}).items()]
    return found
