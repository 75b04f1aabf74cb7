"""Index templates and component templates over HTTP.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-put-template.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isthmus.cluster.indices.creation import Indices
from isthmus.cluster.indices.template_catalogue import TemplateNotFoundError
from isthmus.index.metadata.aliases import CheckFilter, shown
from isthmus.index.metadata.expressions import matches
from isthmus.index.metadata.index_settings import Flat, nest
from isthmus.index.metadata.templates import Template, parse_template, template_for
from isthmus.index.shard.shard import make_mapping
from isthmus.rest.answers import Json, Text
from isthmus.rest.indices.body import json_body
from isthmus.rest.indices.changing import TIMEOUTS, within
from isthmus.rest.indices.lifecycle import settings_of
from isthmus.rest.routing import Request, Route

PUT_PARAMETERS = ("cause", "create", *TIMEOUTS)
GET_PARAMETERS = ("flat_settings", "include_defaults", "local", "master_timeout")
DELETE_PARAMETERS = TIMEOUTS


class Templates:
    """The handlers of one kind of template."""

    def __init__(self, indices: Indices, check_filter: CheckFilter, *, component: bool) -> None:
        self._indices = indices
        self._check_filter = check_filter
        self._component = component

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of this kind."""
        kind = "component_template" if self._component else "index_template"
        path, name = f"/_{kind}", f"/_{kind}/{{name}}"
        admin = f"cluster:admin/{kind}" if self._component else "indices:admin/index_template"
        return (
            *(
                Route(method, name, f"{admin}/put", self._put, PUT_PARAMETERS, takes_body=True)
                for method in ("PUT", "POST")
            ),
            Route("GET", path, f"{admin}/get", self._get, GET_PARAMETERS),
            Route("GET", name, f"{admin}/get", self._get, GET_PARAMETERS, head=self._exists),
            Route("DELETE", name, f"{admin}/delete", self._delete, DELETE_PARAMETERS),
        )

    @property
    def _known(self) -> Mapping[str, Template]:
        templates = self._indices.templates
        return templates.components if self._component else templates.templates

    async def _put(self, request: Request) -> Json:
        template = parse_template(
            request.variables["name"],
            json_body(request.body),
            component=self._component,
            check_filter=self._check_filter,
            check_mappings=check_mappings,
        )
        create = request.parameters.boolean("create")
        putting = self._indices.templates.put(template, component=self._component, create=create)
        await within(request.parameters, putting)
        return Json({"acknowledged": True})

    async def _get(self, request: Request) -> Json:
        name = request.variables.get("name", "*")
        found = self._found(name)
        if not found and "*" not in name:
            raise self._missing(name)
        kind = "component_template" if self._component else "index_template"
        flat = request.parameters.boolean("flat_settings")
        told = [{"name": one.name, kind: self._told(one, flat=flat)} for one in found]
        status = 200 if told or "name" not in request.variables else 404
        return Json({f"{kind}s": told}, status)

    async def _exists(self, request: Request) -> Text:
        return Text("", 200 if self._found(request.variables["name"]) else 404)

    async def _delete(self, request: Request) -> Json:
        name = request.variables["name"]
        found = self._found(name)
        for part in name.split(","):
            if part and "*" not in part and part not in self._known:
                raise self._missing(part) if self._component else IndexTemplateMissingError(part)
        for one in found:
            await within(request.parameters, self._indices.templates.delete(one.name, component=self._component))
        return Json({"acknowledged": True})

    def _found(self, names: str) -> list[Template]:
        patterns = [one for one in names.split(",") if one]
        return [one for name, one in sorted(self._known.items()) if any(matches(pattern, name) for pattern in patterns)]

    def _missing(self, name: str) -> TemplateNotFoundError:
        kind = "component" if self._component else "index"
        return TemplateNotFoundError(f"{kind} template matching [{name}] not found")

    def _told(self, template: Template, *, flat: bool) -> dict[str, Any]:
        inner: dict[str, Any] = {}
        if template.settings:
            inner["settings"] = dict(template.settings) if flat else nest(template.settings)
        if template.mappings:
            inner["mappings"] = template.mappings
        if template.aliases:
            inner["aliases"] = {name: shown(alias) for name, alias in sorted(template.aliases.items())}
        told: dict[str, Any] = {"template": inner}
        if not self._component:
            told = {"index_patterns": list(template.index_patterns), **told, "composed_of": list(template.composed_of)}
            if template.priority is not None:
                told["priority"] = template.priority
            if template.ignore_missing_component_templates:
                told["ignore_missing_component_templates"] = list(template.ignore_missing_component_templates)
            if template.allow_auto_create is not None:
                told["allow_auto_create"] = template.allow_auto_create
        if template.version is not None:
            told["version"] = template.version
        if template.meta is not None:
            told["_meta"] = template.meta
        return told


class IndexTemplateMissingError(TemplateNotFoundError):
    """There is no such template to be deleted."""

    type = "index_template_missing_exception"

    def __init__(self, name: str) -> None:
        super().__init__(f"index_template [{name}] missing")


def simulate(indices: Indices) -> Callable[[Request], Any]:
    """Return the handler of `POST /_index_template/_simulate_index/{name}`."""

    async def handle(request: Request) -> Json:
        name = request.variables["name"]
        index = indices.described(name)
        settings = settings_of(index, flat=False)["index"]
        for own in ("creation_date", "provided_name", "uuid", "version"):
            settings.pop(own, None)
        aliases = {name: shown(alias) for name, alias in index.aliases.items()}
        template = {"settings": {"index": settings}, "mappings": index.mappings, "aliases": aliases}
        return Json({"template": template, "overlapping": _overlapping(indices, name)})

    return handle


def _overlapping(indices: Indices, name: str) -> list[dict[str, Any]]:
    """The templates that mean the name too, and are passed over for one of higher priority."""
    templates = indices.templates.templates
    best = template_for(name, templates)
    return [
        {"name": other, "index_patterns": list(one.index_patterns)}
        for other, one in sorted(templates.items())
        if one is not best and any(matches(pattern, name) for pattern in one.index_patterns)
    ]


def check_mappings(given: Any, settings: Flat) -> dict[str, Any]:
    """Return canonical mappings. Raises UsageError."""
    return make_mapping(given, settings).as_json()
