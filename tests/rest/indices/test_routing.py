"""The routing of documents: what an alias gives, and what a mapping requires."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.indices.conftest import Asking

REQUIRED: dict[str, Any] = {"mappings": {"_routing": {"required": True}}}
ALIASED: dict[str, Any] = {"aliases": {"mine": {"routing": "7"}}}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "_doc/1", {"n": 2}),
        ("PUT", "_create/1", {"n": 2}),
        ("GET", "_doc/1", None),
        ("GET", "_source/1", None),
        ("POST", "_update/1", {"doc": {"n": 2}}),
        ("DELETE", "_doc/1", None),
    ],
)
async def test_a_document_whose_mapping_requires_a_routing_is_not_touched_without_one(
    ask: Asking, method: str, path: str, body: Any
) -> None:
    await ask.done("PUT", "/logs", REQUIRED)
    await ask.done("PUT", "/logs/_doc/1?routing=a", {"n": 1})
    refused = await ask(method, f"/logs/{path}", body)
    assert (refused.status, refused.type, refused.reason) == (
        400,
        "routing_missing_exception",
        "routing is required for [logs]/[1]",
    )
    assert (await ask.done("GET", "/logs/_doc/1?routing=a"))["_source"] == {"n": 1}


async def test_of_many_documents_those_without_a_required_routing_are_refused(ask: Asking) -> None:
    await ask.done("PUT", "/logs", REQUIRED)
    written = await ask.lines(
        "/logs/_bulk", {"index": {"_id": "1"}}, {"n": 1}, {"index": {"_id": "2", "routing": "a"}}, {"n": 2}
    )
    assert [one["index"]["status"] for one in written["items"]] == [400, 201]
    told = (await ask.done("GET", "/logs/_mget", {"docs": [{"_id": "2"}, {"_id": "2", "routing": "a"}]}))["docs"]
    assert (told[0]["error"]["type"], told[1]["_routing"]) == ("routing_missing_exception", "a")


async def test_whether_a_routing_is_required_does_not_change(ask: Asking) -> None:
    await ask.done("PUT", "/logs", REQUIRED)
    assert "from [true] to [false]" in (await ask("PUT", "/logs/_mapping", {"_routing": {"required": False}})).reason
    assert "unknown parameter [path]" in (await ask("PUT", "/logs/_mapping", {"_routing": {"path": "n"}})).reason


async def test_a_document_written_through_an_alias_has_the_aliass_routing(ask: Asking) -> None:
    await ask.done("PUT", "/logs", ALIASED)
    await ask.done("PUT", "/mine/_doc/1", {"n": 1})
    await ask.lines("/_bulk", {"index": {"_index": "mine", "_id": "2"}}, {"n": 2})
    assert [(await ask.done("GET", f"/logs/_doc/{id_}"))["_routing"] for id_ in "12"] == ["7", "7"]


@pytest.mark.parametrize(("method", "body"), [("PUT", {"n": 1}), ("GET", None)])
async def test_another_routing_than_the_aliass_is_refused(ask: Asking, method: str, body: Any) -> None:
    await ask.done("PUT", "/logs", ALIASED)
    refused = await ask(method, "/mine/_doc/1?routing=8", body)
    assert refused.status == 400
    assert refused.reason.startswith("Alias [mine] has index routing associated with it [7]")
