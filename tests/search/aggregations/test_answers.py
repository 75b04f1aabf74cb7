"""Answers that real engines gave, over two indices, are what comes of our own parsing, merging and finishing.

`answers.json` was recorded from Elasticsearch 8.19.0, and from OpenSearch 2.19.4 for pipelines that its jars lack.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from isthmus.query.aggregations.parsing import parse_aggregations
from isthmus.query.partial import Partial
from isthmus.query.tree import MatchAll, MatchNone, Query, Term
from isthmus.search.aggregations.finishing import finish
from isthmus.search.aggregations.merging import merge_aggregations
from isthmus.search.aggregations.rendering import Rendering
from isthmus.search.response import top_hits
from tests.search.aggregations.calendar import Calendar
from tests.search.aggregations.small_index import parts_of

RECORDED = json.loads((Path(__file__).parent / "answers.json").read_text())
ENOUGH = 1e-12


def parse_query(value: Any) -> Query:
    """The queries that recorded requests use."""
    ((kind, body),) = value.items()
    if kind == "term":
        ((field, wanted),) = body.items()
        return Term(field=field, value=wanted)
    return MatchAll() if kind == "match_all" else MatchNone()


def sent(parts: dict[str, Partial]) -> dict[str, Partial]:
    """The parts as they come from another node."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(parts), type=dict[str, Partial])


def ours(case: dict[str, Any]) -> Any:
    asked = parse_aggregations(case["aggs"], parse_query)
    documents = RECORDED["documents"] if case["query"] == "match_all" else []
    first = RECORDED["first_index"]
    merged = merge_aggregations(asked, sent(parts_of(asked, documents[:first])), parts_of(asked, documents[first:]))
    calendar = Calendar()
    rendering = Rendering(calendar, top_hits, typed_keys=True)
    return json.loads(json.dumps(rendering.named(finish(asked, merged, calendar))))


def close(value: Any) -> Any:
    """The same answer, its numbers equal to those that differ by less than a rounding error."""
    match value:
        case dict():
            return {name: close(one) for name, one in value.items()}
        case list():
            return [close(one) for one in value]
        case float():
            return pytest.approx(value, rel=ENOUGH, abs=ENOUGH)
    return value


@pytest.mark.parametrize(
    "case",
    RECORDED["answers"],
    ids=[f"{case['query']} {json.dumps(case['aggs'])[:70]}" for case in RECORDED["answers"]],
)
def test_we_answer_as_a_real_engine_did(case: dict[str, Any]) -> None:
    assert ours(case) == close(case["answer"])
