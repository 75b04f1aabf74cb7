"""What a query became reads as Lucene's syntax does."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.query.lucene import parse_lucene
from isthmus.query.parsing import Bounds, parse_query
from isthmus.query.tree import Query, QueryString
from isthmus.query.written import MAX_LENGTH, Writer


def split(field: str, text: str) -> list[str]:
    return text.lower().split() if field == "text" else [text]


def expanded(query: Query) -> Query:
    assert isinstance(query, QueryString)
    return parse_lucene(query, ("text",))


def told(query: dict[str, Any]) -> str:
    return Writer(split, expanded).written(parse_query(query, bounds=Bounds()))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"match_all": {}}, "*:*"),
        ({"match_none": {}}, "nothing"),
        ({"term": {"level": "ERROR"}}, "level:ERROR"),
        ({"term": {"level": {"value": "ERROR", "boost": 2}}}, "(level:ERROR)^2"),
        ({"term": {"cached": True}}, "cached:true"),
        ({"terms": {"level": ["A", "B"]}}, "level:(A B)"),
        ({"ids": {"values": ["1", "2"]}}, "_id:(1 2)"),
        ({"exists": {"field": "user"}}, "user:*"),
        ({"range": {"n": {"gte": 1, "lt": 5}}}, "n:[1 TO 5}"),
        ({"range": {"n": {"gt": 1}}}, "n:{1 TO *]"),
        ({"prefix": {"k": "ab"}}, "k:ab*"),
        ({"wildcard": {"k": "a*b"}}, "k:a*b"),
        ({"regexp": {"k": "a.b"}}, "k:/a.b/"),
        ({"fuzzy": {"k": "ab"}}, "k:ab~AUTO"),
        ({"match": {"text": "Timed OUT"}}, "text:timed text:out"),
        ({"match": {"text": {"query": "Timed OUT", "operator": "and"}}}, "+text:timed +text:out"),
        ({"match": {"text": {"query": "timed", "fuzziness": 1}}}, "text:timed~1"),
        ({"match": {"text": "  "}}, "nothing"),
        ({"match_phrase": {"text": {"query": "Timed out", "slop": 2}}}, 'text:"timed out"~2'),
        ({"match_phrase_prefix": {"text": "timed o"}}, 'text:"timed o*"'),
        ({"match_bool_prefix": {"text": "timed o"}}, "text:timed text:o*"),
        ({"multi_match": {"query": "x", "fields": ["a", "b^2"]}}, "best_fields(a | b^2: x)"),
        ({"constant_score": {"filter": {"term": {"k": "a"}}}}, "ConstantScore(k:a)"),
        ({"dis_max": {"queries": [{"term": {"k": "a"}}, {"term": {"k": "b"}}]}}, "(k:a | k:b)"),
        (
            {
                "bool": {
                    "must": {"match": {"text": "a b"}},
                    "filter": {"term": {"k": "x"}},
                    "must_not": [{"exists": {"field": "n"}}],
                }
            },
            "+(text:a text:b) #k:x -n:*",
        ),
        ({"bool": {"should": [{"term": {"k": "a"}}, {"term": {"k": "b"}}], "minimum_should_match": 1}}, "(k:a k:b)~1"),
        ({"bool": {}}, "*:*"),
        ({"query_string": {"query": "k:a AND n:[1 TO 2]"}}, "+k:a +n:[1 TO 2]"),
    ],
)
def test_a_query_in_words(query: dict[str, Any], words: str) -> None:
    assert told(query) == words


def test_a_query_of_thousands_of_values_is_cut() -> None:
    assert told({"terms": {"k": [f"{n}" for n in range(200)]}}).endswith("99 … 100 more)")
    assert len(told({"term": {"k": "x" * 20_000}})) == MAX_LENGTH + 1
