"""A key that is needed and misspelt is named, with the right one."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from isthmus.errors import UsageError
from isthmus.query.body import parse_search
from isthmus.query.parsing import Bounds, parse_query


def refusal(body: dict[str, Any]) -> str:
    with pytest.raises(UsageError) as caught:
        parse_search(body, partial(parse_query, bounds=Bounds()))
    return caught.value.reason


@pytest.mark.parametrize(
    ("query", "wrong", "right"),
    [
        ({"match": {"m": {"querry": "x"}}}, "querry", "query"),
        ({"term": {"m": {"valeu": "x"}}}, "valeu", "value"),
        ({"exists": {"feild": "m"}}, "feild", "field"),
        ({"ids": {"valuse": ["1"]}}, "valuse", "values"),
        ({"query_string": {"quer": "x"}}, "quer", "query"),
        ({"constant_score": {"fliter": {"match_all": {}}}}, "fliter", "filter"),
        ({"dis_max": {"querys": []}}, "querys", "queries"),
        ({"terms": {"m": {"index": "i", "id": "1", "paht": "p"}}}, "paht", "path"),
    ],
)
def test_in_a_query(query: dict[str, Any], wrong: str, right: str) -> None:
    reason = refusal({"query": query})
    assert f"[{wrong}]" in reason
    assert f"did you mean [{right}]?" in reason


@pytest.mark.parametrize(
    ("aggregation", "wrong", "right"),
    [
        ({"terms": {"fields": "f"}}, "fields", "field"),
        ({"max": {"feild": "f"}}, "feild", "field"),
        ({"histogram": {"field": "f", "intervall": 5}}, "intervall", "interval"),
        ({"date_histogram": {"field": "f", "calender_interval": "day"}}, "calender_interval", "calendar_interval"),
        ({"range": {"field": "f", "rangs": []}}, "rangs", "ranges"),
        ({"filters": {"filter": {"a": {"match_all": {}}}}}, "filter", "filters"),
        ({"composite": {"sourcess": []}}, "sourcess", "sources"),
        ({"max_bucket": {"bucket_path": "a>b"}}, "bucket_path", "buckets_path"),
    ],
)
def test_in_an_aggregation(aggregation: dict[str, Any], wrong: str, right: str) -> None:
    (kind,) = aggregation
    assert refusal({"aggs": {"a": aggregation}}) == f"[{kind}] unknown field [{wrong}] did you mean [{right}]?"


def test_elsewhere_in_a_search() -> None:
    assert "unknown field [feild] did you mean [field]?" in refusal({"collapse": {"feild": "f"}})
    assert "unknown field [fields] did you mean [field]?" in refusal({"fields": [{"fields": "f"}]})


def test_what_is_right_is_not_taken_for_a_mistake() -> None:
    assert "[negative]" in refusal({"query": {"boosting": {"positive": {"match_all": {}}, "negative_boost": 0.5}}})
    assert refusal({"aggs": {"a": {"avg": {"format": "0.0"}}}}) == "[avg] requires [field]"
