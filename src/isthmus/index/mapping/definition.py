"""The mapping as JSON: checked, made canonical, and merged with what is added. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-put-mapping.html
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from isthmus.index.mapping.errors import MapperError, MapperParsingError, MappingConflictError
from isthmus.index.mapping.field_types import ALIAS, TYPES, check_type, flag

MAX_NAME_BYTES: Final = 1_000
MAX_DEPTH: Final = 100
ROOT: Final = (
    *("_meta", "_routing", "_source", "date_detection", "dynamic", "dynamic_date_formats", "numeric_detection"),
    "properties",
)
OBJECT: Final = ("dynamic", "enabled", "properties", "subobjects", "type")
_REFUSED: Final = ("_data_stream_timestamp", "_size", "dynamic_templates", "runtime")
_DYNAMIC: Final = ("true", "false", "strict")
_CHANGEABLE: Final = frozenset(
    {"coerce", "copy_to", "dynamic", "eager_global_ordinals", "fields", "ignore_above", "ignore_malformed", "meta"}
    | {"properties", "search_analyzer", "value"}
)


def canonical(given: object) -> dict[str, Any]:
    """Return the mapping of a request, checked at its root, dots in names made objects. Raises MapperParsingError."""
    if not isinstance(given, Mapping):
        raise MapperParsingError("the mapping is no object")
    root = dict(given)
    for name in root:
        if name in _REFUSED:
            raise MapperParsingError(f"[{name}] in a mapping is not supported")
        if name not in ROOT:
            near = difflib.get_close_matches(str(name)[:100], ROOT, n=1)
            suggestion = f" did you mean [{near[0]}]?" if near else ""
            raise MapperParsingError(
                f"Root mapping definition has unsupported parameters:  [{str(name)[:100]} : …]{suggestion}"
            )
    source = root.pop("_source", {})
    if not isinstance(source, Mapping) or any(key != "enabled" for key in source):
        raise MapperParsingError("of [_source] only [enabled: true] is supported: the whole source is kept")
    if not flag("_source", source, "enabled", default=True):
        raise MapperParsingError("[_source.enabled: false] is not supported: the source is what is kept")
    if "_routing" in root:
        root["_routing"] = _routing(root["_routing"])
    if "dynamic" in root:
        root["dynamic"] = dynamic(root["dynamic"])
    if "properties" in root:
        root["properties"] = _properties(root["properties"], "", 1)
    return {name: root[name] for name in sorted(root)}


def dynamic(value: object) -> str:
    """Return how new fields are met: true, false or strict. Raises MapperParsingError."""
    text = str(value).lower() if isinstance(value, bool) else value
    if text == "runtime":
        raise MapperParsingError("[dynamic: runtime] is not supported", hint="true, false and strict are")
    if text not in _DYNAMIC:
        raise MapperParsingError(f"[dynamic] cannot be [{str(value)[:50]}]", hint="true, false and strict are known")
    return str(text)


def merged(existing: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """Return `existing` with `added` laid over it, both canonical. Raises MappingConflictError by the field's name."""
    _check_routing(existing.get("_routing"), added.get("_routing"))
    result = {**existing, **{name: value for name, value in added.items() if name != "properties"}}
    if "properties" in existing or "properties" in added:
        result["properties"] = _merged_properties(existing.get("properties", {}), added.get("properties", {}), "")
    return {name: result[name] for name in sorted(result)}


def _routing(given: object) -> dict[str, bool]:
    if not isinstance(given, Mapping):
        raise MapperParsingError("[_routing] is no object")
    for name in given:
        if name != "required":
            raise MapperParsingError(f"unknown parameter [{str(name)[:100]}] on metadata field [_routing]")
    return {"required": flag("_routing", given, "required", default=False)}


def _check_routing(present: Mapping[str, bool] | None, added: Mapping[str, bool] | None) -> None:
    """Documents that are there have the routing that was required of them, or not: that does not change."""
    if added is None:
        return
    before, after = (present or {}).get("required", False), added["required"]
    if before != after:
        raise MappingConflictError(
            "Mapper for [_routing] conflicts with existing mapper:\n\tCannot update parameter [required] from "
            f"[{str(before).lower()}] to [{str(after).lower()}]"
        )


def is_object(definition: Mapping[str, Any]) -> bool:
    """Tell whether a definition is that of an object."""
    return bool(definition.get("type", "object") == "object")


def nested_under(path: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping that holds one field, at a path with dots."""
    found: dict[str, Any] = dict(definition)
    for name in reversed(path.split(".")):
        found = {"properties": {name: found}}
    return found


def _properties(given: object, prefix: str, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise MapperParsingError(f"the mapping is nested deeper than {MAX_DEPTH} levels")
    if isinstance(given, list) and not given:
        return {}
    if not isinstance(given, Mapping):
        raise MapperParsingError(f"[properties] of [{prefix or '_doc'}] is no object")
    found: dict[str, Any] = {}
    for name, definition in given.items():
        path = f"{prefix}{name}"
        _check_name(name, path)
        if not isinstance(definition, Mapping):
            raise MapperParsingError(
                f"Expected map for property [fields] on field [{path}] but got a class {type(definition).__name__}"
            )
        if not {"type", "properties", "enabled"} & definition.keys():
            raise MapperParsingError(f"Failed to parse mapping: No type specified for field [{path}]")
        made = _object(definition, path, depth) if is_object(definition) else _leaf(definition, path)
        first, *rest = name.split(".")
        for inner in reversed(rest):
            made = {"properties": {inner: made}}
        found = _merged_properties(found, {first: made}, prefix)
    return found


def _check_name(name: str, path: str) -> None:
    if not name or not all(part.strip() for part in name.split(".")):
        raise MapperParsingError(f"field name [{path[:200]}] cannot be empty, nor contain only whitespace")
    if len(name.encode(errors="surrogatepass")) > MAX_NAME_BYTES:
        raise MapperParsingError(f"the field name [{name[:50]}…] has more than {MAX_NAME_BYTES} bytes")


def _object(definition: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
    for name in definition:
        if name not in OBJECT:
            raise MapperParsingError(f"unknown parameter [{str(name)[:100]}] on mapper [{path}] of type [object]")
    if not flag(path, definition, "subobjects", default=True):
        raise MapperParsingError(f"[subobjects: false] on [{path}] is not supported")
    made: dict[str, Any] = {}
    if "dynamic" in definition:
        made["dynamic"] = dynamic(definition["dynamic"])
    if not flag(path, definition, "enabled", default=True):
        made |= {"type": "object", "enabled": False}
    if definition.get("properties"):
        made["properties"] = _properties(definition["properties"], f"{path}.", depth + 1)
    return made if "properties" in made else {"type": "object", **made}


def _leaf(definition: Mapping[str, Any], path: str) -> dict[str, Any]:
    if definition.get("type") == ALIAS:
        unknown = [name for name in definition if name not in ("path", "type")]
        if unknown or not isinstance(definition.get("path"), str):
            raise MapperParsingError(f"the alias [{path}] has a [path] and nothing else")
        return dict(definition)
    check_type(path, definition)
    made = dict(definition)
    if isinstance(made.get("copy_to"), str):
        made["copy_to"] = [made["copy_to"]]
    fields = made.get("fields")
    if fields is not None:
        if not isinstance(fields, Mapping):
            raise MapperParsingError(f"[fields] of [{path}] is no object")
        for name, one in fields.items():
            _check_name(name, f"{path}.{name}")
            if not isinstance(one, Mapping) or "fields" in one or "copy_to" in one or one.get("type") not in TYPES:
                check_type(f"{path}.{name}", one if isinstance(one, Mapping) else {})
                raise MapperParsingError(f"[{path}.{name}] may have neither [fields] nor [copy_to] of its own")
    return made


def _merged_properties(existing: Mapping[str, Any], added: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    result = dict(existing)
    for name, definition in added.items():
        present = result.get(name)
        result[name] = definition if present is None else _merged_field(present, definition, f"{prefix}{name}")
    return {name: result[name] for name in sorted(result)}


def _merged_field(present: Mapping[str, Any], added: Mapping[str, Any], path: str) -> dict[str, Any]:
    if is_object(present) != is_object(added):
        kinds = ("an object", "a field") if is_object(present) else ("a field", "an object")
        raise MappingConflictError(f"can't merge {kinds[1]} into {kinds[0]}: the mapping of [{path}] already exists")
    if is_object(present):
        if present.get("enabled", True) != added.get("enabled", present.get("enabled", True)):
            raise MapperError(f"the [enabled] parameter can't be updated for the object mapping [{path}]")
        result = {**present, **added}
        if "properties" in present or "properties" in added:
            result["properties"] = _merged_properties(
                present.get("properties", {}), added.get("properties", {}), f"{path}."
            )
            result.pop("type", None) if result.get("enabled", True) else None
        return result
    if present["type"] != added["type"]:
        raise MappingConflictError(
            f"mapper [{path}] cannot be changed from type [{present['type']}] to [{added['type']}]"
        )
    return _merged_leaf(present, added, path)


def _merged_leaf(present: Mapping[str, Any], added: Mapping[str, Any], path: str) -> dict[str, Any]:
    for name in {*present, *added} - _CHANGEABLE:
        before, after = present.get(name), added.get(name)
        if before != after and _written(before) != _written(after):
            raise MappingConflictError(
                f"Mapper for [{path}] conflicts with existing mapper:\n\tCannot update parameter [{name}] from "
                f"[{_told(before)}] to [{_told(after)}]"
            )
    if present.get("value") not in (None, added.get("value")) and "value" in added:
        raise MappingConflictError(
            f"Mapper for [{path}] conflicts with existing mapper:\n\tCannot update parameter [value] from "
            f"[{present['value']}] to [{added['value']}]"
        )
    result = {**present, **added}
    if "fields" in present or "fields" in added:
        result["fields"] = _merged_properties(present.get("fields", {}), added.get("fields", {}), f"{path}.")
    return result


def _written(value: object) -> bytes:
    return msgspec.json.encode(str(value).lower() if isinstance(value, bool) else value)


def _told(value: object) -> str:
    return "default" if value is None else str(value)
