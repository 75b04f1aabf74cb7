"""Searches over indices on two nodes: real indices, real messages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from isthmus.errors import IsthmusError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.expressions import Options
from isthmus.query.mistakes import ValidationError
from isthmus.search.call import SearchCall
from isthmus.search.failures import SearchPhaseError
from isthmus.search.rules import SearchRules
from isthmus.search.targets.local import LocalTarget
from tests.search.site import Site, ids, seen, sequence

BY_N = [{"n": "asc"}]


def call(indices: str | None = None, parameters: dict[str, str] | None = None, **body: Any) -> SearchCall:
    return SearchCall(indices=indices, body=msgspec.json.encode(body), parameters=parameters or {})


async def test_one_search_sees_the_indices_of_all_nodes(site: Site) -> None:
    await site.index("here", sequence(3), node="one")
    await site.index("there", sequence(3, 3), node="two")
    for node in (site.one, site.two):
        answer = await node.search.search(call("*", sort=BY_N, size=4))
        assert ids(answer) == ["000", "001", "002", "003"]
        assert answer["hits"]["total"] == {"value": 6, "relation": "eq"}
        assert answer["_shards"] == {"total": 2, "successful": 2, "skipped": 0, "failed": 0}


async def test_aggregations_of_two_nodes_are_added_up(site: Site) -> None:
    await site.index("here", sequence(3), node="one")
    await site.index("there", sequence(4, 3), node="two")
    tags = {"terms": {"field": "tag.keyword"}, "aggs": {"n": {"sum": {"field": "n"}}}}
    answer = await site.one.search.search(call("*", size=0, aggs={"tags": tags}))
    buckets = answer["aggregations"]["tags"]["buckets"]
    assert [(one["key"], one["doc_count"], one["n"]["value"]) for one in buckets] == [
        ("even", 4, 12.0),
        ("odd", 3, 9.0),
    ]


async def test_what_all_documents_of_an_index_share_makes_a_bucket_of_it(site: Site) -> None:
    level = {"properties": {"level": {"type": "constant_keyword", "value": "debug"}}}
    await site.index("here", sequence(3), node="one", mappings=level)
    await site.index("there", sequence(4, 3), node="two")
    below = {"aggs": {"n": {"max": {"field": "n"}}}}
    aggs = {
        "which": {"terms": {"field": "_index"}, **below},
        "level": {"terms": {"field": "level"}},
        "but": {"terms": {"field": "_index", "exclude": ["here"]}},
    }
    answer = seen(await site.one.search.search(call("*", size=0, aggs=aggs, query={"range": {"n": {"gte": 2}}})))
    found = {name: {b["key"]: b["doc_count"] for b in one["buckets"]} for name, one in answer["aggregations"].items()}
    assert found == {"which": {"there": 4, "here": 1}, "level": {"debug": 1}, "but": {"there": 4}}
    assert [b["n"]["value"] for b in answer["aggregations"]["which"]["buckets"]] == [6.0, 2.0]


async def test_collapsed_hits_show_what_they_stand_for(site: Site) -> None:
    await site.index("here", sequence(3))
    answer = seen(await site.one.search.search(call("here", collapse={"field": "tag.keyword"}, sort=BY_N)))
    assert [hit["fields"] for hit in answer["hits"]["hits"]] == [{"tag.keyword": ["even"]}, {"tag.keyword": ["odd"]}]


async def test_the_values_of_a_text_are_not_to_be_had(site: Site) -> None:
    await site.index("here", sequence(3))
    with pytest.raises(SearchPhaseError) as refused:
        await site.one.search.search(call("here", docvalue_fields=["tag"]))
    assert "Text fields are not optimised" in refused.value.failures[0].reason


async def test_a_node_that_is_away_is_a_failure_of_its_indices(site: Site) -> None:
    await site.index("here", sequence(2), node="one")
    await site.index("there", sequence(2), node="two")
    site.network.away.add("two")
    answer = await site.one.search.search(call("*"))
    assert answer["hits"]["total"]["value"] == 2
    shards = answer["_shards"]
    assert (shards["total"], shards["successful"], shards["failed"]) == (2, 1, 1)
    assert shards["failures"][0]["index"] == "there"
    assert shards["failures"][0]["reason"]["type"] == "connect_transport_exception"


async def test_without_partial_answers_a_failure_of_one_index_fails_the_search(site: Site) -> None:
    await site.index("here", sequence(2), node="one")
    await site.index("there", sequence(2), node="two")
    site.network.away.add("two")
    with pytest.raises(SearchPhaseError) as failed:
        await site.one.search.search(SearchCall(indices="*", allow_partial=False))
    assert (failed.value.reason, failed.value.status) == ("Partial shards failure", 503)
    site.one.rules = SearchRules(allow_partial_results=False)
    with pytest.raises(SearchPhaseError):
        await site.one.search.search(SearchCall(indices="*"))


async def test_a_search_that_fails_everywhere_has_the_status_of_the_cause(site: Site) -> None:
    await site.index("here", sequence(2), settings={"index.max_result_window": "5"})
    with pytest.raises(SearchPhaseError) as failed:
        await site.one.search.search(call("here", size=6))
    assert failed.value.status == 400
    (cause,) = failed.value.root_causes
    assert cause["type"] == "illegal_argument_exception"
    assert cause["reason"].startswith("Result window is too large, from + size must be less than or equal to: [5]")


async def test_a_name_that_means_nothing_is_told_unless_it_may_be_missing(site: Site) -> None:
    await site.index("here", sequence(2))
    with pytest.raises(IndexNotFoundError):
        await site.one.search.search(call("here,nowhere"))
    lenient = SearchCall(indices="here,nowhere", options=Options(ignore_unavailable=True))
    assert (await site.one.search.search(lenient))["hits"]["total"]["value"] == 2
    assert (await site.one.search.search(call("nothing-*")))["_shards"]["total"] == 0


async def test_an_alias_shows_only_what_its_filter_lets_through(site: Site) -> None:
    filters = {"evens": {"term": {"tag": "even"}}, "first": {"term": {"n": 1}}, "all": None}
    await site.index("here", sequence(6), node="two", aliases=filters)
    for name, expected in (("evens", 3), ("first", 1), ("evens,first", 4), ("evens,all", 6), ("evens,here", 6)):
        assert (await site.one.search.search(call(name)))["hits"]["total"]["value"] == expected, name


async def test_an_index_weighs_what_its_boost_says(site: Site) -> None:
    await site.index("light", {"l": {"t": "x"}})
    await site.index("heavy", {"h": {"t": "x"}}, node="two")
    answer = await site.one.search.search(call("*", indices_boost=[{"li*": 0.5}, {"*": 2}]))
    assert [(hit["_id"], hit["_score"]) for hit in answer["hits"]["hits"]] == [("h", 2.0), ("l", 0.5)]


async def test_terms_are_looked_up_in_a_document_of_another_node(site: Site) -> None:
    await site.index("lists", {"mine": {"user": [{"ids": [1, 4]}, {"ids": 5}]}}, node="two")
    await site.index("here", sequence(6))
    lookup = {"index": "lists", "id": "mine", "path": "user.ids"}
    answer = await site.one.search.search(call("here", query={"terms": {"n": lookup}}, sort=BY_N))
    assert ids(answer) == ["001", "004", "005"]
    nobody = await site.one.search.search(call("here", query={"terms": {"n": lookup | {"id": "other"}}}))
    assert nobody["hits"]["total"]["value"] == 0


async def test_a_query_that_one_index_cannot_answer_is_its_failure_alone(site: Site) -> None:
    await site.index("numbers", {"1": {"v": 5}})
    await site.index("words", {"2": {"v": "five"}})
    answer = await site.one.search.search(call("*", query={"range": {"v": {"gte": "five"}}}))
    assert ids(answer) == ["2"]
    (failure,) = answer["_shards"]["failures"]
    assert (failure["index"], failure["node"]) == ("numbers", "one")


async def test_a_panic_of_the_engine_is_a_failure_that_tells_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PanicError(BaseException):
        pass

    def panic(*_: object) -> None:
        raise PanicError("inside")

    await site.index("here", sequence(2))
    monkeypatch.setattr("isthmus.search.targets.local._searched", panic)
    with pytest.raises(SearchPhaseError) as failed:
        await site.one.search.search(call("here"))
    assert failed.value.status == 500
    assert "inside" not in str(failed.value.failures)


async def test_a_point_in_time_shows_what_was_there_when_it_was_opened(site: Site) -> None:
    await site.index("here", sequence(3))
    await site.index("there", sequence(3, 3), node="two")
    point = (await site.one.search.open_point_in_time("*", Options(), 60.0))["id"]
    await site.write("here", sequence(3, 100))
    await site.write("there", {"003": {"n": -1}})
    answer = await site.two.search.search(call(pit={"id": point}, sort=BY_N))
    assert ids(answer) == ["000", "001", "002", "003", "004", "005"]
    assert answer["pit_id"] == point
    assert await site.two.search.close_point_in_time(point) == 2
    assert await site.two.search.close_point_in_time(point) == 0
    with pytest.raises(SearchPhaseError) as failed:
        await site.one.search.search(call(pit={"id": point}))
    assert (failed.value.status, failed.value.root_causes[0]["type"]) == (404, "search_context_missing_exception")


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_by_search_after_show_every_hit_once_though_all_sort_alike(site: Site, order: str) -> None:
    same = {str(n): {"n": 1} for n in range(7)}
    await site.index("here", same)
    await site.index("there", {f"t{n}": {"n": 1} for n in range(6)}, node="two")
    point = (await site.one.search.open_point_in_time("*", Options(), 60.0))["id"]
    found: list[str] = []
    after: dict[str, Any] = {}
    sort = [{"n": "asc"}, {"_shard_doc": order}]
    while page := seen(await site.one.search.search(call(pit={"id": point}, sort=sort, size=3, **after)))["hits"][
        "hits"
    ]:
        found += [hit["_id"] for hit in page]
        after = {"search_after": page[-1]["sort"]}
    assert sorted(found) == sorted([*same, *(f"t{n}" for n in range(6))])


async def test_a_point_in_time_names_no_indices(site: Site) -> None:
    await site.index("here", sequence(1))
    point = (await site.one.search.open_point_in_time("*", Options(), 60.0))["id"]
    with pytest.raises(ValidationError, match="cannot be used with point in time"):
        await site.one.search.search(call("here", pit={"id": point}))


async def test_a_point_in_time_that_cannot_be_opened_everywhere_is_opened_nowhere(site: Site) -> None:
    await site.index("here", sequence(1))
    await site.index("there", sequence(1), node="two")
    site.network.away.add("two")
    with pytest.raises(SearchPhaseError):
        await site.one.search.open_point_in_time("*", Options(), 60.0)
    assert contexts(site.one.local) == 0


async def test_only_so_many_contexts_are_kept(site: Site) -> None:
    await site.index("here", sequence(1))
    site.one.rules = SearchRules(max_open_contexts=1)
    await site.one.search.open_point_in_time("*", Options(), 60.0)
    with pytest.raises(IsthmusError) as refused:
        await site.one.search.open_point_in_time("*", Options(), 60.0)
    assert refused.value.status == 429


async def test_one_number_for_the_total_is_exact(site: Site) -> None:
    await site.index("here", sequence(5))
    assert (await site.one.search.search(SearchCall(indices="here", total_as_int=True)))["hits"]["total"] == 5
    limited = SearchCall(indices="here", total_as_int=True, parameters={"track_total_hits": "3"})
    with pytest.raises(IsthmusError, match="not accurate"):
        await site.one.search.search(limited)


def contexts(target: LocalTarget) -> int:
    return len(target.contexts)
