"""What is asked again of the same view is remembered, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from isthmus.query.dates import RequestDates
from isthmus.search.parsing import parsed_search
from isthmus.search.part import IndexPart, SearchPart
from isthmus.search.rules import SearchRules
from isthmus.search.targets.remembered import key_of
from tests.search.site import Site, seen, sequence
from tests.search.test_service import call

SUM = {"n": {"sum": {"field": "n"}}}


async def test_an_answer_is_that_of_the_view_and_not_of_one_before(site: Site) -> None:
    await site.index("here", sequence(3), node="one")
    for _ in range(2):
        answer = await site.one.search.search(call("here", size=0, aggs=SUM))
        assert answer["aggregations"]["n"]["value"] == 3.0
    await site.write("here", sequence(2, 3))
    answer = await site.one.search.search(call("here", size=0, aggs=SUM))
    assert (answer["hits"]["total"]["value"], answer["aggregations"]["n"]["value"]) == (5, 10.0)


def _key(**body: Any) -> object:
    encoded = msgspec.json.encode(body)
    part = SearchPart((IndexPart("i", "u"),), encoded, RequestDates(0).now)
    parsed = parsed_search(encoded, {}, SearchRules().bounds)
    return key_of(part, parsed, parsed.request)


def test_an_aggregation_without_hits_is_remembered() -> None:
    assert _key(size=0, aggs=SUM) is not None
    assert _key(size=0, aggs=SUM) == _key(size=0, aggs=SUM)
    assert _key(size=0, aggs=SUM) != _key(size=0, aggs={"n": {"avg": {"field": "n"}}})


@pytest.mark.parametrize(
    "body",
    [
        {"size": 1},
        {"size": 0, "profile": True},
        {"size": 0, "query": {"range": {"d": {"gte": "now-1d"}}}},
        {"size": 0, "query": {"terms": {"f": {"index": "i", "id": "1", "path": "p"}}}},
    ],
    ids=["hits", "times", "now", "another document"],
)
def test_what_may_differ_next_time_is_not_remembered(body: dict[str, Any]) -> None:
    assert _key(**body) is None


async def test_what_is_shown_again_is_what_was_shown_and_each_way_of_showing_it_its_own(site: Site) -> None:
    await site.index("here", sequence(30), node="one")
    aggs = {"tags": {"terms": {"field": "tag.keyword"}, "aggs": SUM}}
    plain = call("here", size=0, aggs=aggs)
    typed = replace(plain, typed_keys=True)
    first = [seen(await site.two.search.search(one)) for one in (plain, typed)]
    for _ in range(3):
        again = [seen(await site.two.search.search(one)) for one in (plain, typed)]
        assert [one["aggregations"] for one in again] == [one["aggregations"] for one in first]
        assert [one["hits"] for one in again] == [one["hits"] for one in first]
    assert set(first[1]["aggregations"]) == {"sterms#tags"}
    await site.write("here", sequence(2, 30))
    later = seen(await site.two.search.search(plain))
    assert sum(one["doc_count"] for one in later["aggregations"]["tags"]["buckets"]) == 32
