"""The types that fields may have, and from a field's definition to a `Field`. Every parameter is read or refused.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/mapping-types.html
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.mapping.errors import MapperParsingError
from isthmus.index.mapping.field import Column, Field
from isthmus.index.mapping.rules import DEFAULTS, Rules
from isthmus.query.date_formats import formats

DATE_FORMAT: Final = "strict_date_optional_time||epoch_millis"
MAX_FIELDS_OF_ONE: Final = 100
MAX_FLATTENED_DEPTH: Final = 20

_ALL: Final = ("copy_to", "fields", "meta", "type")
_VALUES: Final = ("doc_values", "index", "store")
_TERMS: Final = ("eager_global_ordinals", "index_options", "norms", "similarity")
_NUMBER: Final = (*_ALL, *_VALUES, "coerce", "ignore_malformed", "null_value")


@dataclass(frozen=True, slots=True)
class FieldType:
    """A type: the column of its values, and the parameters that it takes."""

    column: Column
    parameters: tuple[str, ...]


TYPES: Final[Mapping[str, FieldType]] = {
    "text": FieldType(
        "text",
        (
            *_ALL,
            "analyzer",
            "fielddata",
            "index",
            "index_options",
            "norms",
            "search_analyzer",
            "similarity",
            "store",
            "position_increment_gap",
            "term_vector",
            "eager_global_ordinals",
        ),
    ),
    "keyword": FieldType(
        "keyword",
        (
            *_ALL,
            *_VALUES,
            "eager_global_ordinals",
            "ignore_above",
            "index_options",
            "norms",
            "null_value",
            "similarity",
        ),
    ),
    "constant_keyword": FieldType("keyword", ("meta", "type", "value")),
    "flattened": FieldType(
        "keyword", ("depth_limit", "doc_values", "eager_global_ordinals", "ignore_above", "index", "meta", "type")
    ),
    "ip": FieldType("keyword", (*_ALL, *_VALUES, "ignore_malformed", "null_value")),
    "long": FieldType("long", _NUMBER),
    "integer": FieldType("long", _NUMBER),
    "short": FieldType("long", _NUMBER),
    "byte": FieldType("long", _NUMBER),
    "double": FieldType("double", _NUMBER),
    "float": FieldType("double", _NUMBER),
    "half_float": FieldType("double", _NUMBER),
    "scaled_float": FieldType("double", (*_NUMBER, "scaling_factor")),
    "date": FieldType("long", (*_ALL, *_VALUES, "format", "ignore_malformed", "locale", "null_value")),
    "boolean": FieldType("long", (*_ALL, *_VALUES, "ignore_malformed", "null_value")),
}
OBJECTS: Final = ("object",)
ALIAS: Final = "alias"
REFUSED: Final = (
    *("aggregate_metric_double", "annotated_text", "binary", "completion", "date_nanos", "date_range"),
    *("dense_vector", "double_range", "float_range", "geo_point", "geo_shape", "histogram", "integer_range"),
    *("ip_range", "join", "long_range", "match_only_text", "murmur3", "nested", "passthrough", "percolator", "point"),
    *("rank_feature", "rank_features", "search_as_you_type", "semantic_text", "shape", "sparse_vector"),
    *("token_count", "unsigned_long", "version", "wildcard"),
)
_ONLY: Final[Mapping[str, tuple[Any, ...]]] = {
    "store": (False, "false"),
    "fielddata": (False, "false"),
    "index_options": ("positions", "docs"),
    "similarity": ("BM25",),
    "term_vector": ("no",),
    "position_increment_gap": (100, "100"),
    "locale": ("ROOT", "ENGLISH", "en", ""),
}


def make_field(path: str, definition: Mapping[str, Any], analyzers: Analyzers, rules: Rules = DEFAULTS) -> Field:
    """Return the field of a definition; `rules` say what it leaves open.

    Raises MapperParsingError that names the type or parameter it is for.
    """
    name = check_type(path, definition)
    known = TYPES[name]
    _check_parameters(path, name, definition, known.parameters)
    analyzer = str(definition.get("analyzer", analyzers.default))
    search = str(definition.get("search_analyzer", analyzer))
    if known.column == "text":
        for one in (analyzer, search):
            _analyzer(path, one, analyzers)
    return Field(
        path=path,
        type=name,
        column=known.column,
        indexed=flag(path, definition, "index", default=True),
        doc_values=name != "text" and flag(path, definition, "doc_values", default=True),
        analyzer=analyzer,
        search_analyzer=search,
        norms=flag(path, definition, "norms", default=name == "text"),
        ignore_above=_number(path, definition, "ignore_above"),
        null_value=definition.get("null_value"),
        formats=_formats(path, definition) if name == "date" else (),
        scale=_scale(path, definition) if name == "scaled_float" else 1.0,
        value=None if definition.get("value") is None else str(definition["value"]),
        copy_to=_texts(path, definition, "copy_to"),
        ignore_malformed=flag(path, definition, "ignore_malformed", default=_ignores(known, rules)),
        coerce=flag(path, definition, "coerce", default=rules.coerce),
        depth_limit=_depth_limit(path, definition),
        meta=_meta(path, definition),
    )


def check_type(path: str, definition: Mapping[str, Any]) -> str:
    """Return the type that a definition names. Raises MapperParsingError."""
    name = definition.get("type")
    if isinstance(name, str) and name in TYPES:
        return name
    if name in REFUSED:
        raise MapperParsingError(
            f"the type [{name}] of field [{path}] is not supported",
            hint="give it another type, or [enabled: false] to keep it in the source alone",
        )
    near = difflib.get_close_matches(str(name)[:100], [*TYPES, *OBJECTS, ALIAS], n=1)
    suggestion = f" did you mean [{near[0]}]?" if near else ""
    raise MapperParsingError(
        f"No handler for type [{str(name)[:100]}] declared on field [{path.rpartition('.')[2]}]{suggestion}"
    )


def flag(path: str, definition: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """Return a parameter that is true or false."""
    value = definition.get(name, default)
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise MapperParsingError(
        f"Could not convert [{path}.{name}] to boolean: Failed to parse value [{str(value)[:50]}] as only [true] or "
        "[false] are allowed."
    )


def _ignores(known: FieldType, rules: Rules) -> bool:
    """The index's rule is for the types that could say it themselves."""
    return rules.ignore_malformed and "ignore_malformed" in known.parameters


def _check_parameters(path: str, type_: str, definition: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name, value in definition.items():
        if name not in known:
            near = difflib.get_close_matches(str(name)[:100], known, n=1)
            suggestion = f" did you mean [{near[0]}]?" if near else ""
            field = path.rpartition(".")[2]
            raise MapperParsingError(
                f"unknown parameter [{str(name)[:100]}] on mapper [{field}] of type [{type_}]{suggestion}"
            )
        allowed = _ONLY.get(name)
        if allowed is not None and value not in allowed:
            raise MapperParsingError(f"[{name}: {str(value)[:50]}] on field [{path}] is not supported")


def _analyzer(path: str, name: str, analyzers: Analyzers) -> None:
    try:
        analyzers.get(name)
    except UsageError as error:
        raise MapperParsingError(f"analyzer [{name[:100]}] has not been configured in mappings for [{path}]") from error


def _number(path: str, definition: Mapping[str, Any], name: str) -> int | None:
    value = definition.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 10:
        raise MapperParsingError(f"[{name}] of field [{path}] is no whole number that is not negative")
    return int(value)


def _depth_limit(path: str, definition: Mapping[str, Any]) -> int:
    limit = _number(path, definition, "depth_limit")
    if limit == 0:
        raise MapperParsingError(f"[depth_limit] of field [{path}] must be positive")
    return MAX_FLATTENED_DEPTH if limit is None else limit


def _formats(path: str, definition: Mapping[str, Any]) -> tuple[str, ...]:
    text = definition.get("format", DATE_FORMAT)
    if not isinstance(text, str):
        raise MapperParsingError(f"[format] of field [{path}] is no text")
    try:
        formats(text)
    except UsageError as error:
        raise MapperParsingError(f"Error parsing [format] on field [{path}]: {error.reason}") from error
    return tuple(part for part in text.split("||") if part)


def _scale(path: str, definition: Mapping[str, Any]) -> float:
    value = definition.get("scaling_factor")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise MapperParsingError(f"Field [{path}] misses required parameter [scaling_factor], a positive number")
    return float(value)


def _texts(path: str, definition: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = definition.get(name, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise MapperParsingError(f"[{name}] of field [{path}] is a name or a list of names")
    return tuple(listed)


def _meta(path: str, definition: Mapping[str, Any]) -> dict[str, str]:
    value = definition.get("meta", {})
    if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value.values()):
        raise MapperParsingError(f"[meta] must be an object of texts, got [{str(value)[:50]}] for field [{path}]")
    return dict(value)
