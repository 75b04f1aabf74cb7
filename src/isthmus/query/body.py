"""From the JSON of `_search` to a search request. Every key of Elasticsearch is read, or refused by its name.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-search.html#search-search-api-request-body
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import Aggregation
from isthmus.query.aggregations.buckets import ParseQuery
from isthmus.query.aggregations.parsing import parse_aggregations
from isthmus.query.combination import check_combination
from isthmus.query.counting import seconds, tracked
from isthmus.query.highlight_parsing import parse_highlight
from isthmus.query.json_object import INT_MAX, JsonObject
from isthmus.query.mistakes import ParsingError, did_you_mean, shown, token_of
from isthmus.query.overlay import overlay
from isthmus.query.search_request import DEFAULT_TRACKED, Collapse, PointInTime, SearchRequest
from isthmus.query.shown_parsing import NO_FIELDS, parse_fields, parse_source, source_beside
from isthmus.query.sort_parsing import parse_sort
from isthmus.query.sorts import SortKey
from isthmus.query.source_filter import FieldAsked, SourceFilter
from isthmus.query.tree import MatchAll, Query, Scalar

SUPPORTED: Final = (
    *("_source", "aggregations", "aggs", "collapse", "docvalue_fields", "explain", "fields", "from", "highlight"),
    *("indices_boost", "min_score", "pit", "post_filter", "profile", "query", "search_after", "seq_no_primary_term"),
    *("size", "sort", "stored_fields", "terminate_after", "timeout", "track_scores", "track_total_hits", "version"),
)
REFUSED: Final = (
    *("ext", "knn", "query_rules", "rank", "rescore", "retriever", "runtime_mappings", "script_fields", "slice"),
    *("stats", "sub_searches", "suggest"),
)
SOURCES_OF_HITS: Final = ("knn", "rank", "retriever", "slice")
PARTLY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "collapse": "no `inner_hits`",
        "highlight": "only the type `unified`; no `matched_fields`, `fragmenter`, `boundary_scanner`",
        "sort": "no `_script`, `_geo_distance`, `nested`, `numeric_type`",
    }
)
"""What the keys that are there do not take, in one phrase each."""
MAX_AFTER: Final = 65
MAX_BOOSTS: Final = 1024
NO_PARAMETERS: Final[Mapping[str, str]] = MappingProxyType({})


def parse_search(value: Any, parse_query: ParseQuery, parameters: Mapping[str, str] = NO_PARAMETERS) -> SearchRequest:
    """Return the request that a body says, None for no body, with the URL's `parameters` laid over it.

    Raises ParsingError for a key that is unknown, UsageError for one that is not supported or says something wrong,
    ValidationError for parts that do not go together.
    """
    body: Any = {} if value is None else value
    if not isinstance(body, Mapping):
        raise ParsingError(f"Expected [START_OBJECT] but found [{token_of(body)}]")
    _refuse(body)
    return check_combination(overlay(_request(JsonObject(body, "search"), parse_query), parameters))


def _refuse(body: Mapping[str, Any]) -> None:
    for key, value in body.items():
        # An empty one asks for nothing; many clients always send them. Others say where hits come from.
        if key in REFUSED and (key in SOURCES_OF_HITS or value not in ({}, [], None)):
            raise UsageError(f"[{key}] of a search is not supported")
        if key not in SUPPORTED and key not in REFUSED:
            near = did_you_mean(key, SUPPORTED)
            raise ParsingError(f"Unknown key for a {token_of(value)} in [{shown(key)}].{near}")


def _request(json: JsonObject, parse_query: ParseQuery) -> SearchRequest:
    return SearchRequest(
        query=_query(json, "query", parse_query) or MatchAll(),
        post_filter=_query(json, "post_filter", parse_query),
        from_=_not_negative(json, "from", 0),
        size=_not_negative(json, "size", 10),
        sort=_sort(json),
        search_after=json.read("search_after", _search_after, None),
        source=json.read("_source", parse_source, _source_unsaid(json)),
        source_given="_source" in json,
        stored_fields_none=NO_FIELDS in json.texts("stored_fields"),
        fields=_fields(json, "fields"),
        docvalue_fields=_fields(json, "docvalue_fields"),
        highlight=parse_highlight(json.json("highlight"), parse_query) if "highlight" in json else (),
        aggregations=_aggregations(json, parse_query),
        track_total_hits=tracked(json.json("track_total_hits")) if "track_total_hits" in json else DEFAULT_TRACKED,
        track_scores=json.boolean("track_scores", default=False),
        min_score=json.number("min_score", 0.0) if "min_score" in json else None,
        timeout=seconds(json.json("timeout"), "timeout") if "timeout" in json else None,
        terminate_after=json.integer("terminate_after", 0),
        version=json.boolean("version", default=False),
        seq_no_primary_term=json.boolean("seq_no_primary_term", default=False),
        explain=json.boolean("explain", default=False),
        profile=json.boolean("profile", default=False),
        collapse=json.read("collapse", _collapse, None),
        indices_boost=_indices_boost(json),
        point_in_time=json.read("pit", _point_in_time, None),
    )


def _query(json: JsonObject, key: str, parse_query: ParseQuery) -> Query | None:
    if key not in json:
        return None
    if not isinstance(json.json(key), Mapping):
        raise ParsingError(f"Unknown key for a {token_of(json.json(key))} in [{key}].")
    return parse_query(json.json(key))


def _not_negative(json: JsonObject, key: str, default: int) -> int:
    number = json.integer(key, default, minimum=-INT_MAX)
    if number < 0:
        raise UsageError(f"[{key}] parameter cannot be negative, found [{number}]")
    return number


def _sort(json: JsonObject) -> tuple[SortKey, ...]:
    return parse_sort(json.json("sort")) if "sort" in json else ()


def _fields(json: JsonObject, key: str) -> tuple[FieldAsked, ...]:
    return parse_fields(json.json(key), key) if key in json else ()


def _search_after(value: Any) -> tuple[Scalar, ...]:
    if not isinstance(value, list):
        raise ParsingError(f"Unknown key for a {token_of(value)} in [search_after].")
    for one in value:
        if isinstance(one, list | Mapping):
            raise ParsingError(
                "Expected [VALUE_STRING] or [VALUE_NUMBER] or [VALUE_BOOLEAN] or [VALUE_NULL] "
                f"but found [{token_of(one)}] inside search_after."
            )
    if not 0 < len(value) <= MAX_AFTER:
        raise UsageError(f"Values must contain at least one value, and at most {MAX_AFTER}.")
    return tuple(value)


def _source_unsaid(json: JsonObject) -> SourceFilter:
    return source_beside(json.texts("stored_fields")) if "stored_fields" in json else SourceFilter()


def _aggregations(json: JsonObject, parse_query: ParseQuery) -> tuple[Aggregation, ...]:
    given = [key for key in ("aggs", "aggregations") if key in json]
    if len(given) > 1 and all(json.json(key) for key in given):
        raise ParsingError("Found two aggregation definitions: [aggs] and [aggregations]")
    return tuple(one for key in given for one in parse_aggregations(json.json(key), parse_query))


def _collapse(value: Any) -> Collapse:
    json = JsonObject(value, "collapse")
    json.refuse("inner_hits", "max_concurrent_group_searches")
    collapse = Collapse(field=json.required_text("field"))
    json.end()
    return collapse


def _indices_boost(json: JsonObject) -> tuple[tuple[str, float], ...]:
    value = json.json("indices_boost")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, Mapping) and len(one) == 1 for one in value):
        raise ParsingError(f"Unknown key for a {token_of(value)} in [indices_boost].", hint="give [{index: boost}, …]")
    if len(value) > MAX_BOOSTS:
        raise UsageError(f"[indices_boost] has more than {MAX_BOOSTS} indices")
    return tuple((name, JsonObject(one, "indices_boost").number(name, 1.0, minimum=0)) for one in value for name in one)


def _point_in_time(value: Any) -> PointInTime:
    json = JsonObject(value, "pit")
    id_ = json.text("id")
    if not id_:
        raise UsageError("point in time id is not provided")
    keep_alive = seconds(json.json("keep_alive"), "keep_alive") if "keep_alive" in json else None
    json.end()
    return PointInTime(id=id_, keep_alive=keep_alive)
