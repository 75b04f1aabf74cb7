"""Queries over one index (one shard, one segment) are answered as Elasticsearch 8.19.0 answered them when recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import IsthmusError
from isthmus.query.parsing import Bounds, parse_query
from tests.index.projection.small_index import SmallIndex, small_index

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("elasticsearch-scores.json").read_text())
SPARSE = "u"
"""A field that some documents lack: Tantivy's mean length counts them too, so longer texts score less there."""


def loosely_scored(query: dict[str, Any]) -> str | None:
    """Why the scores of a query may differ, None if they may not."""
    told = json.dumps(query)
    if f'"{SPARSE}"' in told or f'"{SPARSE}^' in told or '"*"' in told:
        return "the mean length of a field that some documents lack"
    if '"slop"' in told:
        return "Lucene counts a phrase less the further its terms are apart, Tantivy counts it whole"
    if "match_phrase_prefix" in told:
        return "a document with several ways to end the phrase has each counted in Lucene, the best in ours"
    return None


def refused_by_us(query: dict[str, Any]) -> bool:
    """Whether a query says what the regular expressions of Tantivy's automata cannot say."""
    return any(part in str(query.get("regexp")) for part in ("<1-3>", "~fox"))


@pytest.fixture(scope="module")
def index() -> Iterator[SmallIndex]:
    with small_index(RECORDED["properties"]) as made:
        yield made.add(RECORDED["documents"])


def named(answer: dict[str, Any]) -> str:
    return json.dumps(answer["query"])


@pytest.mark.parametrize("answer", [one for one in RECORDED["answers"] if "scores" in one], ids=named)
def test_a_query_matches_and_scores_as_in_elasticsearch(index: SmallIndex, answer: dict[str, Any]) -> None:
    query = answer["query"]
    if refused_by_us(query):
        with pytest.raises(IsthmusError, match=r"not supported|cannot be run"):
            index.scores(parse_query(query, bounds=Bounds()))
        return
    found = index.scores(parse_query(query, bounds=Bounds()))
    assert set(found) == set(answer["scores"])
    if loosely_scored(query) is None:
        assert found == pytest.approx(answer["scores"], rel=1e-4)


@pytest.mark.parametrize("answer", [one for one in RECORDED["answers"] if "error" in one], ids=named)
def test_what_elasticsearch_refuses_is_refused(index: SmallIndex, answer: dict[str, Any]) -> None:
    with pytest.raises(IsthmusError) as refused:
        index.scores(parse_query(answer["query"], bounds=Bounds()))
    assert refused.value.status == 400


def test_sparse_fields_are_the_only_reason_for_most_loose_scores(index: SmallIndex) -> None:
    loose = [one for one in RECORDED["answers"] if "scores" in one and loosely_scored(one["query"]) is not None]
    assert 0 < len(loose) < len(RECORDED["answers"]) / 5
