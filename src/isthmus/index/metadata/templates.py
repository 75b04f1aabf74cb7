"""Templates as they are given, kept and told: what an index whose name fits is made with. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-templates.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from isthmus.errors import UsageError
from isthmus.index.metadata.aliases import CheckFilter, parse_aliases, shown
from isthmus.index.metadata.index_metadata import Alias
from isthmus.index.metadata.index_settings import Stored, check, flatten, nest
from isthmus.query.json_object import JsonObject

FORMAT = 1
MAX_PRIORITY = (1 << 31) - 1
MAX_VERSION = (1 << 63) - 1
MAX_PARTS = 1_000
MAX_NAME_BYTES = 255


class InvalidTemplateError(UsageError):
    """A template that cannot be."""

    type = "invalid_index_template_exception"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"index_template [{name[:255]}] invalid, cause [{why}]")


class Contents(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What a template gives to an index. `settings` are flat, `mappings` canonical."""

    settings: dict[str, Stored] = {}
    mappings: dict[str, Any] = {}
    aliases: dict[str, Alias] = {}


class ComponentTemplate(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A part that index templates are composed of; stored under `component_template/<name>`."""

    format: int = FORMAT
    template: Contents = Contents()
    version: int | None = None
    meta: dict[str, Any] | None = None


class IndexTemplate(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What indices whose name fits a pattern are made of; stored under `index_template/<name>`.

    `priority` None counts as 0. `allow_auto_create` None leaves it to `action.auto_create_index`.
    """

    format: int = FORMAT
    index_patterns: list[str]
    composed_of: list[str] = []
    ignore_missing_component_templates: list[str] = []
    template: Contents | None = None
    priority: int | None = None
    version: int | None = None
    meta: dict[str, Any] | None = None
    allow_auto_create: bool | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """What judges a filter and a mapping. `canonical` returns a mapping as it is kept; both raise UsageError."""

    filter: CheckFilter
    canonical: Callable[[object], dict[str, Any]]


def parse_contents(given: object, checks: Checks) -> Contents:
    """Return the settings, mappings and aliases of a request's object. Raises UsageError by the wrong key."""
    body = JsonObject(given, "template")
    settings, mappings, aliases = body.json("settings"), body.json("mappings"), body.json("aliases")
    body.refuse("lifecycle", "data_stream_options")
    body.end()
    return Contents(
        settings={} if settings is None else check(flatten(settings)),
        mappings={} if mappings is None else checks.canonical(mappings),
        aliases={} if aliases is None else parse_aliases(aliases, checks.filter),
    )


def parse_component_template(name: str, given: object, checks: Checks) -> ComponentTemplate:
    """Return the component template of a request's body. Raises UsageError."""
    check_template_name(name)
    body = JsonObject(given, "component_template")
    body.refuse("deprecated")
    if "template" not in body:
        raise UsageError("Required [template]", hint="give what it holds: settings, mappings or aliases")
    template = ComponentTemplate(
        template=parse_contents(body.json("template"), checks), version=_version(body), meta=_meta(body)
    )
    body.end()
    return template


def parse_index_template(name: str, given: object, checks: Checks) -> IndexTemplate:
    """Return the index template of a request's body. Raises UsageError, InvalidTemplateError."""
    check_template_name(name)
    body = JsonObject(given, "index_template")
    body.refuse("data_stream", "deprecated")
    patterns = list(body.texts("index_patterns"))
    _check_patterns(name, patterns)
    template = IndexTemplate(
        index_patterns=patterns,
        composed_of=_parts(name, "composed_of", body),
        ignore_missing_component_templates=_parts(name, "ignore_missing_component_templates", body),
        template=parse_contents(body.json("template"), checks) if body.json("template") is not None else None,
        priority=body.integer("priority", 0, maximum=MAX_PRIORITY) if body.json("priority") is not None else None,
        version=_version(body),
        meta=_meta(body),
        allow_auto_create=body.boolean("allow_auto_create", default=True) if "allow_auto_create" in body else None,
    )
    body.end()
    return template


def check_template_name(name: str) -> None:
    """Raise InvalidTemplateError unless a template may have this name."""
    faults = {
        "name must not be empty": not name,
        "name must not start with '_'": name.startswith("_"),
        "name must not contain a space, ',', '#', '*' or a control character": any(
            letter in " ,#*" or not letter.isprintable() for letter in name
        ),
        "name must be lower cased": name.lower() != name,
        f"name has more than {MAX_NAME_BYTES} bytes": len(name.encode(errors="surrogatepass")) > MAX_NAME_BYTES,
    }
    for fault, found in faults.items():
        if found:
            raise InvalidTemplateError(name, fault)


def contents_body(contents: Contents, *, flat: bool = False) -> dict[str, Any]:
    """Return what a template gives, as it is told."""
    told: dict[str, Any] = {}
    if contents.settings:
        told["settings"] = dict(sorted(contents.settings.items())) if flat else nest(contents.settings)
    if contents.mappings:
        told["mappings"] = contents.mappings
    if contents.aliases:
        told["aliases"] = {name: shown(alias) for name, alias in contents.aliases.items()}
    return told


def component_body(template: ComponentTemplate, *, flat: bool = False) -> dict[str, Any]:
    """Return a component template as it is told."""
    return {"template": contents_body(template.template, flat=flat), **_told(template)}


def template_body(template: IndexTemplate, *, flat: bool = False) -> dict[str, Any]:
    """Return an index template as it is told."""
    told: dict[str, Any] = {"index_patterns": template.index_patterns}
    if template.template is not None:
        told["template"] = contents_body(template.template, flat=flat)
    told["composed_of"] = template.composed_of
    if template.priority is not None:
        told["priority"] = template.priority
    if template.ignore_missing_component_templates:
        told["ignore_missing_component_templates"] = template.ignore_missing_component_templates
    if template.allow_auto_create is not None:
        told["allow_auto_create"] = template.allow_auto_create
    return told | _told(template)


def _told(template: ComponentTemplate | IndexTemplate) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if template.version is not None:
        told["version"] = template.version
    if template.meta is not None:
        told["_meta"] = template.meta
    return told


def _check_patterns(name: str, patterns: Iterable[str]) -> None:
    found = list(patterns)
    if not found:
        raise InvalidTemplateError(name, "index patterns are missing")
    if len(found) > MAX_PARTS:
        raise InvalidTemplateError(name, f"it has more than {MAX_PARTS} index patterns")
    for pattern in found:
        if not pattern or pattern[0] in "_-+" or any(letter in ' ,#:"\\/?<>|' for letter in pattern):
            raise InvalidTemplateError(name, f"index_pattern [{pattern[:255]}] cannot match the name of an index")
        if len(pattern.encode(errors="surrogatepass")) > MAX_NAME_BYTES:
            raise InvalidTemplateError(name, f"an index_pattern has more than {MAX_NAME_BYTES} bytes")


def _parts(name: str, key: str, body: JsonObject) -> list[str]:
    parts = list(body.texts(key))
    if len(parts) > MAX_PARTS:
        raise InvalidTemplateError(name, f"[{key}] has more than {MAX_PARTS} names")
    return parts


def _version(body: JsonObject) -> int | None:
    return None if body.json("version") is None else body.integer("version", 0, maximum=MAX_VERSION)


def _meta(body: JsonObject) -> dict[str, Any] | None:
    meta = body.json("_meta")
    if meta is not None and not isinstance(meta, Mapping):
        raise UsageError("[_meta] is no object")
    return None if meta is None else dict(meta)
