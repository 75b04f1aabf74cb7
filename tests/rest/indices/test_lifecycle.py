"""Indices made, shown and deleted over HTTP."""

from __future__ import annotations

import pytest

from tests.rest.indices.site import Site
from tests.rest.node import SECOND

ELSEWHERE = {"index.routing.allocation.require._name": SECOND.name}


async def test_an_index_is_made_shown_and_deleted(site: Site) -> None:
    body = {
        "settings": {"number_of_replicas": 0, "index": {"max_result_window": 5}},
        "mappings": {"properties": {"at": {"type": "date"}}},
        "aliases": {"all-logs": {"is_write_index": True}},
    }
    made = await site.send("PUT", "/logs", body)
    assert made.json == {"acknowledged": True, "shards_acknowledged": True, "index": "logs"}
    told = (await site.get("/logs"))["logs"]
    assert told["mappings"] == {"properties": {"at": {"type": "date"}}}
    assert told["aliases"] == {"all-logs": {"is_write_index": True}}
    settings = told["settings"]["index"]
    assert (settings["number_of_shards"], settings["number_of_replicas"]) == ("1", "0")
    assert (settings["max_result_window"], settings["provided_name"]) == ("5", "logs")
    assert (await site.send("DELETE", "/logs")).json == {"acknowledged": True}
    assert (await site.send("HEAD", "/logs")).status == 404


async def test_an_index_that_is_there_is_not_made_again(site: Site) -> None:
    await site.make("logs")
    again = await site.send("PUT", "/logs")
    assert (again.status, again.type) == (400, "resource_already_exists_exception")
    assert again.json["error"]["index"] == "logs"


async def test_a_missing_index_is_told_with_its_name(site: Site) -> None:
    missing = await site.send("GET", "/absent")
    assert (missing.status, missing.type, missing.reason) == (
        404,
        "index_not_found_exception",
        "no such index [absent]",
    )
    assert missing.json["error"]["resource.id"] == missing.json["error"]["index"] == "absent"
    assert missing.json["error"]["root_cause"][0]["resource.type"] == "index_or_alias"


@pytest.mark.parametrize("name", ["Logs", "_logs", "-logs", "lo%23gs", "lo%20gs", "a" * 256])
async def test_a_name_that_no_index_may_have_is_refused(site: Site, name: str) -> None:
    refused = await site.send("PUT", f"/{name}")
    assert (refused.status, refused.type) == (400, "invalid_index_name_exception")


async def test_a_typing_error_in_the_body_is_named(site: Site) -> None:
    refused = await site.send("PUT", "/logs", {"mapings": {}})
    assert refused.status == 400
    assert "mapings" in refused.reason
    assert (await site.send("HEAD", "/logs")).status == 404


async def test_an_index_for_a_node_that_is_not_there_is_refused(site: Site) -> None:
    refused = await site.send("PUT", "/logs", {"settings": {"index.routing.allocation.require._name": "nobody"}})
    assert refused.status in (400, 503)
    assert "nobody" in refused.reason


async def test_an_index_is_not_made_when_its_node_does_not_answer(site: Site) -> None:
    assert (await site.send("PUT", "/logs", {"settings": ELSEWHERE})).status == 503
    assert (await site.send("HEAD", "/logs")).status == 404


async def test_indices_are_deleted_by_name_only_unless_the_cluster_allows_more(site: Site) -> None:
    for name in ("logs-1", "logs-2", "books"):
        await site.make(name)
    for pattern in ("logs-*", "_all", "*"):
        refused = await site.send("DELETE", f"/{pattern}")
        assert (refused.status, refused.reason) == (400, "Wildcard expressions or all indices are not allowed")
    await site.send("PUT", "/_cluster/settings", {"persistent": {"action.destructive_requires_name": False}})
    assert (await site.send("DELETE", "/logs-*")).status == 200
    assert list(await site.get("/_all")) == ["books"]


async def test_an_alias_names_no_index_to_delete(site: Site) -> None:
    await site.make("logs-1", aliases={"logs": {}})
    refused = await site.send("DELETE", "/logs")
    assert refused.status == 400
    assert "logs-1" in refused.reason


async def test_deleting_what_is_not_there_is_an_error_unless_it_may_be_missing(site: Site) -> None:
    await site.make("books")
    assert (await site.send("DELETE", "/books,absent")).status == 404
    assert (await site.send("HEAD", "/books")).status == 200
    assert (await site.send("DELETE", "/books,absent?ignore_unavailable=true")).status == 200
    assert (await site.send("HEAD", "/books")).status == 404


async def test_hidden_indices_are_shown_when_asked_for(site: Site) -> None:
    await site.make("open")
    await site.make("secret", settings={"hidden": True})
    assert list(await site.get("/*")) == ["open"]
    assert list(await site.get("/*?expand_wildcards=open,hidden")) == ["open", "secret"]
    assert list(await site.get("/*?expand_wildcards=all")) == ["open", "secret"]
    refused = await site.send("GET", "/*?expand_wildcards=some")
    assert (refused.status, "some" in refused.reason) == (400, True)


async def test_what_is_shown_can_be_chosen(site: Site) -> None:
    await site.make("logs")
    assert list((await site.get("/logs?features=aliases"))["logs"]) == ["aliases"]
    flat = (await site.get("/logs?flat_settings"))["logs"]["settings"]
    assert flat["index.number_of_shards"] == "1"
    defaults = (await site.get("/logs?include_defaults"))["logs"]["defaults"]
    assert defaults["index"]["max_result_window"] == "10000"


@pytest.mark.parametrize(("asked", "status"), [("0", 200), ("1", 200), ("all", 200), ("2", 400), ("some", 400)])
async def test_more_copies_than_there_ever_are_cannot_be_waited_for(site: Site, asked: str, status: int) -> None:
    assert (await site.send("PUT", f"/logs?wait_for_active_shards={asked}")).status == status


@pytest.mark.parametrize("name", ["_close", "_open", "_shrink/b", "_split/b", "_clone/b", "_rollover", "_forcemerge"])
async def test_what_indices_cannot_do_is_refused_by_name(site: Site, name: str) -> None:
    await site.make("logs")
    refused = await site.send("POST", f"/logs/{name}")
    assert refused.status == 400
    assert name.partition("/")[0] in refused.reason


async def test_paths_with_an_underscore_are_never_indices(site: Site) -> None:
    assert (await site.get("/_cat/indices?format=json")) == []
    unknown = await site.send("GET", "/_nonsense")
    assert (unknown.status, unknown.type) == (400, "invalid_index_name_exception")
    assert unknown.json["error"]["index"] == "_nonsense"
    nowhere = await site.send("GET", "/_nonsense/_more")
    assert (nowhere.status, nowhere.json) == (
        400,
        {"error": "no handler found for uri [/_nonsense/_more] and method [GET]"},
    )
    wrong = await site.send("POST", "/_nonsense")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "DELETE,GET,HEAD,PUT")
