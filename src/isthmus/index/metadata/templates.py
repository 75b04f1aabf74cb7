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
MAX_NAME_BYTES = 255
_TEMPLATE_KEYS = ("_meta", "allow_auto_create", "composed_of", "ignore_missing_component_templates")
INDEX_KEYS = (*_TEMPLATE_KEYS, "index_patterns", "priority", "template", "version")
COMPONENT_KEYS = ("_meta", "template", "version")
_INNER_KEYS = ("aliases", "mappings", "settings")

CheckMappings = Callable[[Any, Flat], dict[str, Any]]
"""Returns canonical mappings under settings. Raises UsageError."""


class TemplateError(UsageError):
    """A template that cannot be made."""

    type = "illegal_argument_exception"


class TemplateParsingError(UsageError):
    """A template that cannot be read."""

    type = "x_content_parse_exception"


class InvalidTemplateError(UsageError):
    """A template whose name, patterns or components cannot be."""

    type = "invalid_index_template_exception"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"index_template [{name[:MAX_NAME_BYTES]}] invalid, cause [{why}]")


class Template(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A template or component, checked. Of a component `index_patterns` is empty.

    `allow_auto_create` None leaves it to `action.auto_create_index` whether documents make such indices.
    """

    format: int = FORMAT
    name: str
    index_patterns: tuple[str, ...] = ()
    composed_of: tuple[str, ...] = ()
    ignore_missing_component_templates: tuple[str, ...] = ()
    allow_auto_create: bool | None = None
    priority: int | None = None
    version: int | None = None
    meta: dict[str, Any] | None = None
    settings: dict[str, str | list[str]] = {}
    mappings: dict[str, Any] = {}
    aliases: dict[str, Alias] = {}


class Composed(msgspec.Struct, kw_only=True):
    """What templates give a new index: `mappings` are canonical."""

    settings: dict[str, str | list[str]] = {}
    mappings: dict[str, Any] = {}
    aliases: dict[str, Alias] = {}


def parse_template(
    name: str, given: object, *, component: bool, check_filter: CheckFilter, check_mappings: CheckMappings
) -> Template:
    """Return the template of a request. Raises UsageError that names what is wrong or not supported."""
    check_template_name(name)
    if not isinstance(given, Mapping):
        raise TemplateParsingError("the request's body is no object")
    known = COMPONENT_KEYS if component else INDEX_KEYS
    for key in given:
        if key == "data_stream":
            raise TemplateError("[data_stream] in a template is not supported: there are no data streams")
        if key == "deprecated":
            raise TemplateError("[deprecated] in a template is not supported: nobody would be warned")
        if key not in known:
            raise TemplateParsingError(
                f"unknown field [{str(key)[:100]}] in the template [{name}]{_near(str(key), known)}"
            )
    required = "template" if component else "index_patterns"
    if required not in given:
        raise TemplateError(f"Required [{required}]")
    inner = _inner(given)
    settings = check(flatten(inner.get("settings", {})))
    patterns = _texts(given, "index_patterns")
    if not component:
        _check_patterns(name, patterns)
    return Template(
        name=name,
        index_patterns=patterns,
        composed_of=_texts(given, "composed_of"),
        ignore_missing_component_templates=_texts(given, "ignore_missing_component_templates"),
        allow_auto_create=_flag(given, "allow_auto_create"),
        priority=_number(given, "priority"),
        version=_number(given, "version"),
        meta=_object(given, "_meta"),
        settings=settings,
        mappings=check_mappings(inner["mappings"], settings) if inner.get("mappings") else {},
        aliases=parse_aliases(inner.get("aliases", {}), check_filter),
    )


def _inner(given: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = given.get("template", {})
    if not isinstance(inner, Mapping):
        raise TemplateParsingError("[template] is no object")
    for key in inner:
        if key not in _INNER_KEYS:
            raise TemplateParsingError(f"[template] unknown field [{str(key)[:100]}]{_near(str(key), _INNER_KEYS)}")
    return inner


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


def check_components(template: Template, components: Mapping[str, Template]) -> None:
    """Raise InvalidTemplateError if a component does not exist that the template does not do without."""
    missing = [name for name in needed_components(template) if name not in components]
    if missing:
        raise InvalidTemplateError(
            template.name,
            f"index template [{template.name}] specifies component templates [{', '.join(missing)}] that do not exist",
        )


def needed_components(template: Template) -> list[str]:
    """Return the components that a template cannot do without."""
    return [name for name in template.composed_of if name not in template.ignore_missing_component_templates]


def template_for(name: str, templates: Mapping[str, Template], *, hidden: bool = False) -> Template | None:
    """Return the template that an index of this name is made with: of those that mean it, that of highest priority.

    `hidden`: the request makes a hidden index, which patterns that mean every name pass over.
    """
    found = [
        one
        for one in templates.values()
        if any(matches(pattern, name) for pattern in one.index_patterns if not (hidden and set(pattern) == {"*"}))
    ]
    return max(found, key=lambda one: (one.priority or 0, one.name), default=None)


def compose(
    name: str, templates: Mapping[str, Template], components: Mapping[str, Template], *, hidden: bool = False
) -> Composed:
    """Return what the template of an index gives it: components in their order, each over those before it."""
    best = template_for(name, templates, hidden=hidden)
    composed = Composed()
    if best is None:
        return composed
    for part in (*(components[part] for part in best.composed_of if part in components), best):
        composed.settings = {**composed.settings, **part.settings}
        composed.aliases = {**composed.aliases, **part.aliases}
        composed.mappings = laid_over(composed.mappings, part.mappings)
    return composed


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return two canonical mappings as one. A field of `above` takes the place of one of `below`, whatever its type:
    so templates are overridden, while the mapping of an index that is there can only grow."""
    whole = {**below, **{name: value for name, value in above.items() if name not in ("properties", "_meta")}}
    if "_meta" in above:
        whole["_meta"] = {**(below.get("_meta") or {}), **(above["_meta"] or {})}
    if "properties" in above:
        fields = dict(below.get("properties", {}))
        for name, field in above["properties"].items():
            both = name in fields and _is_object(fields[name]) and _is_object(field)
            fields[name] = laid_over(fields[name], field) if both else field
        whole["properties"] = fields
    return whole


def _is_object(field: Mapping[str, Any]) -> bool:
    return bool(field.get("type", "object") == "object")


def _check_patterns(name: str, patterns: tuple[str, ...]) -> None:
    if not patterns:
        raise InvalidTemplateError(name, "index patterns are missing")
    for pattern in patterns:
        if not pattern or pattern[0] in "_-+" or any(letter in ' ,#:"\\/?<>|' for letter in pattern):
            raise InvalidTemplateError(name, f"index_pattern [{pattern[:MAX_NAME_BYTES]}] cannot mean an index's name")
        if len(pattern.encode(errors="surrogatepass")) > MAX_NAME_BYTES:
            raise InvalidTemplateError(name, f"an index_pattern has more than {MAX_NAME_BYTES} bytes")


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


def _flag(given: Mapping[str, Any], name: str) -> bool | None:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise TemplateError(f"[{name}] is neither true nor false")
    return value


def _object(given: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise TemplateError(f"[{name}] is no object")
    return value


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name[:100], known, n=1)
    return f" did you mean [{near[0]}]?" if near else ""
