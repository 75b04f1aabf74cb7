"""The settings that an index may have: declared once, checked when they are set, read with their types. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-modules.html
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from isthmus.errors import UsageError
from isthmus.settings.values import time_value

Stored: TypeAlias = str | list[str]
Flat: TypeAlias = dict[str, Stored]
MAX_SETTINGS = 2_000
_time = time_value(0.0)


@dataclass(frozen=True, slots=True)
class IndexSetting:
    """A setting: its default as it is written, whether it may change on an open index, and what reads it (raising
    ValueError with the rule that a value breaks)."""

    name: str
    default: Stored | None
    parse: Callable[[Stored], Any]
    dynamic: bool = True


class IndexSettingsError(UsageError):
    """A setting that is unknown, may not be changed, or has a value that it cannot have."""

    type = "illegal_argument_exception"


def _text(value: Stored) -> str:
    if not isinstance(value, str):
        raise ValueError("must be one value")
    return value


def _texts(value: Stored) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _boolean(value: Stored) -> bool:
    if value not in ("true", "false"):
        raise ValueError("only [true] or [false] are allowed")
    return value == "true"


def _whole(least: int, most: int) -> Callable[[Stored], int]:
    def parse(value: Stored) -> int:
        text = _text(value)
        if not text.lstrip("-").isdecimal() or len(text) > 20:
            raise ValueError("must be a whole number")
        number = int(text)
        if number < least:
            raise ValueError(f"must be >= {least}")
        if number > most:
            raise ValueError(f"must be <= {most}")
        return number

    return parse


def _only(allowed: str, why: str) -> Callable[[Stored], str]:
    def parse(value: Stored) -> str:
        if value != allowed:
            raise ValueError(f"can only be [{allowed}] here: {why}")
        return allowed

    return parse


def _interval(value: Stored) -> float | None:
    """Seconds; None for never."""
    text = _text(value)
    return None if text == "-1" else _time.parse(text)


def _seconds(value: Stored) -> float:
    return _time.parse(_text(value))


_INT = (1 << 31) - 1
REQUIRED_NODE: Final = "index.routing.allocation.require._name"

TABLE: Final = (
    IndexSetting("index.number_of_shards", "1", _only("1", "an index lives on one node, in one shard"), dynamic=False),
    IndexSetting("index.number_of_replicas", "0", _whole(0, _INT)),
    IndexSetting("index.auto_expand_replicas", "false", _only("false", "there are no replicas to expand")),
    IndexSetting("index.refresh_interval", None, _interval),
    IndexSetting("index.search.idle.after", "30s", _seconds),
    IndexSetting("index.max_result_window", "10000", _whole(1, 10_000_000)),
    IndexSetting("index.max_terms_count", "65536", _whole(1, _INT)),
    IndexSetting("index.max_regex_length", "1000", _whole(1, 100_000)),
    IndexSetting("index.max_docvalue_fields_search", "100", _whole(0, _INT)),
    IndexSetting("index.highlight.max_analyzed_offset", "1000000", _whole(1, _INT)),
    IndexSetting("index.query.default_field", ["*"], _texts),
    IndexSetting("index.mapping.total_fields.limit", "1000", _whole(1, 100_000)),
    IndexSetting("index.mapping.depth.limit", "20", _whole(1, 100)),
    IndexSetting("index.mapping.field_name_length.limit", str((1 << 63) - 1), _whole(1, (1 << 63) - 1)),
    IndexSetting("index.mapping.coerce", "true", _boolean, dynamic=False),
    IndexSetting("index.mapping.ignore_malformed", "false", _boolean, dynamic=False),
    IndexSetting("index.gc_deletes", "60s", _seconds),
    IndexSetting("index.hidden", "false", _boolean),
    IndexSetting("index.blocks.read_only", "false", _boolean),
    IndexSetting("index.blocks.read_only_allow_delete", "false", _boolean),
    IndexSetting("index.blocks.read", "false", _boolean),
    IndexSetting("index.blocks.write", "false", _boolean),
    IndexSetting("index.blocks.metadata", "false", _boolean),
    IndexSetting(REQUIRED_NODE, None, _text),
    IndexSetting("index.default_pipeline", "_none", _only("_none", "ingest pipelines are not supported")),
    IndexSetting("index.final_pipeline", "_none", _only("_none", "ingest pipelines are not supported")),
    IndexSetting("index.codec", "default", _text, dynamic=False),
    IndexSetting("index.priority", "1", _whole(0, _INT)),
    IndexSetting("index.translog.durability", "REQUEST", _only("REQUEST", "a write is on disk when it is answered")),
)
BY_NAME: Final = {setting.name: setting for setting in TABLE}
_ANALYSIS = "index.analysis."
_OURS = ("index.uuid", "index.creation_date", "index.provided_name", "index.version.created")


def flatten(given: object) -> Flat:
    """Return settings, nested or dotted, with or without `index.`, as flat text; null is left out as "".

    Raises IndexSettingsError for what is no object of settings.
    """
    if not isinstance(given, Mapping):
        raise IndexSettingsError("[settings] is no object")
    flat: Flat = {}
    _flatten(given, "", flat, 0)
    if len(flat) > MAX_SETTINGS:
        raise IndexSettingsError(f"an index has at most {MAX_SETTINGS} settings")
    return {name if name.startswith("index.") else f"index.{name}": value for name, value in flat.items()}


def check(flat: Flat) -> Flat:
    """Return the settings of a new index, checked. Raises IndexSettingsError that names what is wrong."""
    for name, value in flat.items():
        _check_one(name, value)
    return {name: value for name, value in flat.items() if value != ""}


def check_change(flat: Flat) -> Flat:
    """Return a change of an index's settings, checked; a value of "" deletes. Raises IndexSettingsError."""
    fixed = [name for name in flat if name.startswith(_ANALYSIS) or (name in BY_NAME and not BY_NAME[name].dynamic)]
    if fixed:
        raise IndexSettingsError(
            f"Can't update non dynamic settings [[{', '.join(sorted(fixed))}]] for open indices",
            hint="make a new index with them and reindex into it",
        )
    for name, value in flat.items():
        if value != "":
            _check_one(name, value)
        elif name not in BY_NAME:
            raise _unknown(name)
    return flat


def value_of(settings: Mapping[str, Stored], name: str) -> Any:
    """Return the value in force of a declared setting, None if it has none."""
    setting = BY_NAME[name]
    stored = settings.get(name, setting.default)
    return None if stored is None else setting.parse(stored)


def defaults(settings: Mapping[str, Stored]) -> Flat:
    """Return the defaults of the settings that an index does not set."""
    return {
        setting.name: setting.default
        for setting in TABLE
        if setting.default is not None and setting.name not in settings
    }


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat settings as nested objects."""
    root: dict[str, Any] = {}
    for name in sorted(flat):
        *folders, last = name.split(".")
        place = root
        for at, folder in enumerate(folders):
            inner = place.setdefault(folder, {})
            if not isinstance(inner, dict):
                last = ".".join([*folders[at:], last])
                break
            place = inner
        place[last] = flat[name]
    return root


def _flatten(given: Mapping[str, Any], prefix: str, flat: Flat, depth: int) -> None:
    if depth > 20:
        raise IndexSettingsError("[settings] is nested too deeply")
    for name, value in given.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            _flatten(value, f"{path}.", flat, depth + 1)
        elif isinstance(value, list):
            if any(isinstance(one, Mapping | list) for one in value):
                raise IndexSettingsError(f"[{path}] is a list of something else than values")
            flat[path] = [_written(one) for one in value]
        else:
            flat[path] = _written(value)


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _check_one(name: str, value: Stored) -> None:
    if name.startswith(_ANALYSIS):
        return
    setting = BY_NAME.get(name)
    if setting is None:
        raise _unknown(name)
    try:
        setting.parse(value)
    except ValueError as rule:
        shown = value if isinstance(value, str) else ", ".join(value)
        raise IndexSettingsError(f"Failed to parse value [{shown[:100]}] for setting [{name}]: {rule}") from rule


def _unknown(name: str) -> IndexSettingsError:
    if name in _OURS:
        return IndexSettingsError(f"private index setting [{name}] can not be set explicitly")
    near = difflib.get_close_matches(name[:200], list(BY_NAME), n=1)
    suggestion = f" did you mean [{near[0]}]?" if near else ""
    return IndexSettingsError(
        f"unknown setting [{name[:200]}]{suggestion} please check that any required plugins are installed, or check "
        "the breaking changes documentation for removed settings"
    )
