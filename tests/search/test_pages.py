"""Pages, places, lookups and failures, as values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import UsageError
from isthmus.query.lookups import lookups_of, values_at, with_values
from isthmus.query.partial import Failure, Hit, PartialResult
from isthmus.query.search_request import SearchRequest
from isthmus.query.sorts import SortKey
from isthmus.query.tree import Bool, Term, Terms, TermsLookup
from isthmus.search.failures import SearchPhaseError, check_failures, status_of
from isthmus.search.paging import Position, gone_on, page_of, without_tie_breaker
from isthmus.search.places import LAST, with_index_place, within_index
from isthmus.search.window import check_window

BY_PLACE = (SortKey(field="_shard_doc"),)
INDICES = st.lists(st.lists(st.integers(0, 50), unique=True, max_size=6), min_size=1, max_size=4)


@given(INDICES, st.booleans())
def test_what_comes_after_a_hit_is_the_same_in_every_index_and_in_all(indices: list[list[int]], up: bool) -> None:
    sort = (SortKey(field="_shard_doc", ascending=up),)
    hits = [
        hit
        for place, numbers in enumerate(indices)
        for hit in with_index_place([Hit(index=str(place), id=str(n), sort=(n,)) for n in numbers], sort, place)
    ]
    for hit in hits:
        expected = {one.sort for one in hits if (one.sort > hit.sort if up else one.sort < hit.sort)}
        found = set()
        for place, numbers in enumerate(indices):
            asked = within_index(SearchRequest(sort=sort, search_after=hit.sort), place).search_after
            assert asked is not None
            (bound,) = asked
            assert isinstance(bound, int)
            assert -1 <= bound <= LAST
            found |= {((place << 40) + n,) for n in numbers if (n > bound if up else n < bound)}
        assert found == expected


def test_a_place_that_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError, match="_shard_doc"):
        within_index(SearchRequest(sort=BY_PLACE, search_after=("x",)), 0)


def test_an_index_goes_on_after_its_own_last_hit() -> None:
    hits = [Hit(index="a", id="1", sort=(1,)), Hit(index="b", id="2", sort=(2,)), Hit(index="a", id="3", sort=(3,))]
    assert gone_on({}, hits, by_values=True) == {"a": Position(2, (3,)), "b": Position(1, (2,))}
    assert gone_on({"a": Position(5)}, hits, by_values=False) == {"a": Position(7), "b": Position(1)}


def test_the_tie_breaker_of_a_page_is_not_shown() -> None:
    request = SearchRequest(sort=(SortKey(field="n"),))
    assert [key.field for key in page_of(request, 5, further=False).sort] == ["n", "_shard_doc"]
    (hit,) = without_tie_breaker(request, [Hit(index="a", id="1", sort=(7, 3), sort_shown=(7, 3))])
    assert (hit.sort, hit.sort_shown) == ((7,), (7,))


def test_lookups_are_found_anywhere_and_replaced_by_their_values() -> None:
    lookup = TermsLookup(index="lists", id="1", path="ids")
    request = SearchRequest(
        query=Bool(should=(Term(field="a", value=1), Terms(field="n", lookup=lookup))),
        post_filter=Terms(field="m", lookup=lookup),
    )
    assert lookups_of(request) == [lookup]
    filled = with_values(request, {lookup: [1, 2]})
    assert lookups_of(filled) == []
    assert filled.post_filter == Terms(field="m", values=(1, 2))
    assert with_values(filled, {}) is filled


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ({"a": {"b": 1}}, [1]),
        ({"a": [{"b": [1, 2]}, {"b": "3"}, {"c": 4}]}, [1, 2, "3"]),
        ({"a": 5}, []),
        ({"a": {"b": {"c": 1}}}, []),
        ([], []),
    ],
)
def test_values_are_read_through_lists(source: Any, values: list[Any]) -> None:
    assert values_at(source, "a.b") == values


def failure(status: int) -> Failure:
    return Failure(index="i", type="t", reason="r", status=status)


@pytest.mark.parametrize(
    ("statuses", "status"), [([], 503), ([404], 404), ([400, 404], 400), ([400, 503, 404], 503), ([500, 503], 503)]
)
def test_the_status_of_failures_is_the_first_unless_a_node_is_at_fault(statuses: list[int], status: int) -> None:
    assert status_of([failure(one) for one in statuses]) == status


def test_a_result_is_answered_unless_nothing_was_searched_or_all_is_wanted() -> None:
    check_failures(PartialResult(), allow_partial=False)
    check_failures(PartialResult(shards=2, failures=[failure(400)]), allow_partial=True)
    for result, allow_partial in (
        (PartialResult(shards=1, failures=[failure(400)]), True),
        (PartialResult(shards=2, failures=[failure(400)]), False),
        (PartialResult(shards=2, timed_out=True), False),
    ):
        with pytest.raises(SearchPhaseError):
            check_failures(result, allow_partial=allow_partial)


def test_a_page_may_be_as_large_as_the_window_and_no_larger() -> None:
    check_window(SearchRequest(from_=5, size=5), None, 10)
    with pytest.raises(UsageError, match="from \\+ size must be less than or equal to: \\[10\\] but was \\[11\\]"):
        check_window(SearchRequest(from_=6, size=5), None, 10)
    with pytest.raises(UsageError, match="Batch size is too large"):
        check_window(SearchRequest(), 11, 10)
