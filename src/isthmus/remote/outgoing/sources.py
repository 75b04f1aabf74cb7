"""Our search as another cluster is asked for it. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-search.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.overlay import WITH_Q
from isthmus.query.search_request import MAX_TRACKED, HighlightField, SearchRequest
from isthmus.query.sorts import SortKey
from isthmus.query.source_filter import FieldAsked
from isthmus.remote.outgoing.aggregations import builders
from isthmus.remote.outgoing.queries import wrapped
from isthmus.wire.generic import HashMap
from isthmus.wire.layouts import Named

Body = dict[str, Any]

UNSET: Final = -1
NOT_TRACKED: Final = -1
_OF_QUERY_STRING: Final = {"df": "default_field"}
_HIGHLIGHTING: Final = (
    *("pre_tags", "post_tags", "fragment_size", "number_of_fragments", "encoder", "type", "fragmenter"),
    *("highlight_query", "order", "highlight_filter", "boundary_scanner", "boundary_max_scan", "boundary_chars"),
    *("boundary_scanner_locale", "no_match_size", "phrase_limit", "options", "require_field_match"),
    "max_analyzed_offset",
)
_NO_HIGHLIGHTING: Final = dict.fromkeys(_HIGHLIGHTING)


def source_of(body: Mapping[str, Any], request: SearchRequest, parameters: Mapping[str, str]) -> Body:
    """Return what is asked for: so many hits that a page can be cut of what all clusters gave.

    `body` is the JSON of the request, `parameters` those of its URL. Raises UsageError by name for what cannot be asked
    of other clusters.
    """
    _check(request)
    return {
        "aggregations": _aggregations(body, request),
        "explain": request.explain or None,
        "fetch_source": _fetch_source(request),
        "docvalue_fields": _fields(request.docvalue_fields),
        "stored_fields": {"fetch": False} if request.stored_fields_none else None,
        "from_": 0,
        "highlight": _highlight(body, request) if request.highlight else None,
        "indices_boost": [(name, boost) for name, boost in request.indices_boost if ":" not in name],
        "min_score": request.min_score,
        "post_filter": wrapped(body["post_filter"]) if body.get("post_filter") is not None else None,
        "queries": _queries(body, parameters),
        "rescorers": None,
        "script_fields": None,
        "size": request.from_ + request.size,
        "sorts": [_sort(key) for key in request.sort] or None,
        "stats": None,
        "suggest": None,
        "terminate_after": request.terminate_after,
        "timeout": None if request.timeout is None else (int(request.timeout * 1000), "ms"),
        "track_scores": request.track_scores,
        "version": request.version or None,
        "seq_no_primary_term": request.seq_no_primary_term or None,
        "ext": [],
        "profile": False,
        "search_after": None if request.search_after is None else list(request.search_after),
        "slice": None,
        "collapse": _collapse(request),
        "track_total_hits": request.track_total_hits or NOT_TRACKED,
        "fields": _fields(request.fields),
        "point_in_time": None,
        "runtime_mappings": HashMap(),
        "knn": [],
        "rank": None,
        "skip_inner_hits": False,
    }


def _check(request: SearchRequest) -> None:
    if request.profile:
        raise UsageError("[profile] of a search across clusters is not supported")
    if request.point_in_time is not None:
        raise UsageError("a point in time of a search across clusters is not supported")
    if request.track_total_hits > MAX_TRACKED:
        raise UsageError(f"[track_total_hits] is at most {MAX_TRACKED}")


def _aggregations(body: Mapping[str, Any], request: SearchRequest) -> Body | None:
    if not request.aggregations:
        return None
    return builders(request.aggregations, body.get("aggs") or body.get("aggregations") or {})


def _queries(body: Mapping[str, Any], parameters: Mapping[str, str]) -> list[Named]:
    """The URL's query counts, if there is one."""
    if "q" in parameters:
        given = {_OF_QUERY_STRING.get(name, name): parameters[name] for name in WITH_Q if name in parameters}
        return [wrapped({"query_string": {"query": parameters["q"], **given}})]
    return [wrapped(body["query"])] if body.get("query") is not None else []


def _fetch_source(request: SearchRequest) -> Body | None:
    asked = request.source
    if not request.source_given and asked.enabled and not asked.includes and not asked.excludes:
        return None
    return {
        "fetch": asked.enabled,
        "exclude_vectors": None,
        "includes": list(asked.includes),
        "excludes": list(asked.excludes),
    }


def _fields(asked: tuple[FieldAsked, ...]) -> list[Body] | None:
    shown = [
        {"field": one.pattern, "format": one.format, "include_unmapped": one.include_unmapped or None} for one in asked
    ]
    return shown or None


def _sort(key: SortKey) -> Named:
    order = "asc" if key.ascending else "desc"
    if key.field == "_score":
        return Named("_score", {"order": order})
    return Named(
        "field_sort",
        {
            "field": key.field,
            "missing": None if key.missing == "_last" else key.missing,
            "order": order,
            "mode": key.mode,
            "unmapped_type": key.unmapped_type,
            "nested": None,
            "numeric_type": key.numeric_type,
            "format": key.format,
        },
    )


def _collapse(request: SearchRequest) -> Body | None:
    if request.collapse is None:
        return None
    return {"field": request.collapse.field, "max_concurrent": 0, "inner_hits": []}


def _highlight(body: Mapping[str, Any], request: SearchRequest) -> Body:
    given = body["highlight"]
    return {
        "common": _NO_HIGHLIGHTING,
        "explicit_order": False,
        "fields": [
            {
                "common": _highlighting(one, _highlight_query(given, one.pattern)),
                "name": one.pattern,
                "fragment_offset": UNSET,
                "matched_fields": None,
            }
            for one in request.highlight
        ],
    }


def _highlight_query(given: Mapping[str, Any], field: str) -> Any:
    fields = given["fields"]
    objects = fields if isinstance(fields, list) else [fields]
    own: Mapping[str, Any] = next((one[field] for one in objects if field in one), {})
    return own.get("highlight_query", given.get("highlight_query"))


def _highlighting(asked: HighlightField, query: Any) -> Body:
    return _NO_HIGHLIGHTING | {
        "pre_tags": list(asked.pre_tags),
        "post_tags": list(asked.post_tags),
        "fragment_size": asked.fragment_size,
        "number_of_fragments": asked.number_of_fragments,
        "encoder": asked.encoder,
        "highlight_query": None if query is None else wrapped(query),
        "order": "score" if asked.order_by_score else None,
        "no_match_size": asked.no_match_size,
        "require_field_match": asked.require_field_match,
    }
