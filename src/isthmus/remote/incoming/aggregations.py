"""Aggregations that another cluster asks for as the JSON that our own searches take. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from isthmus.remote.incoming.queries import query_json
from isthmus.remote.values import given, plain
from isthmus.wire.layouts import Named, UnsupportedError

Body = dict[str, Any]

_SOURCE: Final = ("field", "format", "missing", "time_zone")
_KEYED: Final = {"keyed": False}


def aggregations_json(asked: Body | None) -> Body:
    """Return what is asked for as the object of `aggs`; empty for nothing.

    Raises UnsupportedError by name, also for an aggregation that stands there twice.
    """
    if asked is None:
        return {}
    found = {one.body["name"]: _aggregation(one) for one in asked["aggregations"]}
    if len(found) != len(asked["aggregations"]):
        raise UnsupportedError("two aggregations of the same name are not supported by this cluster")
    return found


def _aggregation(asked: Named) -> Body:
    write = _WRITERS.get(asked.name)
    if write is None:
        raise UnsupportedError(f"the aggregation [{asked.name}] is not supported by this cluster")
    definition: Body = {asked.name: write(asked.body["body"])}
    if below := aggregations_json(asked.body["below"]):
        definition["aggs"] = below
    if (meta := plain(asked.body["meta"])) is not None:
        definition["meta"] = meta
    return definition


def _source(body: Body) -> Body:
    """Where the values are from."""
    if body["script"] is not None:
        raise UnsupportedError("the [script] of an aggregation is not supported by this cluster")
    if body["value_type"] is not None:
        raise UnsupportedError("the [value_type] of an aggregation is not supported by this cluster")
    return given({name: plain(body[name]) for name in _SOURCE}, {})


def _terms(body: Body) -> Body:
    if body["exclude_deleted"]:
        raise UnsupportedError("terms without deleted documents are not supported by this cluster")
    found = _source(body) | {"size": body["size"], "min_doc_count": body["min_doc_count"]}
    if body["shard_size"] > 0:
        found["shard_size"] = body["shard_size"]
    if body["shard_min_doc_count"] > 0:
        found["shard_min_doc_count"] = body["shard_min_doc_count"]
    found |= given({name: body[name] for name in ("collect_mode", "execution_hint")}, {})
    found |= _included(body["include_exclude"])
    found["order"] = _order(body["order"])
    found["show_term_doc_count_error"] = body["show_error"]
    return found


def _included(body: Body | None) -> Body:
    if body is None:
        return {}
    if body["regular"] is not None:
        include, exclude = body["regular"]
        return given({"include": include, "exclude": exclude}, {})
    if body["partitions"]:
        return {"include": {"partition": body["partition"], "num_partitions": body["partitions"]}}
    return {
        name: [one.decode("utf-8", "replace") for one in body[name]] for name in ("include", "exclude") if body[name]
    }


def _order(order: Named) -> list[Body]:
    match order.name:
        case "compound":
            return [one for part in order.body for one in _order(part)]
        case "aggregation":
            return [{order.body["path"]: "asc" if order.body["ascending"] else "desc"}]
        case _:
            what, direction = order.name.split("_")
            return [{f"_{what}": direction}]


def _ranges(body: Body) -> Body:
    return (
        _source(body) | {"ranges": [_range_of(one) for one in body["ranges"]]} | given({"keyed": body["keyed"]}, _KEYED)
    )


def _range_of(one: Body) -> Body:
    bounds = {
        "key": one["key"],
        "from": _bound(one["from_text"], one["original_from"], one["from_"]),
        "to": _bound(one["to_text"], one["original_to"], one["to"]),
    }
    return given(bounds, {})


def _bound(text: str | None, original: float | None, number: float) -> Any:
    if text is not None:
        return text
    exact = number if original is None else original
    return exact if math.isfinite(exact) else None


def _histogram(body: Body) -> Body:
    return (
        _source(body)
        | _buckets_of(body)
        | {"interval": body["interval"], "offset": body["offset"]}
        | {name: given(body[name], {}) for name in ("extended_bounds", "hard_bounds") if body[name] is not None}
    )


def _buckets_of(body: Body) -> Body:
    return {"min_doc_count": body["min_doc_count"], "order": _order(body["order"])} | given(
        {"keyed": body["keyed"]}, _KEYED
    )


def _date_histogram(body: Body) -> Body:
    if body["interval_kind"] not in ("fixed", "calendar"):
        raise UnsupportedError("a [date_histogram] without [fixed_interval] or [calendar_interval] is not supported")
    return (
        _source(body)
        | _buckets_of(body)
        | {f"{body['interval_kind']}_interval": body["interval"], "offset": body["offset"]}
        | {name: _date_bounds(body[name]) for name in ("extended_bounds", "hard_bounds") if body[name] is not None}
    )


def _date_bounds(bounds: Body) -> Body:
    texts = {"min": bounds["min_text"], "max": bounds["max_text"]}
    return given({side: bounds[side] if texts[side] is None else texts[side] for side in ("min", "max")}, {})


def _filter(body: Body) -> Body:
    return query_json(body["filter"])


def _filters(body: Body) -> Body:
    filters: Any = [query_json(one["query"]) for one in body["filters"]]
    if body["keyed"]:
        filters = {one["key"]: query for one, query in zip(body["filters"], filters, strict=True)}
    found: Body = {"filters": filters}
    if body["other_bucket"]:
        found |= {"other_bucket": True, "other_bucket_key": body["other_bucket_key"]}
    return found | given({"keyed": body["keyed_bucket"]}, {"keyed": True})


def _extended_stats(body: Body) -> Body:
    return _source(body) | {"sigma": body["sigma"]}


def _percentiles(body: Body) -> Body:
    return _source(body) | {"percents": list(body["percents"]), "keyed": body["keyed"]}


_WRITERS: Final[dict[str, Callable[[Body], Body]]] = {
    **dict.fromkeys(("missing", "avg", "sum", "min", "max", "stats", "value_count"), _source),
    **dict.fromkeys(("range", "date_range"), _ranges),
    "terms": _terms,
    "histogram": _histogram,
    "date_histogram": _date_histogram,
    "filter": _filter,
    "filters": _filters,
    "global": lambda _body: {},
    "extended_stats": _extended_stats,
    "percentiles": _percentiles,
}
