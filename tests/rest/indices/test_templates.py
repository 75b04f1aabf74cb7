"""Index templates and their components over HTTP."""

from __future__ import annotations

import pytest

from tests.rest.indices.site import Site

COMPONENT = {"template": {"settings": {"max_result_window": 5}, "mappings": {"properties": {"a": {"type": "long"}}}}}
TEMPLATE = {
    "index_patterns": ["logs-*"],
    "composed_of": ["base"],
    "priority": 7,
    "version": 3,
    "_meta": {"by": "me"},
    "template": {"settings": {"index": {"priority": "9"}}, "aliases": {"logs": {}}},
}


async def put(site: Site) -> None:
    assert (await site.send("PUT", "/_component_template/base", COMPONENT)).status == 200
    assert (await site.send("PUT", "/_index_template/logs", TEMPLATE)).status == 200


async def test_a_template_is_put_shown_and_deleted(site: Site) -> None:
    await put(site)
    (told,) = (await site.get("/_index_template/lo*"))["index_templates"]
    assert told == {"name": "logs", "index_template": TEMPLATE}
    (component,) = (await site.get("/_component_template"))["component_templates"]
    assert component["component_template"]["template"]["settings"] == {"index": {"max_result_window": "5"}}
    assert (await site.send("HEAD", "/_index_template/logs")).status == 200
    assert (await site.send("DELETE", "/_index_template/logs")).json == {"acknowledged": True}
    assert (await site.send("HEAD", "/_index_template/logs")).status == 404


async def test_an_index_is_made_of_its_template_its_components_and_the_request(site: Site) -> None:
    await put(site)
    await site.make("logs-1", settings={"max_result_window": 6}, mappings={"properties": {"b": {"type": "keyword"}}})
    made = (await site.get("/logs-1"))["logs-1"]
    assert made["aliases"] == {"logs": {}}
    assert made["mappings"]["properties"] == {"a": {"type": "long"}, "b": {"type": "keyword"}}
    settings = made["settings"]["index"]
    assert (settings["max_result_window"], settings["priority"]) == ("6", "9")


async def test_the_first_document_makes_its_index_of_the_template(site: Site) -> None:
    await put(site)
    await site.write("logs-2", {"a": 1})
    assert (await site.get("/_alias/logs")) == {"logs-2": {"aliases": {"logs": {}}}}


async def test_what_an_index_would_be_is_told_without_making_it(site: Site) -> None:
    await put(site)
    await site.send("PUT", "/_index_template/less", {"index_patterns": ["*"], "priority": 1})
    told = (await site.send("POST", "/_index_template/_simulate_index/logs-9")).json
    assert told["template"]["mappings"] == {"properties": {"a": {"type": "long"}}}
    assert told["template"]["settings"]["index"]["max_result_window"] == "5"
    assert told["template"]["aliases"] == {"logs": {}}
    assert told["overlapping"] == [{"name": "less", "index_patterns": ["*"]}]
    assert await site.get("/_all") == {}


async def test_a_component_in_use_is_not_deleted(site: Site) -> None:
    await put(site)
    refused = await site.send("DELETE", "/_component_template/base")
    assert refused.status == 400
    assert "logs" in refused.reason


async def test_templates_of_one_priority_do_not_overlap(site: Site) -> None:
    await put(site)
    refused = await site.send("PUT", "/_index_template/other", {"index_patterns": ["*-1"], "priority": 7})
    assert refused.status == 400
    assert "logs" in refused.reason


async def test_create_does_not_replace(site: Site) -> None:
    await put(site)
    refused = await site.send("PUT", "/_index_template/logs?create=true", TEMPLATE)
    assert (refused.status, "logs" in refused.reason) == (400, True)


@pytest.mark.parametrize("path", ["/_index_template/absent", "/_component_template/absent"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_missing_template_is_404(site: Site, method: str, path: str) -> None:
    assert (await site.send(method, path)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"index_patterns": ["a"], "data_stream": {}},
        {"index_patterns": ["a"], "order": 1},
        {"index_patterns": ["a"], "composed_of": ["absent"]},
        {"index_patterns": ["a"], "template": {"mappings": {"properties": {"x": {"type": "txet"}}}}},
        {"index_patterns": ["a"], "template": {"settings": {"number_of_shard": 1}}},
    ],
)
async def test_a_template_that_cannot_be_is_refused(site: Site, body: object) -> None:
    assert (await site.send("PUT", "/_index_template/one", body)).status == 400
    assert await site.get("/_index_template") == {"index_templates": []}


@pytest.mark.parametrize("path", ["/_template/old", "/_template", "/_data_stream"])
async def test_legacy_templates_and_data_streams_are_refused_by_name(site: Site, path: str) -> None:
    refused = await site.send("GET", path)
    assert refused.status == 400
    assert path.split("/")[1] in refused.reason
