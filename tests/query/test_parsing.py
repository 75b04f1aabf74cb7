from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError
from isthmus.query.parsing import QUERIES, UNSUPPORTED, Bounds, parse_query
from isthmus.query.tree import Bool, Exists, Fuzziness, Fuzzy, Ids, Match, Query, Range, Regexp, Term, Terms, Wildcard


def parsed(value: Any, **bounds: int) -> Query:
    return parse_query(value, bounds=Bounds(**bounds))


def refusal(value: Any, **bounds: int) -> tuple[str, str]:
    with pytest.raises(IsthmusError) as caught:
        parsed(value, **bounds)
    assert caught.value.status == 400
    return caught.value.type, caught.value.reason


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ({"term": {"f": "v"}}, {"term": {"f": {"value": "v"}}}),
        ({"match": {"f": "a b"}}, {"match": {"f": {"query": "a b"}}}),
        ({"wildcard": {"f": {"wildcard": "a*"}}}, {"wildcard": {"f": {"value": "a*"}}}),
        ({"prefix": {"f": "a"}}, {"prefix": {"f": {"value": "a"}}}),
        ({"ids": {"values": "1"}}, {"ids": {"values": ["1"]}}),
        ({"bool": {"must": {"match_all": {}}}}, {"bool": {"must": [{"match_all": {}}]}}),
        ({"range": {"f": {"from": 1, "to": 2, "include_upper": False}}}, {"range": {"f": {"gte": 1, "lt": 2}}}),
        ({"multi_match": {"query": "a", "fields": "f"}}, {"multi_match": {"query": "a", "fields": ["f^1"]}}),
        (
            {"query_string": {"query": "a", "default_field": "f"}},
            {"query_string": {"query": "a", "fields": ["f"]}},
        ),
    ],
)
def test_a_short_form_means_its_long_form(short: Any, long: Any) -> None:
    assert parsed(short) == parsed(long)


@pytest.mark.parametrize(
    ("value", "tree"),
    [
        ({"term": {"f": {"value": 3, "boost": 2, "_name": "n"}}}, Term(field="f", value=3, boost=2.0, name="n")),
        ({"terms": {"f": ["a", 1], "boost": "2"}}, Terms(field="f", values=("a", 1), boost=2.0)),
        ({"range": {"f": {"gt": 1, "lte": "now/d"}}}, Range(field="f", gt=1, lte="now/d")),
        ({"exists": {"field": "f"}}, Exists(field="f")),
        ({"ids": {"values": ["a", 7]}}, Ids(values=("a", "7"))),
        ({"fuzzy": {"f": "abc"}}, Fuzzy(field="f", value="abc", fuzziness=Fuzziness())),
        ({"regexp": {"f": {"value": "a.c", "flags": "NONE"}}}, Regexp(field="f", value="a.c", flags="NONE")),
        (
            {"wildcard": {"f": {"value": "*", "case_insensitive": True}}},
            Wildcard(field="f", value="*", case_insensitive=True),
        ),
        (
            {"match": {"f": {"query": "a", "fuzziness": "AUTO:2,5", "operator": "AND", "minimum_should_match": 2}}},
            Match(
                field="f",
                query="a",
                operator="and",
                minimum_should_match="2",
                fuzziness=Fuzziness(auto_low=2, auto_high=5),
            ),
        ),
        ({"bool": {"should": [{"term": {"f": 1}}]}}, Bool(should=(Term(field="f", value=1),))),
    ],
)
def test_a_query_becomes_its_node(value: Any, tree: Query) -> None:
    assert parsed(value) == tree


def test_a_wrapper_holds_a_query_in_base64() -> None:
    inner = {"term": {"f": "v"}}
    assert parsed({"wrapper": {"query": base64.b64encode(json.dumps(inner).encode()).decode()}}) == parsed(inner)


@pytest.mark.parametrize(
    ("value", "type_", "reason"),
    [
        ({"matc": {}}, "parsing_exception", "unknown query [matc] did you mean [match]?"),
        (
            {"term": {"f": 1}, "match": {"f": 1}},
            "parsing_exception",
            "[term] malformed query, expected [END_OBJECT] but found [FIELD_NAME]",
        ),
        ({}, "illegal_argument_exception", "query malformed, empty clause found"),
        ([], "parsing_exception", "[_na] query malformed, must start with start_object"),
        ({"term": 3}, "parsing_exception", "[term] query malformed, no start_object after query name"),
        (
            {"match": {"f": {"query": "a", "operater": "and"}}},
            "parsing_exception",
            "[match] query does not support [operater] did you mean [operator]?",
        ),
        ({"match_all": {"foo": 1}}, "parsing_exception", "[match_all] query does not support [foo]"),
        (
            {"term": {"a": 1, "b": 2}},
            "parsing_exception",
            "[term] query doesn't support multiple fields, found [a] and [b]",
        ),
    ],
)
def test_a_wrong_query_is_refused_as_elasticsearch_refuses_it(value: Any, type_: str, reason: str) -> None:
    assert refusal(value) == (type_, reason)


@pytest.mark.parametrize("name", sorted(UNSUPPORTED))
def test_a_query_that_is_not_supported_is_refused_by_name(name: str) -> None:
    assert refusal({name: {}}) == ("parsing_exception", f"[{name}] query is not supported here")


def nested(levels: int) -> Any:
    value: Any = {"match_all": {}}
    for _ in range(levels - 1):
        value = {"bool": {"must": value}}
    return value


def test_a_query_may_be_as_deep_as_the_bound_and_no_deeper() -> None:
    assert parsed(nested(30))
    type_, reason = refusal(nested(31))
    assert (type_, "max_nested_depth" in reason) == ("illegal_argument_exception", True)


def test_a_query_with_too_many_clauses_is_refused() -> None:
    clauses: list[Any] = [{"match_all": {}}] * 9
    assert parsed({"bool": {"should": clauses}}, clauses=10)
    assert refusal({"bool": {"should": [*clauses, clauses[0]]}}, clauses=10) == (
        "too_many_nested_clauses",
        "Query contains too many nested clauses; maxClauseCount is set to 10",
    )


@pytest.mark.parametrize(
    ("value", "setting"),
    [({"terms": {"f": [1, 2, 3]}}, "index.max_terms_count"), ({"regexp": {"f": "abc"}}, "index.max_regex_length")],
)
def test_a_bound_that_is_exceeded_is_named(value: Any, setting: str) -> None:
    assert setting in refusal(value, terms=2, regexp=2)[1]


@pytest.mark.parametrize("boost", [-1, "x", float("nan"), float("inf"), [], {}, True, 10**400])
def test_a_boost_that_is_no_positive_number_is_refused(boost: Any) -> None:
    assert "boost" in refusal({"match_all": {"boost": boost}})[1]


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"bool": {"adjust_pure_negative": False}}, "adjust_pure_negative"),
        ({"prefix": {"f": {"value": "a", "rewrite": "top_terms_5"}}}, "rewrite"),
        ({"fuzzy": {"f": {"value": "a", "rewrite": "constant_score"}}}, "rewrite"),
        ({"match": {"f": {"query": "a", "fuzzy_rewrite": "constant_score"}}}, "fuzzy_rewrite"),
    ],
)
def test_an_option_that_would_change_the_hits_is_never_ignored(value: Any, key: str) -> None:
    assert f"[{key}" in refusal(value)[1]


def test_two_names_of_one_key_are_not_both_taken() -> None:
    assert "[value] and [term]" in refusal({"term": {"f": {"value": 1, "term": 2}}})[1]


@pytest.mark.parametrize(
    ("value", "tree"),
    [
        ({"gt": 1, "gte": 2}, Range(field="f", gte=2)),
        ({"gte": 2, "gt": 1}, Range(field="f", gt=1)),
        ({"from": 1, "include_lower": False, "to": None}, Range(field="f", gt=1)),
        ({"include_lower": False, "gte": 1}, Range(field="f", gte=1)),
    ],
)
def test_of_several_bounds_the_last_one_counts(value: Any, tree: Range) -> None:
    assert parsed({"range": {"f": value}}) == tree


def test_an_escaped_query_string_has_no_operators() -> None:
    assert parsed({"query_string": {"query": "a:(b*", "escape": True}}) == parsed(
        {"query_string": {"query": r"a\:\(b\*"}}
    )


@pytest.mark.parametrize(("bits", "names"), [(4, "OR"), (9, "AND|PREFIX"), (512, "SLOP"), (0, "NONE"), (-1, "ALL")])
def test_flags_may_be_a_number(bits: int, names: str) -> None:
    assert parsed({"simple_query_string": {"query": "a", "flags": bits}}) == parsed(
        {"simple_query_string": {"query": "a", "flags": names}}
    )


@pytest.mark.parametrize("query", ["term", "match", "prefix", "wildcard", "regexp", "fuzzy"])
def test_nothing_may_stand_beside_a_querys_field(query: str) -> None:
    assert refusal({query: {"f": "a", "boost": 2}})[1].endswith("found [f] and [boost]")


def test_no_ids_are_no_error() -> None:
    assert parsed({"ids": {}}) == Ids(values=())


KEYS = st.sampled_from(
    [
        "query",
        "value",
        "values",
        "boost",
        "_name",
        "fields",
        "f",
        "must",
        "should",
        "filter",
        "fuzziness",
        "operator",
        "flags",
        "gte",
        "lt",
        "from",
        "to",
        "slop",
        "index",
        "id",
        "path",
        "positive",
        "negative",
        "negative_boost",
        "queries",
        "type",
        "minimum_should_match",
        "max_expansions",
        "tie_breaker",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.dictionaries(st.sampled_from(sorted(QUERIES)), inner, min_size=1, max_size=1)
    ),
    max_leaves=25,
)


@given(st.sampled_from(sorted(QUERIES)), ANYTHING | st.dictionaries(KEYS, ANYTHING, max_size=5))
def test_whatever_stands_in_a_query_it_is_parsed_or_refused(name: str, body: Any) -> None:
    try:
        parsed({name: body})
    except IsthmusError as error:
        complaint = error
    else:
        return
    assert complaint.status == 400


@given(st.integers(min_value=31, max_value=5_000))
def test_no_depth_exhausts_the_stack(levels: int) -> None:
    assert "max_nested_depth" in refusal(nested(levels))[1]


@pytest.mark.parametrize("value", [True, False, "false"])
def test_synonyms_of_several_words_are_no_matter_where_there_are_none(value: Any) -> None:
    asked = {"query": "a", "auto_generate_synonyms_phrase_query": value}
    assert parsed({"match": {"f": asked}}) == parsed({"match": {"f": "a"}})


@pytest.mark.parametrize("query", ["dis_max", "multi_match"])
@pytest.mark.parametrize("number", [-0.5, 1.5])
def test_a_tie_breaker_is_a_share(query: str, number: float) -> None:
    asked: dict[str, Any] = {"queries": [{"match_all": {}}]} if query == "dis_max" else {"query": "a", "fields": ["f"]}
    assert "[tie_breaker] must be in [0, 1]" in refusal({query: {**asked, "tie_breaker": number}})[1]


def test_ids_of_null_are_not_no_ids() -> None:
    assert refusal({"ids": {"values": None}})[1] == "[ids] query does not support [VALUE_NULL] for [values]"
