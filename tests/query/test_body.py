"""The body of a search from JSON, and the URL's parameters over it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError, UsageError
from isthmus.query.body import REFUSED, SOURCES_OF_HITS, SUPPORTED, parse_search
from isthmus.query.overlay import PARAMETERS
from isthmus.query.search_request import MAX_TRACKED, Collapse, HighlightField, PointInTime, SearchRequest
from isthmus.query.sorts import SortKey
from isthmus.query.source_filter import FieldAsked, SourceFilter
from isthmus.query.tree import Exists, MatchAll, Query, QueryString


def parse_exists(value: Any) -> Query:
    """Stands for the queries, which are parsed elsewhere: the one key is a field that exists."""
    return Exists(field=next(iter(value))) if value else MatchAll()


def parse(body: Any, **parameters: str) -> SearchRequest:
    return parse_search(body, parse_exists, parameters)


def refusal(body: Any, **parameters: str) -> str:
    with pytest.raises(IsthmusError) as caught:
        parse(body, **parameters)
    assert caught.value.status == 400
    return f"{caught.value.type}: {caught.value.reason}"


UNDERSTOOD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"query": {"f": {}}, "post_filter": {"g": {}}}, {"query": Exists(field="f"), "post_filter": Exists(field="g")}),
    ({"from": 5, "size": "0"}, {"from_": 5, "size": 0}),
    ({"sort": "n"}, {"sort": (SortKey(field="n"),)}),
    (
        {"sort": [{"n": {"order": "desc", "missing": "_first", "mode": "MAX"}}, "_score"]},
        {
            "sort": (
                SortKey(field="n", ascending=False, missing="_first", mode="max"),
                SortKey(field="_score", ascending=False),
            )
        },
    ),
    ({"sort": ["_score"]}, {"sort": ()}),
    ({"sort": ["n"], "search_after": [3]}, {"sort": (SortKey(field="n"),), "search_after": (3,)}),
    ({"_source": False}, {"source": SourceFilter(enabled=False), "source_given": True}),
    ({"_source": "a*"}, {"source": SourceFilter(includes=("a*",)), "source_given": True}),
    (
        {"_source": {"includes": ["a"], "excludes": "b"}},
        {"source": SourceFilter(includes=("a",), excludes=("b",)), "source_given": True},
    ),
    ({"fields": ["a*", {"field": "t", "format": "yyyy"}]}, {"fields": (FieldAsked("a*"), FieldAsked("t", "yyyy"))}),
    ({"docvalue_fields": ["a"]}, {"docvalue_fields": (FieldAsked("a"),)}),
    ({"stored_fields": "_none_"}, {"stored_fields_none": True}),
    ({"track_total_hits": True}, {"track_total_hits": MAX_TRACKED}),
    ({"track_total_hits": False}, {"track_total_hits": 0}),
    ({"track_total_hits": 5}, {"track_total_hits": 5}),
    ({"timeout": "500ms", "terminate_after": 3}, {"timeout": 0.5, "terminate_after": 3}),
    ({"timeout": "-1"}, {"timeout": None}),
    ({"collapse": {"field": "k"}}, {"collapse": Collapse(field="k")}),
    ({"indices_boost": [{"a*": 2}, {"b": 0.5}]}, {"indices_boost": (("a*", 2), ("b", 0.5))}),
    (
        {"pit": {"id": "p", "keep_alive": "1m"}, "sort": ["n"], "search_after": [1]},
        {
            "point_in_time": PointInTime(id="p", keep_alive=60),
            "sort": (SortKey(field="n"), SortKey(field="_shard_doc")),
            "search_after": (1,),
        },
    ),
    (
        {
            "highlight": {
                "pre_tags": "<b>",
                "post_tags": ["</b>"],
                "order": "score",
                "fields": [{"t": {}}, {"u": {"fragment_size": 20, "order": "none", "highlight_query": {"f": {}}}}],
            }
        },
        {
            "highlight": (
                HighlightField(pattern="t", pre_tags=("<b>",), post_tags=("</b>",), order_by_score=True),
                HighlightField(
                    pattern="u",
                    pre_tags=("<b>",),
                    post_tags=("</b>",),
                    fragment_size=20,
                    highlight_query=Exists(field="f"),
                ),
            )
        },
    ),
    ({"runtime_mappings": {}, "script_fields": {}, "min_score": 0.5}, {"min_score": 0.5}),
]


@pytest.mark.parametrize(("body", "meant"), UNDERSTOOD, ids=[str(body)[:60] for body, _ in UNDERSTOOD])
def test_a_body_means_what_elasticsearch_means_by_it(body: dict[str, Any], meant: dict[str, Any]) -> None:
    assert parse(body) == SearchRequest(**meant)


def test_no_body_asks_for_everything() -> None:
    assert parse(None) == SearchRequest()


# The words are those that Elasticsearch 8.19.0 answered, without its line and column; suggestions are ours.
REFUSALS: list[tuple[Any, str]] = [
    ({"quary": {}}, "parsing_exception: Unknown key for a START_OBJECT in [quary]. did you mean [query]?"),
    ({"zzz": 1}, "parsing_exception: Unknown key for a VALUE_NUMBER in [zzz]."),
    ({"size": -1}, "illegal_argument_exception: [size] parameter cannot be negative, found [-1]"),
    ({"query": 3}, "parsing_exception: Unknown key for a VALUE_NUMBER in [query]."),
    (
        {"sort": [{"n": {"order": "asc", "zz": 1}}]},
        "x_content_parse_exception: [field_sort] unknown field [zz]",
    ),
    ({"sort": [{"_script": {}}]}, "illegal_argument_exception: [sort] by [_script] is not supported"),
    (
        {"search_after": [1, 2], "sort": ["n"]},
        "illegal_argument_exception: search_after has 2 value(s) but sort has 1.",
    ),
    ({"search_after": [1]}, "illegal_argument_exception: Sort must contain at least one field."),
    (
        {"search_after": [1], "sort": ["n"], "from": 3},
        "action_request_validation_exception: "
        "Validation Failed: 1: [from] parameter must be set to 0 when [search_after] is used;",
    ),
    (
        {"track_total_hits": -5},
        "illegal_argument_exception: [track_total_hits] parameter must be positive or equals to -1, got -5",
    ),
    (
        {"timeout": "5x"},
        "illegal_argument_exception: failed to parse setting [timeout] with value [5x] as a time value: "
        "unit is missing or unrecognized",
    ),
    (
        {"stored_fields": "_none_", "_source": True},
        "action_request_validation_exception: "
        "Validation Failed: 1: [stored_fields] cannot be disabled if [_source] is requested;",
    ),
    (
        {"explain": "x"},
        "illegal_argument_exception: Failed to parse value [x] of [explain] as only [true] or [false] are allowed.",
    ),
    (
        {"fields": [{"feild": "x"}]},
        "x_content_parse_exception: [fetch_field_and_format] unknown field [feild] did you mean [field]?",
    ),
    ({"pit": {}}, "x_content_parse_exception: [search] failed to parse field [pit]: point in time id is not provided"),
    (
        {"collapse": {"field": "k", "inner_hits": {}}},
        "x_content_parse_exception: [search] failed to parse field [collapse]: "
        "[inner_hits] of [collapse] is not supported",
    ),
    (
        {"highlight": {"type": "fvh"}},
        "illegal_argument_exception: highlighter type [fvh] is not supported",
    ),
    ([], "parsing_exception: Expected [START_OBJECT] but found [START_ARRAY]"),
]


@pytest.mark.parametrize(("body", "said"), REFUSALS, ids=[said[:60] for _, said in REFUSALS])
def test_a_mistake_is_told_in_the_words_that_users_know(body: Any, said: str) -> None:
    assert refusal(body) == said


@pytest.mark.parametrize("key", REFUSED)
def test_what_is_not_supported_is_refused_by_its_name(key: str) -> None:
    assert refusal({key: {"x": 1}}) == f"illegal_argument_exception: [{key}] of a search is not supported"


@pytest.mark.parametrize("key", SOURCES_OF_HITS)
def test_another_source_of_hits_is_refused_even_if_it_says_nothing(key: str) -> None:
    assert f"[{key}] of a search is not supported" in refusal({key: {}})


def test_parameters_go_over_the_body() -> None:
    body = {"size": 1, "sort": ["a"], "query": {"f": {}}, "_source": ["a"]}
    request = parse(
        body,
        q="k:v",
        df="d",
        default_operator="AND",
        size="7",
        sort="n:desc,k",
        _source_excludes="x,y",
        track_total_hits="true",
        routing="is left alone",
    )
    assert request == SearchRequest(
        query=QueryString(query="k:v", fields=(("d", 1.0),), default_operator="and"),
        size=7,
        sort=(SortKey(field="n", ascending=False), SortKey(field="k")),
        source=SourceFilter(excludes=("x", "y")),
        source_given=True,
        track_total_hits=MAX_TRACKED,
    )


def test_a_wrong_parameter_is_named() -> None:
    assert "[size] with value [x]" in refusal({}, size="x")
    assert "contains parameters [df] but missing" in refusal({}, df="k")
    assert "Unknown order direction [up]" in refusal({}, sort="n:up")
    assert "[explain]" in refusal({}, explain="maybe")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["k", "1m", "asc", "_none_", "5", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["field", "order", "includes", "fields", "id", "keep_alive", "n", "format"]), inner
        )
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from([*SUPPORTED, "other"]), JSON, max_size=4) | JSON,
    st.dictionaries(st.sampled_from(PARAMETERS), st.sampled_from(["", "a", "-1", "7", "true", "a:desc,b", "1m"])),
)
def test_no_request_makes_anything_but_a_value_or_an_error_for_a_person(body: Any, parameters: dict[str, str]) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(parse(body, **parameters), SearchRequest)
