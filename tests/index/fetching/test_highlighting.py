"""Highlights, compared with those that a real Elasticsearch 8.19.0 gave for the same texts, queries and options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from isthmus.index.fetching.highlighting import Highlighter
from isthmus.query.search_request import HighlightField, SearchRequest
from isthmus.query.tree import (
    Bool,
    Fuzziness,
    Match,
    MatchPhrase,
    MatchPhrasePrefix,
    Prefix,
    Query,
    Term,
    Wildcard,
)
from tests.index.fetching.views import view_of

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "elasticsearch-highlights.json").read_text())
FIELD = "title"
QUERIES: dict[str, Query] = {
    "match": Match(field=FIELD, query="fox dog certificate"),
    "phrase": MatchPhrase(field=FIELD, query="quick fox"),
    "slop": MatchPhrase(field=FIELD, query="quick fox", slop=2),
    "phrase_prefix": MatchPhrasePrefix(field=FIELD, query="the qui"),
    "prefix": Prefix(field=FIELD, value="cert"),
    "wildcard": Wildcard(field=FIELD, value="f?x*"),
    "fuzzy": Match(field=FIELD, query="foz nodes", fuzziness=Fuzziness()),
    "bool": Bool(
        must=(Match(field=FIELD, query="the"),),
        must_not=(Term(field=FIELD, value="alpha"),),
        should=(MatchPhrase(field=FIELD, query="lazy dog"), Term(field=FIELD, value="certificate")),
    ),
    "other": Term(field="tag", value="fox"),
}
OPTIONS: dict[str, HighlightField] = {
    "plain": HighlightField(pattern=FIELD),
    "small": HighlightField(pattern=FIELD, fragment_size=30),
    "mid": HighlightField(pattern=FIELD, fragment_size=60, number_of_fragments=2),
    "score": HighlightField(pattern=FIELD, fragment_size=60, number_of_fragments=3, order_by_score=True),
    "whole": HighlightField(pattern=FIELD, number_of_fragments=0),
    "nomatch": HighlightField(pattern=FIELD, no_match_size=20),
    "html": HighlightField(pattern=FIELD, encoder="html", pre_tags=("[", "{"), post_tags=("]", "}")),
    "loose": HighlightField(pattern=FIELD, require_field_match=False),
}


@pytest.mark.parametrize("answer", RECORDED["answers"], ids=lambda one: f"{one['query']}-{one['options']}")
def test_fragments_are_those_of_elasticsearch(answer: dict[str, Any]) -> None:
    request = SearchRequest(query=QUERIES[answer["query"]], highlight=(OPTIONS[answer["options"]],))
    highlighter = Highlighter(view_of([]), request)

    found = {name: highlighter.highlight({FIELD: text}) for name, text in RECORDED["documents"].items()}

    shown = {name: fragments[FIELD] for name, fragments in found.items() if fragments}
    assert shown == answer["fragments"]
