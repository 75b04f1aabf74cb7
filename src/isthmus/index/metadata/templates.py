"""Index templates and their components: what a new index of a certain name is made with. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-templates.html
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from isthmus.errors import UsageError
from isthmus.index.metadata.aliases import CheckFilter, parse_aliases
from isthmus.index.metadata.expressions import matches
from isthmus.index.metadata.index_metadata import Alias
from isthmus.index.metadata.index_settings import Flat, check, flatten

FORMAT = 1
MAX_COMPONENTS = 100
_TEMPLATE_KEYS = ("_meta", "allow_auto_create", "composed_of", "deprecated", "ignore_missing_component_templates")
INDEX_KEYS = (*_TEMPLATE_KEYS, "index_patterns", "priority", "template", "version")
COMPONENT_KEYS = ("_meta", "deprecated", "template", "version")
_INNER_KEYS = ("aliases", "mappings", "settings")

CheckMappings = Callable[[Any, Flat], dict[str, Any]]
"""Returns canonical mappings under settings. Raises UsageError."""


class TemplateError(UsageError):
    """A template that cannot be made."""

    type = "illegal_argument_exception"


class Template(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A template or component, checked. Of a component `index_patterns` is empty."""

    format: int = FORMAT
    name: str
    index_patterns: tuple[str, ...] = ()
    composed_of: tuple[str, ...] = ()
    priority: int | None = None
    version: int | None = None
    meta: dict[str, Any] | None = None
    settings: dict[str, str | list[str]] = {}
    mappings: dict[str, Any] = {}
    aliases: dict[str, Alias] = {}


class Composed(msgspec.Struct, kw_only=True):
    """What templates give a new index."""

    settings: dict[str, str | list[str]] = {}
    mappings: list[dict[str, Any]] = []
    aliases: dict[str, Alias] = {}


def parse_template(
    name: str, given: object, *, component: bool, check_filter: CheckFilter, check_mappings: CheckMappings
) -> Template:
    """Return the template of a request. Raises UsageError that names what is wrong or not supported."""
    if not isinstance(given, Mapping):
        raise TemplateError("the request's body is no object")
    known = COMPONENT_KEYS if component else INDEX_KEYS
    for key in given:
        if key == "data_stream":
            raise TemplateError("[data_stream] in a template is not supported: there are no data streams")
        if key not in known:
            raise TemplateError(f"unknown field [{str(key)[:100]}] in the template [{name}]{_near(str(key), known)}")
    inner = given.get("template", {})
    if not isinstance(inner, Mapping):
        raise TemplateError("[template] is no object")
    for key in inner:
        if key not in _INNER_KEYS:
            raise TemplateError(f"[template] unknown field [{str(key)[:100]}]{_near(str(key), _INNER_KEYS)}")
    settings = check(flatten(inner.get("settings", {})))
    patterns = _texts(given, "index_patterns")
    if not component and not patterns:
        raise TemplateError(f"index patterns are missing: the template [{name}] has no [index_patterns]")
    return Template(
        name=name,
        index_patterns=patterns,
        composed_of=_texts(given, "composed_of"),
        priority=_number(given, "priority"),
        version=_number(given, "version"),
        meta=given.get("_meta"),
        settings=settings,
        mappings=check_mappings(inner["mappings"], settings) if inner.get("mappings") else {},
        aliases=parse_aliases(inner.get("aliases", {}), check_filter),
    )


def check_overlaps(template: Template, others: Mapping[str, Template]) -> None:
    """Raise TemplateError if another template of the same priority could mean the same indices."""
    for other in others.values():
        if other.name == template.name or (other.priority or 0) != (template.priority or 0):
            continue
        shared = [(one, two) for one in template.index_patterns for two in other.index_patterns if _may_meet(one, two)]
        if shared:
            raise TemplateError(
                f"index template [{template.name}] has index patterns [{', '.join(template.index_patterns)}] matching "
                f"patterns from existing templates [{other.name}] with patterns ({other.name} => "
                f"[{', '.join(other.index_patterns)}]) that have the same priority [{template.priority or 0}]",
                hint="give one of them another [priority]",
            )


def check_components(template: Template, components: Mapping[str, Template]) -> None:
    """Raise TemplateError if a component does not exist."""
    missing = [name for name in template.composed_of if name not in components]
    if missing:
        raise TemplateError(
            f"index template [{template.name}] specifies component templates [{', '.join(missing)}] that do not exist"
        )


def compose(name: str, templates: Mapping[str, Template], components: Mapping[str, Template]) -> Composed:
    """Return what the templates give an index of this name: of those that mean it, the one of highest priority."""
    found = [one for one in templates.values() if any(matches(pattern, name) for pattern in one.index_patterns)]
    if not found:
        return Composed()
    best = max(found, key=lambda one: (one.priority or 0, one.name))
    composed = Composed()
    for part in (*(components[part] for part in best.composed_of if part in components), best):
        composed.settings = {**composed.settings, **part.settings}
        composed.aliases = {**composed.aliases, **part.aliases}
        if part.mappings:
            composed.mappings = [*composed.mappings, part.mappings]
    return composed


def _may_meet(one: str, other: str) -> bool:
    """Tell whether two patterns can mean the same name."""
    if "*" not in one:
        return matches(other, one)
    if "*" not in other:
        return matches(one, other)
    first, second = one.split("*"), other.split("*")
    start = first[0].startswith(second[0]) or second[0].startswith(first[0])
    end = first[-1].endswith(second[-1]) or second[-1].endswith(first[-1])
    return start and end


def _texts(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = given.get(name, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed) or len(listed) > MAX_COMPONENTS:
        raise TemplateError(f"[{name}] is a list of names")
    return tuple(listed)


def _number(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 62):
        raise TemplateError(f"[{name}] is no number that is not negative")
    return value


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name[:100], known, n=1)
    return f" did you mean [{near[0]}]?" if near else ""
