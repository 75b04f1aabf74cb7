"""Our hits as another cluster reads and merges them. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from isthmus.index.aggregating.terms import shown_ip
from isthmus.query.partial import Hit, PartialResult, SortValue
from isthmus.query.search_request import SearchRequest
from isthmus.query.sorts import SortKey
from isthmus.wire.generic import Long
from isthmus.wire.layouts import Named

Body = dict[str, Any]

NO_RANK: Final = -1
NO_VERSION: Final = -1
NO_SEQ_NO: Final = -2
SCORE: Final = "_score"
PLACE: Final = "_doc"
ADDRESS_DIGITS: Final = 32
_HEX: Final = re.compile(r"[0-9a-f]+")
_HIGHEST: Final = {"LONG": Long((1 << 63) - 1), "DOUBLE": math.inf}
_LOWEST: Final = {"LONG": Long(-(1 << 63)), "DOUBLE": -math.inf}


@dataclass(frozen=True)
class Origin:
    """Where hits are from: the id of the node that answers, the indices' uuids, what the other side calls this one."""

    node: str
    uuids: Mapping[str, str]
    alias: str | None


def hits_of(request: SearchRequest, result: PartialResult, shown: Sequence[Hit], origin: Origin) -> Body:
    """Return the hits that are `shown`, with what they are counted and sorted by."""
    total = {"value": result.total, "relation": "eq" if result.total_is_exact else "gte"}
    collapsed = request.collapse is not None and bool(shown)
    return {
        "total": total if request.track_total_hits else None,
        "max_score": _score(result.max_score if request.size and is_scored(request) else None),
        "hits": [_hit(request, one, origin) for one in shown],
        "sort_fields": sort_fields(request.sort, shown) if request.sort and shown else None,
        "collapse_field": request.collapse.field if request.collapse is not None and collapsed else None,
        "collapse_values": [_value(one.collapse_key, raw=True) for one in shown] if collapsed else None,
    }


def shard_target(index: str, origin: Origin) -> Body:
    """Return an index of ours as a place over there."""
    uuid = origin.uuids.get(index, "_na_")
    return {"node": origin.node, "index": index, "uuid": uuid, "shard": 0, "alias": origin.alias}


def is_scored(request: SearchRequest) -> bool:
    """Tell whether hits have scores: without a sort they do, with one if they are asked for."""
    return not request.sort or request.track_scores


def hit_alone(request: SearchRequest, hit: Hit, origin: Origin) -> Body:
    """Return a hit without what it is sorted by, which was told before."""
    return _hit(request, hit, origin) | {"sort_shown": [], "sort": []}


def _score(score: float | None) -> float:
    return math.nan if score is None else score


def _hit(request: SearchRequest, hit: Hit, origin: Origin) -> Body:
    has_score = is_scored(request) or any(key.field == SCORE for key in request.sort)
    return {
        "score": _score(hit.score if has_score else None),
        "rank": NO_RANK,
        "id": None if request.stored_fields_none else hit.id,
        "nested": None,
        "version": NO_VERSION if hit.version is None else hit.version,
        "seq_no": NO_SEQ_NO if hit.seq_no is None else hit.seq_no,
        "primary_term": hit.primary_term or 0,
        "source": hit.source or b"",
        "explanation": None if hit.explanation is None else _explanation(hit.explanation),
        "fields": {name: _field(name, values) for name, values in (hit.fields or {}).items()},
        "metadata": _metadata(hit),
        "highlight": [{"name": name, "fragments": texts} for name, texts in (hit.highlight or {}).items()],
        "sort_shown": [_value(one) for one in hit.sort_shown or hit.sort] if request.sort else [],
        "sort": compared(request.sort, hit) if request.sort else [],
        "matched_queries": dict.fromkeys(hit.matched_queries, math.nan),
        "shard": shard_target(hit.index, origin),
        "inner_hits": {},
    }


def _field(name: str, values: Sequence[Any]) -> Body:
    return {"name": name, "values": list(values), "ignored": [], "lookups": []}


def _metadata(hit: Hit) -> Body:
    routing = {} if hit.routing is None else {"_routing": _field("_routing", [hit.routing])}
    return routing | ({"_ignored": _field("_ignored", hit.ignored)} if hit.ignored else {})


def _explanation(told: Mapping[str, Any]) -> Body:
    return {
        "match": True,
        "description": told["description"],
        "details": [_explanation(one) for one in told["details"]],
        "value": Named("f32", float(told["value"])),
    }


def compared(sort: Sequence[SortKey], hit: Hit) -> list[Named]:
    """What is compared over there: where an address is shown, its bytes."""
    shown = hit.sort_shown or hit.sort
    return [
        Named("bytes", bytes.fromhex(str(value))) if is_address(value, told) else _raw(key, value)
        for key, value, told in zip(sort, hit.sort, shown, strict=True)
    ]


def is_address(value: SortValue, shown: Any) -> bool:
    """Tell whether a value that is sorted by is an IP address, by how it is shown."""
    if not isinstance(value, str) or value == shown or len(value) != ADDRESS_DIGITS:
        return False
    return _HEX.fullmatch(value) is not None and shown_ip(value) == shown


def _raw(key: SortKey, value: SortValue) -> Named:
    if key.field == SCORE and isinstance(value, int | float):
        return Named("f32", float(value))
    if key.field == PLACE and isinstance(value, int):
        return Named("i32", value & 0x7FFF_FFFF)
    return _value(value, raw=True)


def _value(value: SortValue, *, raw: bool = False) -> Named:
    match value:
        case None:
            return Named("null", None)
        case bool():
            return Named("bool", value)
        case int():
            return Named("i64", value)
        case float():
            return Named("f64", value)
        case _:
            return Named("bytes", value.encode("utf-8")) if raw else Named("str", value)


def sort_fields(sort: Sequence[SortKey], hits: Sequence[Hit]) -> list[Body]:
    """Return by what the hits are sorted."""
    return [_sort_field(key, [hit.sort[at] for hit in hits]) for at, key in enumerate(sort)]


def _sort_field(key: SortKey, values: Sequence[SortValue]) -> Body:
    if key.field == SCORE:
        return {"field": None, "type": "SCORE", "missing": Named("value", None), "reverse": key.ascending}
    if key.field == PLACE:
        return {"field": None, "type": "DOC", "missing": Named("value", None), "reverse": not key.ascending}
    kind = _type(values)
    return {"field": key.field, "type": kind, "missing": _missing(key, kind), "reverse": not key.ascending}


def _type(values: Sequence[SortValue]) -> str:
    """The type that all values have; values that are missing everywhere may be texts."""
    found = next((one for one in values if one is not None), "")
    if isinstance(found, str):
        return "STRING"
    return "DOUBLE" if isinstance(found, float) else "LONG"


def _missing(key: SortKey, kind: str) -> Named:
    first = key.missing == "_first"
    if kind == "STRING":
        return Named("first" if first else "last", None)
    if key.missing in ("_last", "_first", None):
        return Named("value", (_HIGHEST if first != key.ascending else _LOWEST)[kind])
    return Named("value", key.missing)
