"""Indices are made, shown and deleted as Elasticsearch's clients expect it."""

from __future__ import annotations

import pytest

from isthmus.rest.refused import REFUSED
from tests.rest.indices.conftest import Asking


async def test_an_index_is_made_shown_and_deleted(ask: Asking) -> None:
    body = {
        "settings": {"index": {"refresh_interval": "5s"}},
        "mappings": {"properties": {"at": {"type": "date"}}},
        "aliases": {"all": {"filter": {"term": {"at": "2026-01-01"}}}},
    }
    made = await ask.done("PUT", "/logs", body)
    assert made == {"acknowledged": True, "shards_acknowledged": True, "index": "logs"}
    assert (await ask("HEAD", "/logs")).status == 200
    told = (await ask.done("GET", "/logs"))["logs"]
    assert told["mappings"] == body["mappings"]
    assert told["aliases"] == body["aliases"]
    settings = told["settings"]["index"]
    assert (settings["refresh_interval"], settings["number_of_shards"]) == ("5s", "1")
    assert settings["provided_name"] == "logs"
    assert await ask.done("DELETE", "/logs") == {"acknowledged": True}
    assert (await ask("HEAD", "/logs")).status == 404


async def test_an_index_that_exists_is_told_with_its_uuid(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    uuid = (await ask.done("GET", "/logs"))["logs"]["settings"]["index"]["uuid"]
    answer = await ask("PUT", "/logs")
    assert (answer.status, answer.type) == (400, "resource_already_exists_exception")
    assert answer.reason == f"index [logs/{uuid}] already exists"
    assert (answer.json["error"]["index"], answer.json["error"]["index_uuid"]) == ("logs", uuid)


async def test_a_missing_index_is_told_with_elasticsearchs_keys(ask: Asking) -> None:
    answer = await ask("GET", "/absent")
    assert (answer.status, answer.reason) == (404, "no such index [absent]")
    error = answer.json["error"]
    assert {key: error[key] for key in ("type", "resource.type", "resource.id", "index", "index_uuid")} == {
        "type": "index_not_found_exception",
        "resource.type": "index_or_alias",
        "resource.id": "absent",
        "index": "absent",
        "index_uuid": "_na_",
    }
    assert error["root_cause"][0]["resource.id"] == "absent"


async def test_shards_that_never_come_are_not_acknowledged(ask: Asking) -> None:
    copies = {"settings": {"number_of_replicas": 1}}
    for number, (wanted, acknowledged) in enumerate((("1", True), ("2", False), ("all", False))):
        made = await ask.done("PUT", f"/logs-{number}?wait_for_active_shards={wanted}", copies)
        assert made["shards_acknowledged"] is acknowledged


@pytest.mark.parametrize("name", ["_logs", "Logs", "a%20b", "a%2Ab", "-a", "%3Clogs-%7Bnow%2Fd%7D%3E"])
async def test_a_name_that_no_index_may_have_makes_none(ask: Asking, name: str) -> None:
    assert (await ask("PUT", f"/{name}")).status == 400
    assert await ask.done("GET", "/_all?allow_no_indices=true") == {}


@pytest.mark.parametrize("path", ["/_nothing", "/_cats"])
async def test_a_name_that_begins_with_an_underscore_is_no_index(ask: Asking, path: str) -> None:
    answer = await ask("GET", path)
    assert (answer.status, answer.type) == (400, "invalid_index_name_exception")


async def test_paths_of_the_node_come_before_names_of_indices(ask: Asking) -> None:
    assert (await ask("GET", "/_cat/nodes")).status == 200
    assert (await ask.done("GET", "/_nodes"))["cluster_name"] == "demo"
    assert await ask.done("GET", "/_mapping") == {}


async def test_many_indices_are_deleted_only_where_the_cluster_allows_it(ask: Asking) -> None:
    for name in ("a1", "a2", "b"):
        await ask.done("PUT", f"/{name}")
    for expression in ("a*", "_all", "*"):
        assert (await ask("DELETE", f"/{expression}")).reason.startswith("Wildcard expressions or all indices")
    await ask.done("PUT", "/_cluster/settings", {"persistent": {"action.destructive_requires_name": False}})
    await ask.done("DELETE", "/a*")
    assert set(await ask.done("GET", "/_all")) == {"b"}


async def test_an_alias_is_no_index_to_delete(ask: Asking) -> None:
    await ask.done("PUT", "/logs", {"aliases": {"all": {}}})
    assert "matches an alias" in (await ask("DELETE", "/all")).reason
    assert (await ask("HEAD", "/logs")).status == 200


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"setings": {}}, "setings"),
        ({"settings": {"index.foo": 1}}, "index.foo"),
        ({"settings": {"number_of_shards": 2}}, "number_of_shards"),
        ({"mappings": {"properties": {"f": {"type": "dense_vector"}}}}, "dense_vector"),
        ({"aliases": {"x": {"filter": {"nothing": {}}}}}, "nothing"),
        ({"aliases": []}, "aliases"),
        ([], "object"),
    ],
)
async def test_what_an_index_cannot_be_made_of_is_refused_by_name(ask: Asking, body: object, named: str) -> None:
    answer = await ask("PUT", "/logs", body)
    assert (answer.status, named in answer.reason) == (400, True)
    assert (await ask("HEAD", "/logs")).status == 404


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("POST", "/logs/_close", "_close"),
        ("POST", "/logs/_open", "_open"),
        ("POST", "/logs/_forcemerge", "_forcemerge"),
        ("POST", "/_forcemerge", "_forcemerge"),
        ("PUT", "/_template/t", "_template"),
        ("PUT", "/_data_stream/d", "_data_stream"),
        ("GET", "/_cluster/state", "_cluster/state"),
        ("GET", "/_cluster/state/metadata", "_cluster/state"),
    ],
)
async def test_what_is_not_supported_is_refused_by_name(ask: Asking, method: str, path: str, named: str) -> None:
    await ask.done("PUT", "/logs")
    answer = await ask(method, path)
    assert (answer.status, f"[{named}] is not supported" in answer.reason) == (400, True)


@pytest.mark.parametrize("path", REFUSED)
async def test_an_api_that_is_not_served_is_refused_by_its_name(ask: Asking, path: str) -> None:
    refused = await ask("POST", path.translate({ord("{"): None, ord("}"): None}))
    named = "/".join(part for part in path.split("/") if part and "{" not in part)
    assert (refused.status, f"[{named}] is not supported" in refused.text) == (400, True)
