"""Pages of hits by random keys are those that sorting all documents gives, and page after page shows each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.errors import UsageError
from isthmus.index.mapping.converting import for_query
from isthmus.index.projection.translate.translator import Translator
from isthmus.index.searching import ordered
from isthmus.index.searching.entry import Entry
from isthmus.index.searching.keys import Key, NoMappingFoundError, resolve
from isthmus.index.searching.page import Page, Wanted, find
from isthmus.index.searching.scopes import Scope
from isthmus.query.sorts import SortKey
from isthmus.query.tree import MatchAll, Query, Scalar, Term
from tests.index.projection.small_index import SmallIndex, small_index

PROPERTIES = {
    "k": {"type": "keyword"},
    "ks": {"type": "keyword"},
    "n": {"type": "long"},
    "ns": {"type": "long"},
    "x": {"type": "double"},
    "xs": {"type": "double"},
    "even": {"type": "boolean"},
    "t": {"type": "text"},
}
TEXTS = ["", "a", "ab", "b", "é", "\U00010000", "\ue000", "a.b*"]
WHOLES = [-7, 0, 1, 2, 1 << 60]
NUMBERS = [-2.5, 0.0, 0.5, 1e300]
CHOICES: dict[str, list[Any]] = {"k": TEXTS, "ks": TEXTS, "n": WHOLES, "ns": WHOLES, "x": NUMBERS, "xs": NUMBERS}


def documents() -> list[dict[str, Any]]:
    """Documents with many equal values, some with several, some with none."""
    found = []
    for place in range(90):
        one: dict[str, Any] = {"even": place % 2 == 0, "t": "word " * (place % 3 + 1)}
        for at, (name, choices) in enumerate(CHOICES.items()):
            count = (place + at) % 4 if name.endswith("s") else min(1, (place + at) % 5)
            picked = [choices[(place * (at + 2) + step * 3) % len(choices)] for step in range(count)]
            if picked:
                one[name] = picked if len(picked) > 1 else picked[0]
        found.append(one)
    return found


DOCUMENTS = documents()


@pytest.fixture(scope="module")
def index() -> Iterator[SmallIndex]:
    with small_index(PROPERTIES) as made:
        yield made.add(DOCUMENTS, commits=35)


def values_of(document: dict[str, Any], name: str) -> list[Any]:
    value = document.get(name, [])
    return list(value) if isinstance(value, list) else [value]


def sort_value(document: dict[str, Any], key: SortKey) -> Any:
    """The value that counts for a key, None where a document has none."""
    values = values_of(document, key.field)
    if not values:
        return None if key.missing in ("_last", "_first") else key.missing
    greatest = not key.ascending if key.mode is None else key.mode == "max"
    return max(values) if greatest else min(values)


def compare(one: Any, other: Any, key: SortKey) -> int:
    if one == other:
        return 0
    if one is None or other is None:
        return 1 if (one is None) == (key.missing != "_first") else -1
    return -1 if (one < other) == key.ascending else 1


def expected_order(keys: Sequence[SortKey], places: Sequence[int]) -> list[int]:
    """The places of documents, sorted by keys and then as they were written."""

    def order(one: int, other: int) -> int:
        for key in keys:
            found = compare(sort_value(DOCUMENTS[one], key), sort_value(DOCUMENTS[other], key), key)
            if found:
                return found
        return one - other

    return sorted(places, key=cmp_to_key(order))


@pytest.fixture(autouse=True, params=["all are sorted", "the extremes first"])
def _of_large_indices(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done of many documents is done of few too."""
    if request.param == "the extremes first":
        monkeypatch.setattr(ordered, "MANY", 1)
        monkeypatch.setattr(ordered, "EXTREMES", 4)


def sort_keys() -> st.SearchStrategy[SortKey]:
    def of(name: str) -> st.SearchStrategy[SortKey]:
        missing: st.SearchStrategy[Scalar] = st.sampled_from(["_last", "_first"])
        if name[0] in "nx":
            missing = missing | st.sampled_from(CHOICES[name])
        return st.builds(
            SortKey,
            field=st.just(name),
            ascending=st.booleans(),
            missing=missing,
            mode=st.sampled_from([None, "min", "max"]),
        )

    return st.sampled_from(sorted(CHOICES)).flatmap(of)


def searched(index: SmallIndex, query: Query, keys: Sequence[Key], **wanted: Any) -> Page:
    reading = index.reading()
    translated = Translator(index.surroundings(reading)).query(query)
    return find(Scope(reading), translated, Wanted(keys=keys, **wanted))


def resolved(index: SmallIndex, keys: Sequence[SortKey]) -> list[Key]:
    return resolve(keys, index.mapping.field, index.reading(), for_query)


def places(found: Sequence[Entry]) -> list[int]:
    return [one.seq_no for one in found]


QUERIES: dict[str, tuple[Query, list[int]]] = {
    "all": (MatchAll(), list(range(len(DOCUMENTS)))),
    "even": (Term(field="even", value=True), list(range(0, len(DOCUMENTS), 2))),
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(sort_keys(), min_size=1, max_size=3, unique_by=lambda key: key.field),
    query=st.sampled_from(sorted(QUERIES)),
    skip=st.integers(0, 20),
    count=st.integers(1, 100),
)
def test_a_page_is_the_part_of_all_documents_sorted(
    index: SmallIndex, keys: list[SortKey], query: str, skip: int, count: int
) -> None:
    asked, there = QUERIES[query]
    page = searched(index, asked, resolved(index, keys), skip=skip, count=count)
    assert places(page.entries) == expected_order(keys, there)[skip : skip + count]
    assert page.total == len(there)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(sort_keys(), min_size=1, max_size=3, unique_by=lambda key: key.field),
    count=st.integers(7, 40),
)
def test_pages_by_search_after_show_every_document_once_and_in_order(
    index: SmallIndex, keys: list[SortKey], count: int
) -> None:
    asked = resolved(index, [*keys, SortKey(field="_shard_doc")])
    seen: list[int] = []
    after = None
    while page := searched(index, MatchAll(), asked, count=count, after=after).entries:
        seen += places(page)
        after = page[-1].sort
    assert seen == expected_order(keys, range(len(DOCUMENTS)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=sort_keys(), count=st.integers(1, 40), place=st.integers(0, 89))
def test_what_comes_after_a_value_is_sorted_by_what_the_value_leaves_open(
    index: SmallIndex, key: SortKey, count: int, place: int
) -> None:
    keys = resolved(index, [key])
    order = expected_order([key], range(len(DOCUMENTS)))
    value = searched(index, MatchAll(), keys, count=len(order)).entries[place].sort
    mine = sort_value(DOCUMENTS[order[place]], key)
    beyond = [one for one in order if compare(sort_value(DOCUMENTS[one], key), mine, key) > 0]
    assert places(searched(index, MatchAll(), keys, count=count, after=value).entries) == beyond[:count]


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_a_score_is_a_key_like_any_other(index: SmallIndex, *, first: bool, ascending: bool) -> None:
    query = Term(field="t", value="word")
    scores = index.scores(query)
    by_score = SortKey(field="_score", ascending=ascending)
    by_number = SortKey(field="n")
    keys = [by_score, by_number] if first else [by_number, by_score]

    def order(one: int, other: int) -> int:
        number = compare(sort_value(DOCUMENTS[one], by_number), sort_value(DOCUMENTS[other], by_number), by_number)
        score = compare(scores[str(one)], scores[str(other)], by_score)
        return ((score, number) if first else (number, score))[0] or (number if first else score) or one - other

    expected = sorted(range(len(DOCUMENTS)), key=cmp_to_key(order))
    seen: list[int] = []
    after = None
    tied = [*keys, SortKey(field="_shard_doc")]
    while page := searched(index, query, resolved(index, tied), count=11, after=after, scores=True).entries:
        seen += places(page)
        after = page[-1].sort
        assert all(one.score == scores[str(one.seq_no)] for one in page)
    assert seen == expected


def test_the_order_of_writing_can_be_asked_for_both_ways(index: SmallIndex) -> None:
    page = searched(index, MatchAll(), resolved(index, [SortKey(field="_doc", ascending=False)]), count=3)
    assert places(page.entries) == [89, 88, 87]


def test_collapsing_keeps_the_first_hit_of_each_value(index: SmallIndex) -> None:
    keys = [SortKey(field="n", ascending=False)]
    (collapse,) = resolved(index, [SortKey(field="k")])
    order = expected_order(keys, range(len(DOCUMENTS)))
    expected: dict[Any, int] = {}
    for place in order:
        expected.setdefault(DOCUMENTS[place].get("k"), place)
    page = searched(index, MatchAll(), resolved(index, keys), count=50, collapse=collapse)
    assert {one.collapse_key: one.seq_no for one in page.entries} == expected
    second = searched(index, MatchAll(), resolved(index, keys), skip=2, count=3, collapse=collapse)
    assert places(second.entries) == list(expected.values())[2:5]


def test_hits_below_the_least_score_are_neither_shown_nor_counted(index: SmallIndex) -> None:
    query = Term(field="t", value="word")
    scores = index.scores(query)
    least = sorted(set(scores.values()))[1]
    page = searched(index, query, [], count=10, min_score=least)
    assert page.total == sum(score >= least for score in scores.values())
    assert page.max_score == max(scores.values())
    assert all(one.score is not None and one.score >= least for one in page.entries)


def test_totals_are_counted_as_far_as_they_are_tracked(index: SmallIndex) -> None:
    assert (searched(index, MatchAll(), [], count=0, tracked=10).total, False) == (10, False)
    assert not searched(index, MatchAll(), [], count=0, tracked=10).exact
    assert searched(index, MatchAll(), [], count=0, tracked=90).exact
    early = searched(index, MatchAll(), [], count=1, terminate_after=5)
    assert (early.total, early.terminated_early) == (5, True)


def test_a_search_without_time_says_so_and_gives_what_it_has(index: SmallIndex) -> None:
    reading = index.reading()
    keys = resolved(index, [SortKey(field="n")])
    query = Translator(index.surroundings(reading)).query(MatchAll())
    page = find(Scope(reading, deadline=0.0), query, Wanted(count=5, keys=keys))
    assert page.timed_out
    assert page.total == 90
    assert page.entries == []


def test_what_cannot_be_sorted_by_is_named(index: SmallIndex) -> None:
    with pytest.raises(UsageError, match=r"Text fields are not optimised.*\[t\]"):
        resolved(index, [SortKey(field="t")])
    with pytest.raises(NoMappingFoundError, match=r"No mapping found for \[nowhere\]"):
        resolved(index, [SortKey(field="nowhere")])
    for by_id in (SortKey(field="_id"), SortKey(field="_id", unmapped_type="keyword")):
        with pytest.raises(UsageError, match=r"\[_id\] field is disallowed") as told:
            resolved(index, [by_id])
        assert told.value.type == "illegal_argument_exception"
    with pytest.raises(UsageError, match=r"the sort mode \[avg\] is not supported"):
        resolved(index, [SortKey(field="ns", mode="avg")])


def test_more_hits_than_there_are_may_be_asked_for(index: SmallIndex) -> None:
    assert len(searched(index, MatchAll(), [], count=1 << 40).entries) == 90
    assert len(searched(index, MatchAll(), resolved(index, [SortKey(field="k")]), count=1 << 40).entries) == 90
