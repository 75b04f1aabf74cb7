"""Scrolls show every hit once, of the indices as they were, whatever the order and whichever node is asked."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from isthmus.errors import IsthmusError
from isthmus.query.mistakes import ValidationError
from isthmus.search.call import SearchCall
from isthmus.search.contexts import SearchContextMissingError
from tests.search.site import Site, ids, sequence

COUNT = 23


@pytest.fixture
async def filled(site: Site) -> Site:
    await site.index("here", sequence(11), node="one")
    await site.index("there", sequence(12, 11), node="two")
    return site


def call(**body: Any) -> SearchCall:
    return SearchCall(indices="*", body=msgspec.json.encode({"size": 5, **body}))


async def scroll(site: Site, **body: Any) -> list[list[str]]:
    """The pages of a scroll that is asked of both nodes in turn."""
    nodes = [site.one, site.two]
    answer = await nodes[0].scrolls.open(call(**body), 60.0)
    pages = []
    while ids(answer):
        assert answer["hits"]["total"] == {"value": COUNT, "relation": "eq"}
        pages.append(ids(answer))
        nodes.reverse()
        answer = msgspec.json.decode(await nodes[0].scrolls.next(answer["_scroll_id"], 60.0, total_as_int=False))
    return pages


@pytest.mark.parametrize(
    "sort",
    [
        {},
        {"sort": ["_doc"]},
        {"sort": [{"tag.keyword": "desc"}]},
        {"sort": [{"n": "desc"}]},
        {"sort": ["tag.keyword", "_score"]},
        {"sort": ["_score"]},
    ],
)
async def test_every_hit_is_on_one_page(filled: Site, sort: dict[str, Any]) -> None:
    pages = await scroll(filled, **sort)
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    assert sorted(one for page in pages for one in page) == sorted(sequence(COUNT))


async def test_the_order_goes_on_from_page_to_page(filled: Site) -> None:
    pages = await scroll(filled, sort=[{"n": "desc"}])
    assert [one for page in pages for one in page] == sorted(sequence(COUNT), reverse=True)


async def test_what_is_written_meanwhile_is_not_seen(filled: Site) -> None:
    first = await filled.one.scrolls.open(call(sort=["n"], size=20), 60.0)
    await filled.write("there", sequence(20, 500))
    rest = msgspec.json.decode(await filled.one.scrolls.next(first["_scroll_id"], None, total_as_int=True))
    assert ids(rest) == ["020", "021", "022"]
    assert rest["hits"]["total"] == COUNT
    assert rest["hits"]["hits"][0]["sort"] == [20]


async def test_aggregations_are_told_on_the_first_page_alone(filled: Site) -> None:
    first = await filled.one.scrolls.open(call(aggs={"n": {"max": {"field": "n"}}}), 60.0)
    assert first["aggregations"]["n"]["value"] == COUNT - 1
    assert b"aggregations" not in bytes(await filled.one.scrolls.next(first["_scroll_id"], None, total_as_int=False))


async def test_a_scroll_that_was_closed_is_kept_nowhere(filled: Site) -> None:
    first = await filled.one.scrolls.open(call(), 60.0)
    assert await filled.two.scrolls.clear([first["_scroll_id"]]) == 1
    assert await filled.two.scrolls.clear([first["_scroll_id"]]) == 0
    with pytest.raises(SearchContextMissingError):
        await filled.one.scrolls.next(first["_scroll_id"], None, total_as_int=False)
    with pytest.raises(IsthmusError) as missing:
        await filled.two.scrolls.next(first["_scroll_id"], None, total_as_int=False)
    assert (missing.value.type, missing.value.status) == ("search_context_missing_exception", 404)
    await filled.one.scrolls.close()
    assert len(filled.one.local.contexts) == len(filled.two.local.contexts) == 0


async def test_all_scrolls_of_the_cluster_are_closed_at_once(filled: Site) -> None:
    await filled.one.scrolls.open(call(), 60.0)
    await filled.two.scrolls.open(call(), 60.0)
    assert await filled.one.scrolls.clear_all() == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"from": 1}, "using \\[from\\] is not allowed in a scroll context"),
        ({"size": 0}, "\\[size\\] cannot be \\[0\\] in a scroll context"),
        ({"track_total_hits": False}, "disabling \\[track_total_hits\\] is not allowed"),
        ({"sort": ["n"], "search_after": [1]}, "`search_after` cannot be used"),
    ],
)
async def test_what_cannot_be_scrolled_is_told(filled: Site, body: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        await filled.one.scrolls.open(call(**body), 60.0)


async def test_a_batch_that_is_too_large_is_told_so(filled: Site) -> None:
    with pytest.raises(IsthmusError) as refused:
        await filled.one.scrolls.open(call(size=10_001), 60.0)
    assert "Batch size is too large" in str(vars(refused.value))
    await filled.one.scrolls.close()
    assert len(filled.one.local.contexts) == 0
