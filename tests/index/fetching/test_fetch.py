"""Hits show what a request asks for, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from isthmus.index.fetching import Chosen, FetchView, fetch
from isthmus.index.ledger.operation import StoredDocument
from isthmus.query.partial import Hit
from isthmus.query.search_request import SearchRequest
from isthmus.query.source_filter import FieldAsked, SourceFilter
from isthmus.query.tree import Bool, Range, Term
from tests.index.fetching.views import view_of

DOCUMENTS: list[dict[str, Any]] = [
    {"title": "The quick fox", "tag": ["b", "a", "b"], "n": [3, 1, 3], "on": True},
    {"tag": "much too long a tag", "n": 5},
]


def hits_of(request: SearchRequest, view: FetchView | None = None) -> list[Hit]:
    """All documents, in the order of their scores, as `request` shows them."""
    view = view or view_of(DOCUMENTS)
    found = view.searcher.search(view.translate(request.query), 10).hits
    numbers = view.searcher.fast_field_values("_seq", [address for _, address in found])
    chosen = [
        Chosen(seq_no=int(number or 0), address=address, score=score)
        for number, (score, address) in zip(numbers, found, strict=True)
    ]
    documents = {
        place: StoredDocument(id=f"d{place}", seq_no=place, version=7, routing="r", source=spaced(document))
        for place, document in enumerate(DOCUMENTS)
    }
    return sorted(fetch(view, request, chosen, documents), key=lambda hit: hit.id)


def spaced(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1).encode()


def test_a_source_that_is_not_filtered_keeps_its_bytes() -> None:
    assert hits_of(SearchRequest())[0].source == spaced(DOCUMENTS[0])


def test_a_source_shows_what_is_included_less_what_is_excluded() -> None:
    wanted = SourceFilter(includes=("t*", "n"), excludes=("title",))

    assert json.loads(hits_of(SearchRequest(source=wanted))[0].source or b"") == {
        "tag": ["b", "a", "b"],
        "n": [3, 1, 3],
    }


def test_without_stored_fields_neither_source_nor_routing_is_shown_unless_the_source_is_asked_for() -> None:
    bare = hits_of(SearchRequest(stored_fields_none=True))[0]
    asked = hits_of(SearchRequest(stored_fields_none=True, source_given=True))[0]

    assert (bare.source, bare.routing) == (None, None)
    assert asked.source == spaced(DOCUMENTS[0])


def test_versions_and_sequence_numbers_are_shown_only_when_asked_for() -> None:
    plain, numbered = (hits_of(SearchRequest(version=on, seq_no_primary_term=on))[1] for on in (False, True))

    assert (plain.version, plain.seq_no, plain.primary_term, plain.routing) == (None, None, None, "r")
    assert (numbered.version, numbered.seq_no, numbered.primary_term) == (7, 1, 1)


def test_fields_are_shown_by_mapping_with_multi_fields_and_aliases_in_the_order_of_the_source() -> None:
    asked = tuple(map(FieldAsked, ("title*", "label", "on", "nowhere*")))

    assert hits_of(SearchRequest(fields=asked))[0].fields == {
        "title": ["The quick fox"],
        "title.raw": ["The quick fox"],
        "label": ["b", "a", "b"],
        "on": [True],
    }


def test_docvalue_fields_are_sorted_and_formatted_and_keywords_are_shown_once() -> None:
    asked = (FieldAsked("tag"), FieldAsked("n*", "!"))

    assert hits_of(SearchRequest(docvalue_fields=asked))[0].fields == {"tag": ["a", "b"], "n": ["1!", "3!", "3!"]}


def test_a_value_that_was_ignored_is_named_and_not_among_the_fields() -> None:
    hit = hits_of(SearchRequest(fields=(FieldAsked("tag"),)))[1]

    assert (hit.ignored, hit.fields) == (("tag",), None)


def test_the_names_of_the_queries_that_match_are_shown_for_each_hit() -> None:
    named = (Term(field="tag", value="a", name="tagged"), Range(field="n", gte=3, name="three or more"))

    hits = hits_of(SearchRequest(query=Bool(should=named)))

    assert [hit.matched_queries for hit in hits] == [("tagged", "three or more"), ("three or more",)]


def test_an_explanation_has_the_score_of_its_hit_and_the_shape_that_clients_read() -> None:
    hit = hits_of(SearchRequest(query=Term(field="tag", value="a"), explain=True))[0]

    assert hit.explanation is not None
    assert hit.explanation["value"] == hit.score
    assert_shape(hit.explanation)


def assert_shape(told: dict[str, Any]) -> None:
    assert set(told) == {"value", "description", "details"}
    for detail in told["details"]:
        assert_shape(detail)


def test_an_index_that_ignores_nothing_is_not_parsed_for_a_plain_search() -> None:
    def unparsed(_source: bytes) -> Any:
        pytest.fail("a plain hit was parsed")

    view = replace(view_of(DOCUMENTS), parse=unparsed, may_ignore=lambda _: False)

    assert len(hits_of(SearchRequest(), view)) == 2
