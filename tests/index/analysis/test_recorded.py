"""Tokens are those that a real engine answered with (`record` asks anew)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from isthmus.index.analysis.analyzer import Analyzer
from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.analysis.offsets import utf16_offsets

Recorded = dict[str, Any]
RECORDED: Final[list[Recorded]] = [
    json.loads(line) for line in Path(__file__).with_name("recorded.jsonl").read_text().splitlines()
]
SPLIT: Final = [one for one in RECORDED if one["body"].get("analyzer", "stop") in ("simple", "standard", "stop")]
OTHER_STEMS: Final = ("dutch", "english", "french", "italian", "portuguese", "spanish")
"""Languages that Lucene stems by other rules than Tantivy's Snowball: lighter ones, Porter's first, or older ones."""
NO_STOPWORDS: Final = ("arabic", "greek", "romanian")
"""Languages of whose common words Tantivy has no list."""
OTHER_SNOWBALL: Final = ("dutch", "english", "french")
"""Tantivy's Snowball is newer than Lucene's: for these it was changed."""


def name_of(one: Recorded) -> str:
    return json.dumps(one["body"])[:90]


def language_of(one: Recorded) -> str:
    return str(one["body"].get("analyzer", one["body"].get("filter", [{}])[-1]))


def snowball_of(one: Recorded) -> str | None:
    last = one["body"].get("filter", [None])[-1]
    return str(last["language"]).lower() if isinstance(last, dict) else None


def analyzer_of(body: dict[str, Any]) -> Analyzer:
    if "analyzer" in body:
        return Analyzers().get(body["analyzer"])
    defined = [one for one in body.get("filter", []) if isinstance(one, dict)]
    settings = {f"index.analysis.filter.own.{key}": value for one in defined for key, value in one.items()}
    names = ["own" if isinstance(one, dict) else one for one in body.get("filter", [])]
    return Analyzers(settings).assembled(body["tokenizer"], names)


def ours(body: dict[str, Any]) -> list[list[Any]]:
    at = utf16_offsets(body["text"])
    return [
        [one.token, at[one.start_offset], at[one.end_offset], one.type, one.position]
        for one in analyzer_of(body).tokens(body["text"])
    ]


@pytest.mark.parametrize("one", [one for one in SPLIT if snowball_of(one) is None], ids=name_of)
def test_text_is_split_as_lucene_splits_it(one: Recorded) -> None:
    if one["body"].get("tokenizer") == "keyword" and not one["body"]["text"]:
        assert one["tokens"] == [["", 0, 0, "word", 0]]
        assert ours(one["body"]) == []  # a term without a letter cannot be kept
        return
    assert ours(one["body"]) == one["tokens"]


@pytest.mark.parametrize(
    "one",
    [one for one in RECORDED if one not in SPLIT and language_of(one) not in (*OTHER_STEMS, *NO_STOPWORDS)],
    ids=name_of,
)
def test_a_language_that_tantivy_knows_as_lucene_does_gives_the_same_terms(one: Recorded) -> None:
    assert ours(one["body"]) == one["tokens"]


@pytest.mark.parametrize("one", [one for one in RECORDED if language_of(one) in OTHER_STEMS], ids=name_of)
def test_a_language_of_other_stems_leaves_the_same_words_at_the_same_places(one: Recorded) -> None:
    assert [token[1:] for token in ours(one["body"])] == [token[1:] for token in one["tokens"]]


@pytest.mark.parametrize(
    "one", [one for one in RECORDED if snowball_of(one) not in (None, *OTHER_SNOWBALL)], ids=name_of
)
def test_the_snowball_filter_gives_lucene_s_stems(one: Recorded) -> None:
    assert ours(one["body"]) == one["tokens"]


def test_an_english_possessive_is_no_part_of_a_word() -> None:
    (found,) = [one for one in RECORDED if one["body"] == {"analyzer": "english", "text": "it’s John’s ‘so’"}]

    assert ours(found["body"]) == found["tokens"]
    assert [token[0] for token in found["tokens"]] == ["john", "so"]
