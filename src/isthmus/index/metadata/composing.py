"""Which template an index is made with, and what comes of its parts together. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-templates.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.index.metadata.expressions import matches
from isthmus.index.metadata.templates import (
    ComponentTemplate,
    Contents,
    IndexTemplate,
    InvalidTemplateError,
)


def template_for(name: str, templates: Mapping[str, IndexTemplate], *, hidden: bool = False) -> str | None:
    """Return the name of the template that an index of this name is made with, None if none fits.

    `hidden`: the request makes a hidden index, which patterns that fit every name pass over.
    """
    fitting = [
        found
        for found, template in templates.items()
        if any(matches(one, name) for one in template.index_patterns if not (hidden and set(one) == {"*"}))
    ]
    return max(fitting, key=lambda found: (templates[found].priority or 0, found), default=None)


def composed(template: IndexTemplate, components: Mapping[str, ComponentTemplate]) -> Contents:
    """Return what a template gives: its components in their order, each over those before it, then its own."""
    parts = [components[name].template for name in template.composed_of if name in components]
    return laid_over(*parts, *([template.template] if template.template is not None else []))


def laid_over(*parts: Contents) -> Contents:
    """Return `parts` as one, each over those before it. A field of a later part takes the place of an earlier one."""
    whole = Contents()
    for part in parts:
        whole = Contents(
            settings={**whole.settings, **part.settings},
            mappings=_over(whole.mappings, part.mappings),
            aliases={**whole.aliases, **part.aliases},
        )
    return whole


def check_template(
    name: str,
    template: IndexTemplate,
    templates: Mapping[str, IndexTemplate],
    components: Mapping[str, ComponentTemplate],
) -> None:
    """Raise InvalidTemplateError if a component is missing, or one of this priority fits the same names."""
    missing = [
        part
        for part in template.composed_of
        if part not in components and part not in template.ignore_missing_component_templates
    ]
    if missing:
        told = ", ".join(missing)
        raise InvalidTemplateError(
            name, f"index template [{name}] specifies component templates [{told}] that do not exist"
        )
    rivals = overlapping(name, template, templates)
    if rivals:
        told = ", ".join(f"{rival} => [{', '.join(templates[rival].index_patterns)}]" for rival in rivals)
        raise InvalidTemplateError(
            name,
            f"index template [{name}] has index patterns [{', '.join(template.index_patterns)}] matching patterns from "
            f"existing templates [{','.join(rivals)}] with patterns ({told}) that have the same priority "
            f"[{template.priority or 0}], multiple index templates may not match during index creation, please use a "
            "different priority",
        )


def overlapping(
    name: str, template: IndexTemplate, templates: Mapping[str, IndexTemplate], *, same_priority: bool = True
) -> list[str]:
    """Return the other templates that fit a name that `template` fits too."""
    return [
        other
        for other, rival in sorted(templates.items())
        if other != name
        and (not same_priority or (rival.priority or 0) == (template.priority or 0))
        and any(intersect(one, two) for one in template.index_patterns for two in rival.index_patterns)
    ]


def users(component: str, templates: Mapping[str, IndexTemplate]) -> list[str]:
    """Return the templates that need a component."""
    return sorted(
        name
        for name, template in templates.items()
        if component in template.composed_of and component not in template.ignore_missing_component_templates
    )


def intersect(one: str, other: str) -> bool:
    """Tell whether some text fits both patterns, in which `*` is any text."""
    # Positions in `other` that can be reached with a text that `one` has read so far.
    reached = _skipping(other, {0})
    for letter in one:
        if letter == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else reached
        else:
            steps = {
                at if other[at] == "*" else at + 1 for at in reached if at < len(other) and other[at] in (letter, "*")
            }
            reached = _skipping(other, steps)
    return len(other) in reached


def _skipping(pattern: str, reached: set[int]) -> set[int]:
    """A star may be no letter at all."""
    found = set(reached)
    for at in reached:
        place = at
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return found


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    whole = {**below, **{name: value for name, value in above.items() if name != "properties"}}
    if "properties" in above:
        fields = dict(below.get("properties", {}))
        for name, field in above["properties"].items():
            both = name in fields and _is_object(fields[name]) and _is_object(field)
            fields[name] = _over(fields[name], field) if both else field
        whole["properties"] = fields
    if isinstance(below.get("_meta"), Mapping) and isinstance(above.get("_meta"), Mapping):
        whole["_meta"] = {**below["_meta"], **above["_meta"]}
    return whole


def _is_object(field: Mapping[str, Any]) -> bool:
    return bool(field.get("type", "object") == "object")
