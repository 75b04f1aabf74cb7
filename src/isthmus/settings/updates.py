"""Changes to dynamic settings: from nested JSON to names and texts and back, and which changes are allowed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from isthmus.errors import UsageError
from isthmus.settings.catalogue import Catalogue
from isthmus.settings.entries import Value
from isthmus.settings.mistakes import shown
from isthmus.settings.setting import AnySetting, match_name

MAX_NAMES = 1000
MAX_DEPTH = 20
MAX_NAME = 255

Change = Mapping[str, Value | None]
"""By name the new value, or None to delete it. A name that ends in `*` and is deleted stands for all it matches."""


def flatten(tree: Mapping[str, Any]) -> dict[str, Value | None]:
    """Return the settings of `tree`, whose names may be nested, dotted or both, with scalars as texts.

    Raises UsageError for what no setting can be, a name given twice, and too much of anything.
    """
    flat: dict[str, Value | None] = {}
    for name, value in _leaves("", tree, 0):
        if name in flat:
            raise UsageError(f"duplicate settings key [{shown(name)}]", hint="give it once, nested or dotted")
        if len(flat) >= MAX_NAMES:
            raise UsageError(f"more than {MAX_NAMES} settings in one request")
        flat[name] = _value(name, value)
    return flat


def nest(flat: Mapping[str, Value]) -> dict[str, Any]:
    """Return `flat` as a tree, one level a segment. What would stand below a value keeps its dots beside it."""
    tree: dict[str, Any] = {}
    for name in sorted(flat):
        place, rest = tree, name
        while "." in rest:
            segment, _, deeper = rest.partition(".")
            below = place.setdefault(segment, {})
            if not isinstance(below, dict):
                break
            place, rest = below, deeper
        place[rest] = shape(flat[name])
    return tree


def shape(value: Value) -> str | list[str]:
    """Return a value as JSON shows it."""
    return value if isinstance(value, str) else list(value)


def judge_change(
    catalogue: Catalogue, kind: str, change: Change, stored: Mapping[str, Value]
) -> dict[str, Value | None]:
    """Return what `change` does to the settings `stored` as `kind` (persistent or transient), patterns resolved.

    Raises UsageError, in Elasticsearch's words, for a name that is not known, not dynamic or secret, and for a value
    that the setting does not take.
    """
    done: dict[str, Value | None] = {}
    for name, value in change.items():
        if value is None and name.endswith("*"):
            done.update(dict.fromkeys(_matching(name, stored)))
        elif value is None and name in stored:
            done[name] = None
        else:
            _check(_dynamic(catalogue, kind, name), name, value)
            done[name] = value
    return done


def _leaves(prefix: str, tree: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        raise UsageError(f"settings are nested deeper than {MAX_DEPTH} levels")
    for key, value in tree.items():
        name = f"{prefix}.{key}" if prefix else key
        if not name or len(name) > MAX_NAME:
            raise UsageError(f"the name of a setting has 1 to {MAX_NAME} characters, not [{shown(name)}]")
        if isinstance(value, Mapping):
            yield from _leaves(name, value, depth + 1)
        else:
            yield name, value


def _value(name: str, value: Any) -> Value | None:
    if value is None:
        return None
    if isinstance(value, list):
        return tuple(_scalar(name, item) for item in value)
    return _scalar(name, value)


def _scalar(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise UsageError(f"[{shown(name)}] is neither a text, a number, true, false, null nor a list of these")


def _matching(pattern: str, stored: Mapping[str, Value]) -> list[str]:
    return [name for name in stored if pattern == "*" or match_name(pattern, name) is not None]


def _dynamic(catalogue: Catalogue, kind: str, name: str) -> AnySetting:
    setting = catalogue.find(name)
    if setting is None or "*" in name:
        nearest = catalogue.nearest(name)
        hint = f"did you mean [{nearest}]?" if nearest else "`isthmus settings` lists those that there are"
        raise UsageError(f"{kind} setting [{shown(name)}], not recognized", hint=hint)
    if setting.scope == "secure":
        hint = f"put it into the keystore of each node: isthmus keystore add {name}"
        raise UsageError(f"{kind} setting [{name}] is a secret and may not stand here", hint=hint)
    if setting.scope != "dynamic":
        hint = "set it in the settings file of each node and restart it"
        raise UsageError(f"{kind} setting [{name}], not dynamically updateable", hint=hint)
    return setting


def _check(setting: AnySetting, name: str, value: Value | None) -> None:
    if value is None:
        return
    try:
        setting.parse(value)
    except ValueError as rule:
        written = shown(value if isinstance(value, str) else ", ".join(value))
        raise UsageError(f"failed to parse value [{written}] for setting [{name}]: {rule}") from rule
