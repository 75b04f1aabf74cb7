"""A search by shards: what is found is told by places, and fetched by them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from isthmus.query.body import parse_search
from isthmus.query.dates import RequestDates
from isthmus.query.parsing import Bounds, parse_query
from isthmus.query.partial import Hit, PartialResult
from isthmus.remote.incoming.hits import Origin
from isthmus.remote.incoming.results import Results
from isthmus.remote.incoming.shard_answers import fetched, found_here
from isthmus.search.aggregations.limits import BucketCount
from isthmus.search.service import Found
from isthmus.wire.errors import MalformedError
from isthmus.wire.search.requests import SHARD_SEARCH_REQUEST
from isthmus.wire.search.responses import FETCH_RESULT, QUERY_RESULT
from tests.wire.search_messages import RECORDED, layout_of

ORIGIN = Origin("node-1", {"logs": "u1"}, "far")
HITS = [Hit(index="logs", id=str(n), score=float(n), sort=(n,), source=b"{}") for n in range(3)]


def recorded_request() -> Any:
    """What a real one asked a shard."""
    (recorded, _) = (one for one in RECORDED if one["action"].endswith("[phase/query]") and one["dir"] == "->")
    return layout_of(recorded).decode(bytes.fromhex(recorded["body"]))["request"]


def found(body: dict[str, Any], hits: list[Hit]) -> Found:
    request = parse_search(body, partial(parse_query, bounds=Bounds()), {})
    return Found(request, PartialResult(hits=hits, total=len(hits), shards=1, max_score=2.0), {"logs": "u1"}, 0)


def told(body: dict[str, Any], hits: list[Hit]) -> Any:
    results = Results(RequestDates(0), BucketCount(10), final=False, of_shard=True)
    request = recorded_request()
    assert SHARD_SEARCH_REQUEST.decode(SHARD_SEARCH_REQUEST.encode(request)) == request
    answer = found_here(request, found(body, hits), results, "context")
    return QUERY_RESULT.decode(QUERY_RESULT.encode(answer))


def test_the_best_are_told_by_their_places_and_scores() -> None:
    top = told({}, [replace(hit, sort=()) for hit in HITS])["top_documents"]
    assert top.name == "scores"
    assert [(one["document"], one["score"]) for one in top.body["documents"]] == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_what_they_are_sorted_by_is_told_with_how_it_is_shown() -> None:
    dates = [replace(hit, score=None, sort_shown=(f"2026-01-0{place + 1}",)) for place, hit in enumerate(HITS)]
    answer = told({"sort": [{"ts": {"format": "yyyy-MM-dd"}}]}, dates)
    (shown,) = answer["sort_formats"]
    assert (shown.name, shown.body["pattern"]) == ("date_time", "yyyy-MM-dd")
    assert [one["sort"] for one in answer["top_documents"].body["documents"]] == [[("i64", n)] for n in range(3)]


def test_those_that_are_chosen_are_fetched_by_their_places() -> None:
    answer = fetched(found({}, HITS), ORIGIN, [2, 0], "context")
    there = FETCH_RESULT.decode(FETCH_RESULT.encode(answer))
    assert [hit["id"] for hit in there["hits"]["hits"]] == ["2", "0"]
    assert there["context"]["session"] == "context"


@pytest.mark.parametrize("place", [-1, 3])
def test_places_that_there_are_not_are_refused(place: int) -> None:
    with pytest.raises(MalformedError, match="was not found"):
        fetched(found({}, HITS), ORIGIN, [place], "context")
