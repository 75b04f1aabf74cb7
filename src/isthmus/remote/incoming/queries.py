"""Queries of another cluster as the JSON that our own searches take. Pure.

What says just what holds anyway is left out; what has no counterpart here stays, so that it is refused by name where
the JSON is parsed.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from typing import Any, Final

from isthmus.remote.values import given, plain, shortest
from isthmus.wire.layouts import Named, UnsupportedError

Body = dict[str, Any]

_FUZZY: Final = {"prefix_length": 0, "max_expansions": 50, "fuzzy_transpositions": True}
_FULL_TEXT: Final = _FUZZY | {
    "operator": "or",
    "lenient": False,
    "zero_terms_query": "none",
    "auto_generate_synonyms_phrase_query": True,
    "slop": 0,
    "boost": 1.0,
}
_DEFAULTS: Final[dict[str, Body]] = {
    "multi_match": _FULL_TEXT | {"type": "best_fields"},
    "query_string": {
        "boost": 1.0,
        "default_operator": "or",
        "enable_position_increments": True,
        "fuzziness": "AUTO",
        "fuzzy_prefix_length": 0,
        "fuzzy_max_expansions": 50,
        "phrase_slop": 0,
        "type": "best_fields",
        "escape": False,
        "max_determinized_states": 10_000,
        "auto_generate_synonyms_phrase_query": True,
        "fuzzy_transpositions": True,
        "fields": [],
    },
    "simple_query_string": {
        "boost": 1.0,
        "flags": -1,
        "default_operator": "or",
        "analyze_wildcard": False,
        "auto_generate_synonyms_phrase_query": True,
        "fuzzy_prefix_length": 0,
        "fuzzy_max_expansions": 50,
        "fuzzy_transpositions": True,
        "type": "most_fields",
        "fields": [],
    },
    "fuzzy": {"boost": 1.0, "prefix_length": 0, "max_expansions": 50, "transpositions": True, "fuzziness": "AUTO"},
    "bool": {"boost": 1.0, "adjust_pure_negative": True},
}
_COMMON: Final = {"boost": 1.0, "case_insensitive": False, "force_string_match": False}
_REGEXP_FLAGS: Final = {
    "INTERSECTION": 0x01,
    "COMPLEMENT": 0x02,
    "EMPTY": 0x04,
    "ANYSTRING": 0x08,
    "AUTOMATON": 0x10,
    "INTERVAL": 0x20,
}
_ALL_FLAGS: Final = 0xFF


def query_json(query: Named) -> Body:
    """Return a query as the object that JSON has for it. Raises MalformedError, UnsupportedError by name."""
    write = _WRITERS.get(query.name)
    if write is None:
        raise UnsupportedError(f"the query [{query.name}] is not supported by this cluster")
    body = dict(query.body)
    body["boost"] = _boost(body["boost"])
    return {query.name: write(query.name, body)}


def _boost(boost: float) -> float:
    if not math.isfinite(boost):
        raise UnsupportedError("a boost that is no number is not supported by this cluster")
    return shortest(boost)


def _of_field(name: str, body: Body) -> Body:
    """A query of one field: `{field: {…}}`."""
    field = body.pop("field")
    return {field: _plain_members(name, body)}


def _plain_members(name: str, body: Body) -> Body:
    if "fuzziness" in body:
        body["fuzziness"] = _fuzziness(body["fuzziness"])
    if "fields" in body:
        body["fields"] = [
            field if boost == 1.0 else f"{field}^{shortest(boost)}" for field, boost in body["fields"].items()
        ]
    return given({key: plain(value) for key, value in body.items()}, _DEFAULTS.get(name, _COMMON))


def _fuzziness(value: Body | None) -> str | None:
    if value is None:
        return None
    if value["custom"] is None:
        return str(value["text"])
    low, high = value["custom"]
    return f"{value['text']}:{low},{high}"


def _terms(_name: str, body: Body) -> Body:
    field, lookup, values = body.pop("field"), body.pop("lookup"), body.pop("values")
    sought = given(lookup, {}) if lookup is not None else plain(values)
    return {field: sought} | given(body, _COMMON)


def _range(_name: str, body: Body) -> Body:
    field = body.pop("field")
    lower = "gte" if body.pop("include_lower") else "gt"
    upper = "lte" if body.pop("include_upper") else "lt"
    bounds = {lower: plain(body.pop("from_")), upper: plain(body.pop("to"))}
    return {field: given(bounds | body, _COMMON)}


def _regexp(name: str, body: Body) -> Body:
    flags = body.pop("flags")
    if flags & _ALL_FLAGS != _ALL_FLAGS:
        body["flags"] = "|".join(flag for flag, bit in _REGEXP_FLAGS.items() if flags & bit) or "NONE"
    if body["max_determinized_states"] == 10_000:
        del body["max_determinized_states"]
    return _of_field(name, body)


def _simple_query_string(name: str, body: Body) -> Body:
    lenient, was_set = body.pop("lenient"), body.pop("lenient_set")
    return _plain_members(name, body) | ({"lenient": lenient} if was_set else {})


def _match_none(_name: str, body: Body) -> Body:
    return given({key: value for key, value in body.items() if key != "reason"}, _COMMON)


def _wrapper(_name: str, body: Body) -> Body:
    return {"query": base64.b64encode(body["source"]).decode("ascii")}


def _compound(name: str, body: Body) -> Body:
    """A query that holds others, alone or in lists; lists of none say nothing."""
    for key, value in body.items():
        if isinstance(value, Named):
            body[key] = query_json(value)
        elif isinstance(value, list):
            body[key] = [query_json(one) for one in value] or None
        elif isinstance(value, float):
            body[key] = shortest(value)
    return given(body, _DEFAULTS.get(name, _COMMON))


_WRITERS: Final[dict[str, Callable[[str, Body], Body]]] = {
    **dict.fromkeys(
        (
            *("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix"),
            *("term", "prefix", "wildcard", "fuzzy"),
        ),
        _of_field,
    ),
    **dict.fromkeys(("multi_match", "query_string", "exists", "ids", "match_all"), _plain_members),
    **dict.fromkeys(("bool", "constant_score", "dis_max", "boosting"), _compound),
    "terms": _terms,
    "range": _range,
    "regexp": _regexp,
    "simple_query_string": _simple_query_string,
    "match_none": _match_none,
    "wrapper": _wrapper,
}
_DEFAULTS.update(dict.fromkeys(("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix"), _FULL_TEXT))
