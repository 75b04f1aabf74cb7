"""The body of another cluster's search as the JSON that our own searches take. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from isthmus.query.search_request import MAX_TRACKED
from isthmus.remote.incoming.aggregations import aggregations_json
from isthmus.remote.incoming.queries import query_json
from isthmus.remote.values import given, plain, shortest
from isthmus.wire.layouts import Named, UnsupportedError

Body = dict[str, Any]

_ABSENT: Final = ("rescorers", "slice", "rank", "stats")
"""What nothing here has a counterpart for: refused by name where it says something."""
_NAMES: Final = {"rescorers": "rescore"}
_FLAGS: Final = {
    "explain": False,
    "track_scores": False,
    "version": False,
    "seq_no_primary_term": False,
    "profile": False,
    "terminate_after": 0,
}
_MILLISECONDS: Final = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def body_json(source: Mapping[str, Any] | None) -> bytes:
    """Return a search's body as JSON; empty for a search that says nothing. Raises UnsupportedError by name."""
    return b"" if source is None else msgspec.json.encode(_body(source))


def milliseconds(time: tuple[int, str]) -> int:
    """Return a duration in milliseconds."""
    return int(time[0] * _MILLISECONDS[time[1]])


def _body(source: Mapping[str, Any]) -> Body:
    _refuse(source)
    body = given({name: source[name] for name in _FLAGS}, _FLAGS)
    body |= {name: source[wire] for name, wire in (("from", "from_"), ("size", "size")) if source[wire] >= 0}
    if source["queries"]:
        body["query"] = query_json(source["queries"][0])
    if source["post_filter"] is not None:
        body["post_filter"] = query_json(source["post_filter"])
    if source["min_score"] is not None:
        body["min_score"] = shortest(source["min_score"])
    if source["timeout"] is not None:
        body["timeout"] = f"{milliseconds(source['timeout'])}ms"
    if source["track_total_hits"] is not None:
        body["track_total_hits"] = _tracked(source["track_total_hits"])
    if aggregations := aggregations_json(source["aggregations"]):
        body["aggs"] = aggregations
    return body | _order(source) | _shown(source)


def _refuse(source: Mapping[str, Any]) -> None:
    for name in _ABSENT:
        if source[name]:
            raise UnsupportedError(f"[{_NAMES.get(name, name)}] is not supported by this cluster")
    if source["script_fields"]:
        raise UnsupportedError("[script_fields] is not supported by this cluster")
    if source["runtime_mappings"]:
        raise UnsupportedError("[runtime_mappings] is not supported by this cluster")
    if len(source["queries"]) > 1:
        raise UnsupportedError("a search of several queries is not supported by this cluster")


def _tracked(limit: int) -> bool | int:
    return limit != -1 if limit in (-1, MAX_TRACKED) else limit


def _order(source: Mapping[str, Any]) -> Body:
    """What says in which order hits come, and which of them."""
    found: Body = {}
    if source["sorts"]:
        found["sort"] = [_sort(one) for one in source["sorts"]]
    if source["search_after"] is not None:
        found["search_after"] = plain(source["search_after"])
    if source["collapse"] is not None:
        found["collapse"] = {"field": source["collapse"]["field"]}
    if source["indices_boost"]:
        found["indices_boost"] = [{name: shortest(boost)} for name, boost in source["indices_boost"]]
    if source["point_in_time"] is not None:
        found["pit"] = _point_in_time(source["point_in_time"])
    return found


def _sort(sort: Named) -> Body:
    if sort.name == "_score":
        return {"_score": {"order": sort.body["order"]}}
    how = dict(sort.body)
    return {how.pop("field"): given({name: plain(value) for name, value in how.items()}, {})}


def _point_in_time(point: Body) -> Body:
    found = {"id": base64.urlsafe_b64encode(point["id"]).decode("ascii")}
    if point["keep_alive"] is not None:
        found["keep_alive"] = f"{milliseconds(point['keep_alive'])}ms"
    return found


def _shown(source: Mapping[str, Any]) -> Body:
    """What is shown of hits."""
    found: Body = {}
    if source["fetch_source"] is not None:
        found["_source"] = _fetched(source["fetch_source"])
    if source["stored_fields"] is not None:
        found["stored_fields"] = (
            plain(source["stored_fields"]["names"]) if source["stored_fields"]["fetch"] else ["_none_"]
        )
    for name in ("fields", "docvalue_fields"):
        if source[name]:
            found[name] = [given(one, {}) for one in source[name]]
    if source["highlight"] is not None:
        found["highlight"] = _highlight(source["highlight"])
    return found


def _fetched(source: Body) -> Any:
    if not source["fetch"] or not (source["includes"] or source["excludes"]):
        return source["fetch"]
    return {"includes": source["includes"], "excludes": source["excludes"]}


def _highlight(highlight: Body) -> Body:
    fields = [{one["name"]: _highlighting(one["common"]) | _of_field(one)} for one in highlight["fields"]]
    return _highlighting(highlight["common"]) | {"fields": fields}


def _of_field(field: Body) -> Body:
    offset = {} if field["fragment_offset"] == -1 else {"fragment_offset": field["fragment_offset"]}
    return offset | given({"matched_fields": field["matched_fields"]}, {})


def _highlighting(common: Body) -> Body:
    found = {
        name: plain(value) for name, value in common.items() if name not in ("highlight_query", "highlight_filter")
    }
    if common["highlight_query"] is not None:
        found["highlight_query"] = query_json(common["highlight_query"])
    return given(found, {})
