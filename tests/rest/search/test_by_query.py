"""Documents deleted, written again and copied by a query, over HTTP and over two nodes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.search.conftest import Searching
from tests.search.site import sequence

ODD = {"query": {"term": {"tag": "odd"}}}


@pytest.fixture
async def numbers(searching: Searching) -> Searching:
    await searching.site.index("here", sequence(7), node="one")
    await searching.site.index("there", sequence(6, 7), node="two")
    return searching


async def counted(searching: Searching, index: str = "_all") -> int:
    return int((await searching.ask("GET", f"/{index}/_count")).json["count"])


async def test_what_a_query_matches_is_deleted_in_batches(numbers: Searching) -> None:
    answer = await numbers.ask("POST", "/*ere/_delete_by_query?scroll_size=2&refresh", ODD)
    told = answer.json
    assert (told["total"], told["deleted"], told["batches"], told["failures"]) == (6, 6, 3, [])
    assert await counted(numbers) == 7


async def test_no_more_are_deleted_than_asked(numbers: Searching) -> None:
    told = (await numbers.ask("POST", "/here/_delete_by_query?max_docs=2&refresh=true", ODD)).json
    assert (told["total"], told["deleted"]) == (2, 2)
    assert await counted(numbers, "here") == 5


async def test_what_is_written_again_has_a_new_version(numbers: Searching) -> None:
    told = (await numbers.ask("POST", "/there/_update_by_query?refresh=true")).json
    assert (told["updated"], told["version_conflicts"]) == (6, 0)
    found = await numbers.ask("POST", "/there/_search", {"version": True, "size": 1})
    assert found.json["hits"]["hits"][0]["_version"] == 2


@pytest.mark.parametrize(("conflicts", "status", "failures"), [("proceed", 200, 0), ("abort", 409, 1)])
async def test_a_document_that_changed_meanwhile_is_left_alone(
    numbers: Searching, monkeypatch: pytest.MonkeyPatch, conflicts: str, status: int, failures: int
) -> None:
    write = numbers.site.one.documents.write
    changed: list[str] = []

    async def change_first(index: Any, items: Any, *rest: Any) -> Any:
        if not changed:
            changed.append("003")
            await numbers.site.write("here", {"003": {"n": 3, "tag": "changed"}})
        return await write(index, items, *rest)

    monkeypatch.setattr(numbers.by_query._documents, "write", change_first)
    answer = await numbers.ask("POST", f"/here/_delete_by_query?conflicts={conflicts}&refresh=true", ODD)
    assert answer.status == status
    assert (answer.json["deleted"], answer.json["version_conflicts"]) == (2, 1)
    assert [one["cause"]["type"] for one in answer.json["failures"]] == ["version_conflict_engine_exception"] * failures
    assert await counted(numbers, "here") == 5


async def test_documents_are_copied_from_node_to_node(numbers: Searching) -> None:
    await numbers.site.index("copy", {}, node="two")
    body = {"source": {"index": ["here", "there"], "size": 3, "_source": ["n"]}, "dest": {"index": "copy"}}
    told = (await numbers.ask("POST", "/_reindex?refresh=true", body)).json
    assert (told["total"], told["created"], told["updated"], told["batches"]) == (13, 13, 0, 5)
    found = await numbers.ask("POST", "/copy/_search", {"query": {"term": {"n": 12}}})
    (hit,) = found.json["hits"]["hits"]
    assert (hit["_id"], hit["_source"]) == ("012", {"n": 12})
    again = await numbers.ask("POST", "/_reindex", body | {"dest": {"index": "copy", "op_type": "create"}})
    assert (again.status, again.json["version_conflicts"]) == (409, 3)
    proceeding = body | {"dest": {"index": "copy", "op_type": "create"}, "conflicts": "proceed"}
    assert (await numbers.ask("POST", "/_reindex", proceeding)).json["version_conflicts"] == 13


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/here/_delete_by_query", None, "query is missing"),
        ("/here/_delete_by_query", {}, "query is missing"),
        ("/here/_delete_by_query", {"query": None, "max_docs": 1}, "query is missing"),
        ("/here/_delete_by_query?slices=4", ODD, "[slices] of more than one is not supported"),
        ("/here/_delete_by_query?wait_for_completion=false", ODD, "[wait_for_completion] of [false]"),
        ("/here/_delete_by_query?requests_per_second=5", ODD, "[requests_per_second] is not supported"),
        ("/here/_update_by_query", {"script": {"source": "x"}}, "[script] of [by query] is not supported"),
        ("/here/_update_by_query?conflicts=often", {}, "conflicts may only be"),
        ("/_reindex", {"source": {"index": "here"}}, "use _reindex with [source] and [dest]"),
        (
            "/_reindex",
            {"source": {"index": "here", "remote": {"host": "http://x"}}, "dest": {"index": "copy"}},
            "[remote] of [source] is not supported",
        ),
        ("/_reindex", {"source": {"index": "here"}, "dest": {"index": "here"}}, "its reading from [here]"),
    ],
)
async def test_what_is_wrong_or_not_supported_is_named(numbers: Searching, path: str, body: Any, reason: str) -> None:
    refused = await numbers.ask("POST", path, body)
    assert refused.status == 400
    assert reason in refused.reason
    assert await counted(numbers) == 13


@pytest.mark.parametrize("path", ["/here/_delete_by_query?q=*", "/here/_update_by_query?q=*"])
async def test_copies_that_never_come_are_not_waited_for(numbers: Searching, path: str) -> None:
    answer = await numbers.ask("POST", f"{path}&wait_for_active_shards=2")
    assert (answer.status, "[wait_for_active_shards] of [2]" in answer.text) == (400, True)
    assert (await numbers.ask("POST", f"{path}&wait_for_active_shards=all&timeout=1m")).status == 200


async def test_the_time_for_a_search_is_the_search_s_own(numbers: Searching) -> None:
    answer = await numbers.ask("POST", "/here/_delete_by_query?q=*&search_timeout=soon")
    assert (answer.status, "[soon]" in answer.text) == (400, True)
    assert (await numbers.ask("POST", "/here/_delete_by_query?q=*&search_timeout=1m")).json["deleted"] == 7
